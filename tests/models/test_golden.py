"""Outputs and training traces equal those of the published systems, for their own parameters."""

from typing import Any

import numpy as np
import pytest
import torch
from golden.arrays import FOLDER, INDEX, array, inputs, parameters
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse import models
from avparse.models.base import Model, Targets
from avparse.models.losses import soft_margin, synchrony

FLOAT, DOUBLE = torch.float32, torch.float64
WEAK: dict[str, Any] = {"supervision": "weak"}
BARE: dict[str, Any] = {"refiner": None}

PARSING = {
    "han": ("han", {}),
    "ma_base": ("ma", {}),
    "cvcms": ("cvcms", {}),
    "mm_pyramid_llp": ("mm_pyramid", {"as_released": True}),
}
TWO_HEADS = {
    "cmran_supervised": ("cmran", {}),
    "cmran_weak": ("cmran", WEAK),
    "bmfn_no_expansion_supervised": ("bmfn", BARE),
    "bmfn_no_expansion_weak": ("bmfn", {**BARE, **WEAK}),
}
SCORERS = {
    "avel_supervised": ("avel", {}, {"segment_probs": "segment_scores"}),
    "avel_weak": ("avel", WEAK, {"segment_scores": "segment_scores", "video_probs": "clip_prob"}),
    "dmrn_supervised": ("dmrn", {}, {"segment_probs": "segment_scores"}),
    "psp_supervised": (
        "psp",
        {},
        {"segment_logits": "segment_scores", "similarity": "similarity"},
    ),
    "psp_weak": ("psp", WEAK, {"segment_scores": "segment_scores", "video_probs": "clip_prob"}),
}


def loaded(reference: str, name: str, options: dict[str, Any]) -> Model:
    made: Model = models.load_published(name, parameters(reference), **options)
    return made.to(dtype(reference))


def dtype(reference: str) -> torch.dtype:
    return DOUBLE if INDEX[reference]["dtype"] == "float64" else FLOAT


def golden(reference: str) -> dict[str, NDArray[Any]]:
    with np.load(FOLDER / f"{reference}.npz") as arrays:
        return dict(arrays)


def said(reference: str, model: Model) -> Any:
    with torch.no_grad():
        return model(**{k: x.to(dtype(reference)) for k, x in inputs(reference).items()})


def check(found: Tensor | None, wanted: NDArray[Any], reference: str) -> None:
    assert found is not None
    atol = 1e-6 if dtype(reference) == DOUBLE else 2e-5
    np.testing.assert_allclose(found.numpy(), wanted, atol=atol, rtol=0)


@pytest.mark.parametrize("reference", PARSING)
def test_parsing_outputs(reference: str) -> None:
    output, wanted = said(reference, loaded(reference, *PARSING[reference])), golden(reference)
    check(output.clip_prob, wanted["out.global_prob"], reference)
    check(output.modality_prob[:, 0], wanted["out.audio_prob"], reference)
    check(output.modality_prob[:, 1], wanted["out.visual_prob"], reference)
    check(output.segment_prob, wanted["out.frame_prob"], reference)


def test_mm_pyramid_keeps_audio_first_unless_asked() -> None:
    right = said("mm_pyramid_llp", loaded("mm_pyramid_llp", "mm_pyramid", {}))
    swapped = said("mm_pyramid_llp", loaded("mm_pyramid_llp", "mm_pyramid", {"as_released": True}))
    check(right.segment_prob.flip(2), swapped.segment_prob.numpy(), "mm_pyramid_llp")
    check(right.clip_prob, swapped.clip_prob.numpy(), "mm_pyramid_llp")


def test_ma_similarity_and_contrast() -> None:
    output, wanted = said("ma_base", loaded("ma_base", "ma", {})), golden("ma_base")
    check(output.similarity.flatten(0, 1), wanted["out.similarity"], "ma_base")
    assert synchrony(output.similarity).item() == pytest.approx(
        float(wanted["out.contrast_loss"]), abs=1e-6
    )


