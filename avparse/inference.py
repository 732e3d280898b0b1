"""Predictions of a trained model, as arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.models.base import LocalizationOutput, Model

_BATCH = 64


@torch.no_grad()
def predict(model: Model, inputs: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Run a model over clips, in eval mode.

    Args:
        inputs: argument of ``forward`` -> (N, T, ...) features, on the model's device.
    Returns:
        Parsing: ``clip_prob`` (N, C), ``segment_prob`` (N, T, 2, C).
        Localization: ``event_prob`` (N, T), ``class_prob`` (N, K). float32.
    """
    model.eval()
    count = len(next(iter(inputs.values())))
    parts = [
        _arrays(model(**{name: x[first : first + _BATCH] for name, x in inputs.items()}))
        for first in range(0, count, _BATCH)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _arrays(output: Any) -> dict[str, NDArray[Any]]:
    if isinstance(output, LocalizationOutput):
        tensors = {
            "event_prob": torch.sigmoid(output.event_logits),
            "class_prob": torch.softmax(output.class_logits, dim=1),
        }
    else:
        tensors = {"clip_prob": output.clip_prob, "segment_prob": output.segment_prob}
    return {name: tensor.float().cpu().numpy() for name, tensor in tensors.items()}
