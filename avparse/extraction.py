"""Features of whole shards: units of many clips share a forward pass."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.clips import Clip
from avparse.features.base import Extractor


@torch.inference_mode()
def extract(
    extractor: Extractor,
    clips: Iterable[tuple[Clip, NDArray[Any]]],
    num_segments: int,
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
) -> Iterator[tuple[Clip, Tensor]]:
    """Extract features clip by clip, in order, in memory bounded by one batch and one clip.

    Args:
        clips: each with its decoded array, read when its turn comes.
        num_segments: T.
        batch_size: units in one forward pass.
    Yields:
        The clip and its (T, *shape) float32 features on the CPU.
    """
    network = extractor.network.to(device=device, dtype=dtype)
    if any(p.ndim == 4 for p in network.parameters()):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    done = torch.empty(0)
    queue: list[tuple[Clip, int]] = []
    for units in _batches(extractor, clips, queue, batch_size):
        output = extractor.forward(units.to(device), dtype).cpu()
        done = torch.cat((done, output)) if len(done) else output
        while queue and len(done) >= queue[0][1]:
            clip, count = queue.pop(0)
            yield clip, extractor.pool(done[:count], num_segments)
            done = done[count:]


def _batches(
    extractor: Extractor,
    clips: Iterable[tuple[Clip, NDArray[Any]]],
    queue: list[tuple[Clip, int]],
    batch_size: int,
) -> Iterator[Tensor]:
    """Full batches of units across clips; tells through ``queue`` how many each clip brought."""
    pending = torch.empty(0)
    for clip, raw in clips:
        units = extractor.units(raw)
        queue.append((clip, len(units)))
        pending = torch.cat((pending, units)) if len(pending) else units
        while len(pending) >= batch_size:
            yield pending[:batch_size]
            pending = pending[batch_size:]
    if len(pending):
        yield pending
