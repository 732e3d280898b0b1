"""Outputs and training traces equal those of the published systems, for their own parameters."""

import numpy as np
import pytest
import torch
from golden.arrays import FOLDER, INDEX, array, inputs, parameters
from torch import nn

from avparse import models
from avparse.models.base import Model, Targets


def published_name(model: str, name: str) -> str:
    """The name of a parameter in the published checkpoint."""
    if model == "han":
        return name.replace("attention.", "hat_encoder.layers.0.")
    name = name.replace("_encoder.layers", "_encoder.encoder.layers")
    if "_encoder.encoder" in name:
        name = name.replace(".attention.", ".self_attn.")
    name = name.replace("_decoder.layer.", "_decoder.decoder.layers.0.")
    if "_decoder.decoder" in name:
        name = name.replace(".attention.", ".multihead_attn.")
    head = name.startswith(("classifier", "event_classifier"))
    return f"localize_module.{name}" if head else name


def loaded(name: str, reference: str, dtype: torch.dtype) -> Model:
    published = parameters(reference)
    model: Model = models.create(name)
    model.load_state_dict({k: published[published_name(name, k)] for k in model.state_dict()})
    return model.to(dtype).eval()


def test_han_outputs() -> None:
    golden = np.load(FOLDER / "han.npz")
    output = loaded("han", "han", torch.float32)(**inputs("han"))
    found = {
        "global_prob": output.clip_prob,
        "audio_prob": output.modality_prob[:, 0],
        "visual_prob": output.modality_prob[:, 1],
        "frame_prob": output.segment_prob,
    }
    for name, tensor in found.items():
        np.testing.assert_allclose(tensor.detach().numpy(), golden[f"out.{name}"], atol=2e-5)


def test_cmran_outputs() -> None:
    golden = np.load(FOLDER / "cmran_supervised.npz")
    given = {k: x.double() for k, x in inputs("cmran_supervised").items()}
    output = loaded("cmran", "cmran_supervised", torch.float64)(**given)
    event, category = output.event_logits.detach().numpy(), output.class_logits.detach().numpy()
    np.testing.assert_allclose(event, golden["out.event_logits"][..., 0].T, atol=1e-6)
    np.testing.assert_allclose(category, golden["out.class_logits"], atol=1e-6)


def han_targets(step: int) -> Targets:
    labels = array(f"input.step{step}.target", (4, 25)) > 1.2
    return Targets(clip_labels=torch.from_numpy(labels).float())


def cmran_targets(step: int) -> Targets:
    category = [int(abs(x) * 1000) % 28 for x in array(f"input.step{step}.class", (4,))]
    event = torch.from_numpy(array(f"input.step{step}.event", (4, 10)) > -0.5)
    return Targets(segment_labels=torch.where(event, torch.tensor(category)[:, None], 28))


@pytest.mark.parametrize(
    ("name", "reference", "dtype", "targets", "tolerance"),
    [
        ("han", "han", torch.float32, han_targets, 1e-4),
        ("cmran", "cmran_supervised", torch.float64, cmran_targets, 1e-6),
    ],
)
def test_training_trace(
    name: str, reference: str, dtype: torch.dtype, targets: object, tolerance: float
) -> None:
    assert callable(targets)
    model = loaded(name, reference, dtype).train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
        if isinstance(module, nn.MultiheadAttention):
            module.dropout = 0
    optimizer = torch.optim.Adam(model.parameters(), lr=INDEX[reference]["lr"])
    losses = []
    for step in range(6):
        given = {k: x.to(dtype) for k, x in inputs(reference, f"input.step{step}").items()}
        loss = model.loss(model(**given), targets(step))
        optimizer.zero_grad()
        loss.backward()
        if model.recipe.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), model.recipe.clip_norm)
        optimizer.step()
        losses.append(loss.item())
    golden = np.load(FOLDER / f"{reference}.npz")["trace"]
    np.testing.assert_allclose(losses, golden, rtol=tolerance)
