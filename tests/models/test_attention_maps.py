"""The attention maps of a model are the weights it computes with."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from avparse import features, models
from avparse.models._attention import MAPS, Recorder, watching
from avparse.models._relation import Decoder
from avparse.models._spatial import AGSCA, AVGA
from avparse.models.base import Model
from avparse.prediction.inference import predict, predict_and_watch

SHOWN: dict[str, set[str]] = {
    "han": {"when"},
    "ma": {"when"},
    "cvcms": {"when"},
    "mm_pyramid": {"when", "levels"},
    "avel_llp": set(),
    "linear_llp": set(),
    "cmran": {"where", "relation"},
    "bmfn": {"where"},
    "avel": {"where"},
    "dmrn": {"where"},
    "psp": {"where", "relation"},
    "mm_pyramid_ave": {"where", "levels"},
    "linear_ave": set(),
}
WITHOUT: list[tuple[str, dict[str, Any], set[str]]] = [
    ("han", {"pooling": "max"}, set()),
    ("mm_pyramid", {"structure": "last"}, {"when"}),
    ("mm_pyramid", {"selective": False}, {"when"}),
    ("cmran", {"attention": "mean"}, {"relation"}),
    ("cmran", {"relation": "none"}, {"where"}),
    ("cmran", {"relation": "cmra_f"}, {"where"}),
    ("cmran", {"attention": "agva"}, {"where", "relation"}),
    ("avel", {"modality": "audio"}, set()),
    ("avel", {"attention": False}, set()),
    ("psp", {"supervision": "weak"}, {"where", "relation"}),
]
CLIPS, SEGMENTS, CLASSES = 20, 4, 5
SHAPES = {
    "where": (CLIPS, SEGMENTS, 49),
    "when": (CLIPS, SEGMENTS, 2, CLASSES),
    "levels": (CLIPS, SEGMENTS, 2, 4),
    "relation": (CLIPS, 2 * SEGMENTS, 2 * SEGMENTS),
}


def made(name: str, **options: Any) -> Model:
    torch.manual_seed(0)
    model: Model = models.create(name, num_classes=CLASSES, **options)
    return model.eval()


def given(model: Model) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = {argument: features.create(name).shape for argument, name in model.inputs.items()}
    return {
        argument: torch.rand((CLIPS, SEGMENTS, *shape), generator=generator)
        for argument, shape in shapes.items()
    }


def shown(name: str, **options: Any) -> dict[str, Any]:
    model = made(name, **options)
    return predict_and_watch(model, given(model))[1]


@pytest.mark.parametrize("name", models.MODELS.names())
def test_maps_have_their_shape_and_watching_changes_nothing(name: str) -> None:
    model = made(name)
    inputs = given(model)
    said, maps = predict_and_watch(model, inputs)
    assert set(maps) == SHOWN[name]
    assert {n: array.shape for n, array in maps.items()} == {n: SHAPES[n] for n in maps}
    assert all(array.dtype == np.float32 for array in maps.values())
    for key, array in predict(model, inputs).items():
        np.testing.assert_allclose(said[key], array, atol=1e-5)
    assert all(m.recorded is None for m in model.modules() if isinstance(m, Recorder))


@pytest.mark.parametrize("name", [name for name in SHOWN if SHOWN[name]])
def test_maps_of_a_batch_are_those_of_its_clips(name: str) -> None:
    model = made(name)
    inputs = given(model)
    together = predict_and_watch(model, inputs)[1]
    for row in (0, 9, CLIPS - 1):
        alone = predict_and_watch(model, {k: x[row : row + 1] for k, x in inputs.items()})[1]
        for key, array in alone.items():
            np.testing.assert_allclose(together[key][row], array[0], atol=1e-5)


@pytest.mark.parametrize(("name", "options", "expected"), WITHOUT)
def test_an_ablation_shows_what_is_left(
    name: str, options: dict[str, Any], expected: set[str]
) -> None:
    assert set(shown(name, **options)) == expected


def test_every_map_is_shown_by_some_model() -> None:
    assert set().union(*SHOWN.values()) == set(MAPS)


@pytest.mark.parametrize("name", ["avel", "cmran", "bmfn", "psp", "dmrn", "mm_pyramid_ave"])
def test_cells_share_one(name: str) -> None:
    where = shown(name)["where"]
    np.testing.assert_allclose(where.sum(-1), 1, atol=1e-5)
    assert where.std(-1).min() > 0


def test_seconds_share_one_in_pooling_and_units_are_weighed_alone() -> None:
    maps = shown("mm_pyramid")
    np.testing.assert_allclose(maps["when"].sum(1), 1, atol=1e-5)
    assert maps["levels"].min() > 0
    assert maps["levels"].max() < 1


@pytest.mark.parametrize("kind", ["agsca", "avga"])
def test_a_module_returns_the_cells_weighed_as_shown(kind: str) -> None:
    torch.manual_seed(0)
    module = AGSCA(8, 6, 4) if kind == "agsca" else AVGA(8, 6, 4)
    visual, audio = torch.randn(2, 3, 49, 8), torch.randn(2, 3, 6)
    with torch.no_grad(), watching(module) as take:
        out = module(visual, audio)
        (weights,) = take().values()
    weighed = (weights * visual).sum(2)
    gate = out / weighed  # AGSCA's, of the channels: between one and two
    if kind == "avga":
        torch.testing.assert_close(out, weighed)
    else:
        assert ((gate > 1) & (gate < 2)).all()


def test_a_decoder_tells_its_own_seconds_from_the_others() -> None:
    torch.manual_seed(0)
    decoder = Decoder(8, 16, 1).eval()
    query, other = torch.randn(2, 3, 8), torch.randn(2, 3, 16)
    with torch.no_grad(), watching(decoder) as take:
        decoder(query, other)
        own, across = decoder.own_and_other({f"x.{n}": w for n, w in take().items()}, "x")
        mha = decoder.layer.attention
        asking = decoder.affine_matrix(query)
        q, k, _ = mha.in_proj_weight.chunk(3)
        to = torch.cat((asking, other), dim=1)
        expected = torch.softmax((asking @ q.T) @ (to @ k.T).mT / 4, dim=-1)
    assert own is not None
    assert across is not None
    torch.testing.assert_close(torch.cat((own, across), -1), expected)


def test_audio_comes_before_visual() -> None:
    """Each map against the weights recorded in the modules of both modalities."""
    for name in ("mm_pyramid", "cmran", "psp"):
        model = made(name)
        with torch.no_grad(), watching(model) as take:
            model(**given(model))
            sent = take()
            maps = model.attention_maps(sent)
        if name == "mm_pyramid":
            audio, visual = (sent[f"pyramid.{s}_fusion.weights"] for s in ("audio", "visual"))
            torch.testing.assert_close(maps["levels"], torch.stack((audio, visual), 2).squeeze(-1))
            continue
        quarters = maps["relation"].unflatten(1, (2, SEGMENTS)).unflatten(3, (2, SEGMENTS))
        asks_heard, asks_seen = quarters[:, 0].movedim(2, 0), quarters[:, 1].movedim(2, 0)
        if name == "psp":
            assert not asks_heard[0].any()
            assert not asks_seen[1].any()
            torch.testing.assert_close(asks_heard[1], sent["psp.audio_to_visual"])
            torch.testing.assert_close(asks_seen[0], sent["psp.visual_to_audio"])
        else:
            other, own = sent["audio_decoder.layer.weights"].chunk(2, -1)
            torch.testing.assert_close(asks_heard, torch.stack((own, other)))
            other, own = sent["video_decoder.layer.weights"].chunk(2, -1)
            torch.testing.assert_close(asks_seen, torch.stack((other, own)))


def test_units_are_those_of_the_stream_that_is_told_of() -> None:
    plain, swapped = (shown("mm_pyramid", as_released=value) for value in (False, True))
    np.testing.assert_array_equal(swapped["levels"], plain["levels"][:, :, ::-1])
    np.testing.assert_array_equal(swapped["when"], plain["when"][:, :, ::-1])


@pytest.mark.parametrize(
    ("relation", "own", "across"),
    [("cmra", True, True), ("self", True, False), ("co", False, True)],
)
def test_the_quarters_of_a_relation(relation: str, own: bool, across: bool) -> None:
    maps = shown("cmran", relation=relation)["relation"]
    np.testing.assert_allclose(maps.sum(-1), 1, atol=1e-5)
    quarters = maps.reshape(CLIPS, 2, SEGMENTS, 2, SEGMENTS)
    for asks in range(2):
        assert quarters[:, asks, :, asks].any() == own
        assert quarters[:, asks, :, 1 - asks].any() == across


def test_nothing_is_kept_unless_somebody_watches() -> None:
    model = made("cmran")
    predict(model, given(model))
    with watching(model) as take:
        assert take() == {}
        model(**{k: x[:3] for k, x in given(model).items()})
        assert {len(w) for w in take().values()} == {3}
        assert take() == {}
