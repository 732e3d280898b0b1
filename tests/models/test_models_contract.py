"""What every model of the table keeps to, with every option that the papers' tables vary."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from avparse import features, models
from avparse.core.errors import CheckpointError, ConfigError, ShapeError, UnknownNameError
from avparse.evaluation.scoring import MAIN
from avparse.models.base import Model, Targets
from avparse.prediction.inference import predict

NAMES = models.MODELS.names()

PYRAMID: list[dict[str, Any]] = [
    {"structure": "last"},
    {"structure": "flat"},
    {"structure": "transformer"},
    {"conv": "none"},
    {"conv": "plain"},
    {"unit_attention": False},
    {"selective": False},
    {"shared": False},
]
WEAK: dict[str, Any] = {"supervision": "weak"}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "han": [
        *({"temporal": value} for value in ("none", "gru", "transformer")),
        *({"pooling": value} for value in ("max", "mean")),
        *({"losses": value} for value in ("wsl", "guided")),
        *({"noise": value} for value in ("none", "bootstrap")),
        {"as_released": True},
    ],
    "mm_pyramid": [*PYRAMID, {"as_released": True}, {"contrast": 1.0}],
    "cvcms": [
        *({"co_occurrence": value} for value in ("none", "audio", "visual", "both")),
        {"semantics": 0.0},
        {"contrast": 1.0},
    ],
    "cmran": [
        WEAK,
        *({"relation": value} for value in ("none", "self", "co", "cmra_f")),
        *({"attention": value} for value in ("agva", "mean")),
        *({"interaction": value} for value in ("none", "self")),
        *({"layers": value} for value in (0, 1, 4)),
        {"visual_width": 2048},
    ],
    "bmfn": [
        WEAK,
        {"refiner": "none"},
        {"refiner": "released"},
        *({"cells": value} for value in ("audio", "visual", "direction", "forward", "backward")),
        *({"joint": value} for value in ("add", "multiply", "concat")),
    ],
    "avel": [
        WEAK,
        *({"modality": value} for value in ("audio", "visual")),
        {"attention": False},
        {"attention": False, **WEAK},
    ],
    "dmrn": [WEAK],
    "psp": [WEAK, {"as_released": True}, {**WEAK, "weak_labels": "class"}],
    "mm_pyramid_ave": [WEAK, *PYRAMID],
    "linear_ave": [WEAK, {"modality": "audio"}, {"modality": "visual"}],
}
Case = tuple[str, dict[str, Any]]
VARIANTS: list[Case] = [(name, options) for name, rows in OPTIONS.items() for options in rows]
CASES: list[Case] = [*((name, {}) for name in NAMES), *VARIANTS]
RANDOM = {"refiner": "released"}
"""New weights in every pass: neither repeatable nor the same for a clip and its batch."""


def given(model: Model, batch: int, segments: int, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = {
        argument: features.create(extractor).shape for argument, extractor in model.inputs.items()
    }
    if "visual" in shapes and hasattr(model, "v_fc"):
        shapes["visual"] = (*shapes["visual"][:-1], model.v_fc.in_features)
    return {
        argument: torch.rand((batch, segments, *shape), generator=generator)
        for argument, shape in shapes.items()
    }


def targets(batch: int, segments: int, classes: int) -> Targets:
    labels = torch.arange(batch * segments).reshape(batch, segments) % (classes + 1)
    return Targets(torch.eye(classes)[torch.arange(batch) % classes], labels)


def label(case: Case) -> str:
    return "-".join((case[0], *map(str, case[1].values())))


def made(case: Case) -> Model:
    torch.manual_seed(0)
    model: Model = models.create(case[0], num_classes=5, **case[1])
    return model.eval()


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    return made((request.param, {}))


def check_shapes(model: Model, batch: int, segments: int) -> None:
    found = {n: array.shape for n, array in predict(model, given(model, batch, segments)).items()}
    if model.task == "parsing":
        assert found.pop("clip_prob") in ((batch, 5), (batch, 2, 5))
        assert found == {"segment_prob": (batch, segments, 2, 5)}
    elif "label_prob" in found:
        assert found == {"label_prob": (batch, segments, 6)}
    else:
        assert found == {"event_prob": (batch, segments), "class_prob": (batch, 6)}


@pytest.mark.parametrize(("batch", "segments"), [(1, 10), (3, 7), (2, 1)])
def test_shapes_for_any_batch_and_length(model: Model, batch: int, segments: int) -> None:
    check_shapes(model, batch, segments)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_every_parameter_gets_a_gradient(case: Case) -> None:
    model = made(case)
    check_shapes(model, 2, 3)
    model.train()
    model.epoch = 3  # past any warm-up
    torch.manual_seed(0)
    model.batch_loss(given(model, 3, 4), targets(3, 4, 5)).backward()
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


@pytest.mark.parametrize("case", [c for c in CASES if c[1] != RANDOM], ids=label)
def test_a_batch_equals_its_parts_and_probabilities_are(case: Case) -> None:
    model = made(case)
    together = given(model, 2, 4)
    whole, again = predict(model, together), predict(model, together)
    for name, array in whole.items():
        assert (array == again[name]).all()
        assert array.min() >= 0
        assert array.max() <= (2 if name == "clip_prob" else 1)
    for row in range(2):
        alone = predict(model, {k: x[row : row + 1] for k, x in together.items()})
        for name, array in alone.items():
            assert abs(array[0] - whole[name][row]).max() < 1e-5


def test_a_few_steps_learn_the_batch(model: Model) -> None:
    torch.manual_seed(0)
    x, y = given(model, 2, 4), targets(2, 4, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=model.recipe.learning_rate)
    losses = []
    for _ in range(10):
        loss = model.batch_loss(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    # Soft margins of probabilities of 6 labels lie between 0.63 and 0.78.
    assert losses[-1] < losses[0] * (0.999 if losses[0] < 0.8 else 0.95)


def test_save_and_load(model: Model, tmp_path: Path) -> None:
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    name = next(n for n in NAMES if models.MODELS.load(n) is type(model))
    other: Model = models.create(name, num_classes=5)
    other.load_state_dict(load_file(tmp_path / "m.safetensors"))
    x = given(model, 2, 3)
    for key, array in predict(other, x).items():
        assert (array == predict(model, x)[key]).all()


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_what_others_rely_on(name: str) -> None:
    model = models.create(name)
    assert model.task in MAIN
    assert model.inputs == models.INPUTS[name]
    assert set(model.inputs.values()) <= set(features.EXTRACTORS.names())
    assert model.num_classes == (25 if model.task == "parsing" else 28)


def test_unknown_names_options_and_values_are_refused_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="unknown model 'hann': did you mean 'han'"):
        models.create("hann")
    with pytest.raises(ConfigError, match="model han has no option 'widht': did you mean 'width'"):
        models.create("han", widht=3)
    with pytest.raises(ConfigError, match="option pooling = 'men': did you mean 'mean'"):
        models.create("han", pooling="men")


PUBLISHED_SIZES = {
    # name: (used parameters, of those in the released checkpoint)
    "han": (4_569_675, 9_307_723),
    "ma": (4_569_675, 11_673_933),
    "mm_pyramid": (40_827_469, 43_995_725),
    "cvcms": (8_005_940, 11_787_087),
    "cmran": (9_509_150, 15_863_262),
    "bmfn": (26_768_671, 42_699_167),
    "avel": (1_335_246, 1_335_246),
    "dmrn": (1_571_150, 1_571_150),
    "psp": (1_548_657, 1_667_251),
}


@pytest.mark.parametrize("name", PUBLISHED_SIZES)
def test_sizes_are_what_released_checkpoints_use(name: str) -> None:
    model = models.create(name, **({"refiner": "none"} if name == "bmfn" else {}))
    used, held = PUBLISHED_SIZES[name]
    assert sum(p.numel() for p in model.parameters()) == used <= held


def test_han_takes_eight_frames_a_segment_or_their_mean() -> None:
    torch.manual_seed(0)
    han = models.create("han").eval()
    x = given(han, 2, 10)
    frames = torch.rand(2, 80, 2048)
    mean = frames.reshape(2, 10, 8, 2048).mean(2)
    by_frame = han(**{**x, "visual": frames}).segment_prob
    by_mean = han(**{**x, "visual": mean}).segment_prob
    assert (by_frame - by_mean).abs().max() < 1e-5
    with pytest.raises(ShapeError, match="81 snippets do not divide into 10 segments"):
        han(**{**x, "visual": torch.rand(2, 81, 2048)})


@pytest.mark.parametrize("name", PUBLISHED_SIZES)
def test_a_published_checkpoint_comes_back(name: str) -> None:
    """By the published names, with aliases and unused entries about, behind ``module.``."""
    from avparse.models._published import published_name

    options = {"refiner": None} if name == "bmfn" else {}
    torch.manual_seed(0)
    model = models.create(name, num_classes=4, **options)
    state = {f"module.{published_name(model, k)}": v for k, v in model.state_dict().items()}
    assert len(state) == len(model.state_dict())
    given_ = {**state, "module.never_used": torch.zeros(3)}
    again = models.load_published(name, given_, num_classes=4, **options)
    assert not again.training
    for key, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[key])
    first = next(iter(state))
    bare = first.removeprefix("module.").replace(".", r"\.")
    with pytest.raises(CheckpointError, match=f"no {name}: {bare} is missing"):
        models.load_published(
            name, {k: v for k, v in state.items() if k != first}, num_classes=4, **options
        )
    with pytest.raises(CheckpointError, match=rf"{bare} is \(7,\), not \("):
        models.load_published(name, {**state, first: torch.zeros(7)}, num_classes=4, **options)


def test_the_released_refiner_draws_anew_and_the_learned_one_does_not() -> None:
    torch.manual_seed(0)
    released = models.create("bmfn", num_classes=3, refiner="released").eval()
    x = given(released, 2, 4)
    first, second = (released(**x).event_logits for _ in range(2))
    assert not torch.equal(first, second)
    torch.manual_seed(1)
    third = released(**x).event_logits
    torch.manual_seed(1)
    assert torch.equal(third, released(**x).event_logits)


def test_psp_keeps_old_targets_only_as_released() -> None:
    full = torch.zeros(1, 10, dtype=torch.int64)
    short = torch.full((1, 10), 3)
    short[0, 2:4] = 1
    labels = torch.eye(3)[:1]
    for as_released, wanted in ((False, 0.0), (True, 0.1)):
        model = models.create("psp", num_classes=3, as_released=as_released)
        model._similar(full != 3)
        share = model._similar(short != 3)
        assert share[0].tolist() == pytest.approx([wanted] * 2 + [0.5] * 2 + [wanted] * 6)
        assert math.isfinite(
            model.loss(model(**given(model, 1, 10)), Targets(labels, short)).item()
        )


def test_refined_labels_reach_their_modality_and_only_as_released_the_clip() -> None:
    clip = torch.tensor([[1.0, 1.0, 0.0]])
    refined = torch.tensor([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]])
    wanted = Targets(clip, modality_labels=refined)
    prob = torch.full((1, 3), 0.3)
    han = models.create("han", num_classes=3)
    # What refining took off is 0 for sure, not 0.05.
    assert han.visual_target(wanted, prob).tolist() == [pytest.approx([0.95, 0.0, 0.05])]
    assert han.clip_target(wanted).tolist() == clip.tolist()
    released = models.create("han", num_classes=3, as_released=True)
    assert released.clip_target(wanted).tolist() == [[0.0, 1.0, 0.0]]
    cvcms = models.create("cvcms", num_classes=3)
    assert cvcms.clip_target(wanted).tolist() == clip.tolist()
    assert cvcms.visual_target(wanted, prob).tolist() == [pytest.approx([0.95, 0.05, 0.05])]
    cvcms.epoch = 3
    assert cvcms.visual_target(wanted, prob).tolist() == [[1.0, 0.0, 0.0]]
