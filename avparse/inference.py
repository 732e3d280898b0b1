"""Predictions of a trained model, as arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.models.base import Model

_BATCH = 64


@torch.no_grad()
def predict(
    model: Model, inputs: Mapping[str, Tensor], chosen: Tensor | None = None
) -> dict[str, NDArray[Any]]:
    """Run a model over clips, in eval mode.

    Args:
        inputs: argument of ``forward`` -> (N, T, ...) features, on the model's device.
        chosen: rows of them; all if None.
    Returns:
        float32 arrays as :mod:`avparse.decisions` reads them: for parsing ``clip_prob`` and
        ``segment_prob``; for localization ``event_prob`` and ``class_prob``, or ``label_prob``.
    """
    model.eval()
    count = len(next(iter(inputs.values())))
    rows = torch.arange(count) if chosen is None else chosen
    parts = [
        model.arrays(model(**{name: x[batch] for name, x in inputs.items()}))
        for batch in rows.split(_BATCH)
    ]
    return {
        name: np.concatenate([part[name].float().cpu().numpy() for part in parts])
        for name in parts[0]
    }