def test_cvcms_contrast() -> None:
    model, given = loaded("cvcms", "cvcms", {}), inputs("cvcms")
    labels = torch.from_numpy(array("input.labels", (4, 25)) > 1.0).float()
    other = [1, 2, 3, 0]
    mixed = {k: torch.cat((x, x if k == "audio" else x[other])) for k, x in given.items()}
    rows = torch.cat((labels, labels)), torch.cat((labels, labels[other]))
    with torch.no_grad():
        loss = model.contrast_across(mixed, *rows)  # type: ignore[operator]
    wanted = float(golden("cvcms")["out.contrast_loss"])
    assert loss.item() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("reference", TWO_HEADS)
def test_two_headed_outputs(reference: str) -> None:
    output, wanted = said(reference, loaded(reference, *TWO_HEADS[reference])), golden(reference)
    event = wanted["out.event_logits"]
    check(output.event_logits, event[..., 0].T if event.ndim == 3 else event, reference)
    check(output.class_logits, wanted["out.class_logits"], reference)
    if "out.video_scores" in wanted:
        check(output.clip_prob, wanted["out.video_scores"], reference)


@pytest.mark.parametrize("reference", SCORERS)
def test_segment_scores(reference: str) -> None:
    name, options, named = SCORERS[reference]
    output, wanted = said(reference, loaded(reference, name, options)), golden(reference)
    for published, own in named.items():
        check(getattr(output, own), wanted[f"out.{published}"], reference)


def targets(reference: str, step: int) -> Targets:
    if INDEX[reference]["task"] == "parsing":
        labels = array(f"input.step{step}.target", (4, 25)) > 1.2
        return Targets(torch.from_numpy(labels).float())
    category = torch.tensor(
        [int(abs(x) * 1000) % 28 for x in array(f"input.step{step}.class", (4,))]
    )
    weak = torch.eye(28, dtype=dtype(reference))[category]
    event = torch.from_numpy(array(f"input.step{step}.event", (4, 10)) > -0.5)
    return Targets(weak, torch.where(event, category[:, None], 28))


TRACES = {
    "han": ("han", {}, 1e-4),
    "mm_pyramid_llp": ("mm_pyramid", {"as_released": True}, 5e-3),
    "cmran_supervised": ("cmran", {}, 1e-6),
    "cmran_weak": ("cmran", WEAK, 1e-6),
    "avel_supervised": ("avel", {}, 1e-6),
    "avel_weak": ("avel", WEAK, 1e-6),
    "dmrn_supervised": ("dmrn", {}, 1e-6),
    "psp_supervised": ("psp", {}, 1e-4),
    "psp_weak": ("psp", {**WEAK, "weak_labels": "class"}, 1e-6),
}


@pytest.mark.parametrize("reference", TRACES)
def test_training_trace(reference: str) -> None:
    name, options, tolerance = TRACES[reference]
    model = loaded(reference, name, options).train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
        if isinstance(module, nn.MultiheadAttention):
            module.dropout = 0
    optimizer = torch.optim.Adam(model.parameters(), lr=INDEX[reference]["lr"])
    losses = []
    for step in range(6):
        given = inputs(reference, f"input.step{step}")
        output = model(**{k: x.to(dtype(reference)) for k, x in given.items()})
        wanted = targets(reference, step)
        if reference == "psp_weak":  # the trace was made with the other models' weak loss
            loss = soft_margin(output.clip_prob, model.weak_labels(wanted))  # type: ignore[operator]
        else:
            loss = model.loss(output, wanted)
        optimizer.zero_grad()
        loss.backward()
        assert model.recipe.clip_norm == INDEX[reference].get("clip")
        if model.recipe.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), model.recipe.clip_norm)
        optimizer.step()
        losses.append(loss.item())
    trace = golden(reference)["trace"]
    np.testing.assert_allclose(losses[:2], trace[:2], rtol=min(tolerance, 1e-4))
    np.testing.assert_allclose(losses, trace, rtol=tolerance)
