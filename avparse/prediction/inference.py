"""Predictions of a trained model, as arrays."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.models._attention import watching
from avparse.models.base import Model

_BATCH = 64

Arrays = dict[str, NDArray[Any]]


@torch.no_grad()
def predict(model: Model, inputs: Mapping[str, Tensor], chosen: Tensor | None = None) -> Arrays:
    """Run a model over clips, in eval mode.

    Args:
        inputs: argument of ``forward`` -> (N, T, ...) features, on the model's device.
        chosen: rows to predict; all if None.
    Returns:
        float32 arrays for :mod:`avparse.prediction.decisions`: for parsing ``clip_prob`` and
        ``segment_prob``; for localization ``event_prob`` and ``class_prob``, or ``label_prob``.
    """
    model.eval()
    return _joined([model.arrays(model(**batch)) for batch in _batches(inputs, chosen)])


@torch.no_grad()
def predict_and_watch(model: Model, inputs: Mapping[str, Tensor]) -> tuple[Arrays, Arrays]:
    """Run a model over all clips and record its attention.

    Returns:
        The arrays of :func:`predict`, and float32 arrays of those attention maps of
        :data:`avparse.models._attention.MAPS` that the model has.
    """
    model.eval()
    outputs, maps = [], []
    with watching(model) as take:
        for batch in _batches(inputs):
            outputs.append(model.arrays(model(**batch)))
            maps.append(model.attention_maps(take()))
    return _joined(outputs), _joined(maps)


def _batches(
    inputs: Mapping[str, Tensor], chosen: Tensor | None = None
) -> Iterator[dict[str, Tensor]]:
    count = len(next(iter(inputs.values())))
    rows = torch.arange(count) if chosen is None else chosen
    for batch in rows.split(_BATCH):
        yield {name: x[batch] for name, x in inputs.items()}


def _joined(parts: list[dict[str, Tensor]]) -> Arrays:
    return {
        name: np.concatenate([part[name].float().cpu().numpy() for part in parts])
        for name in parts[0]
    }
