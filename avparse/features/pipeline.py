"""Features of whole shards: units of many clips share a forward pass.

Reading, cutting and copying run in a thread beside the network, a few batches ahead; on a GPU,
copies go through pinned memory, both ways, and wait for nothing.
"""

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.core.clips import Clip
from avparse.features.base import Extractor

_AHEAD = 3
"""Batches that wait, read, while the network is busy."""


@dataclass(frozen=True)
class _Batch:
    """Units of a forward pass, and the clips that end in it with their number of rows."""

    units: Tensor
    ended: list[tuple[Clip, int]]


@torch.inference_mode()
def extract(
    extractor: Extractor,
    clips: Iterable[tuple[Clip, NDArray[Any]]],
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
) -> Iterator[tuple[Clip, Tensor]]:
    """Extract features clip by clip, in order, in memory bounded by a few batches and one clip.

    Args:
        extractor: its network in place, on ``device`` and of ``dtype``.
        clips: each with its decoded array, read when its turn comes.
        batch_size: units in one forward pass; rounded to whole rows.
    Yields:
        The clip and its (T, *shape) float32 features on the CPU; (U, *shape) if all are kept.
    """
    whole = extractor.units_per_row
    size = max(1, batch_size // whole) * whole
    done: deque[Tensor] = deque()
    with closing(_ahead(_batches(extractor, clips, size), device)) as batches:
        for batch, rows in _computed(extractor, batches, device, dtype):
            done.append(rows)
            for clip, count in batch.ended:
                yield clip, _take(done, count)


def _computed(
    extractor: Extractor, batches: Iterator[_Batch], device: torch.device, dtype: torch.dtype
) -> Iterator[tuple[_Batch, Tensor]]:
    """Batches with their rows on the CPU; on a GPU one batch behind, so that it is never idle."""
    waiting: tuple[_Batch, Tensor, torch.cuda.Event] | None = None
    for batch in batches:
        units = batch.units.to(device, non_blocking=True)
        rows = extractor.pool(extractor.forward(units, dtype))
        if device.type != "cuda":
            yield batch, rows
            continue
        copied = torch.empty(rows.shape, dtype=rows.dtype, pin_memory=True)
        copied.copy_(rows, non_blocking=True)
        event = torch.cuda.Event()
        event.record(torch.cuda.current_stream(device))
        if waiting:
            waiting[2].synchronize()
            yield waiting[0], waiting[1]
        waiting = (batch, copied, event)
    if waiting:
        waiting[2].synchronize()
        yield waiting[0], waiting[1]


def _take(done: deque[Tensor], count: int) -> Tensor:
    """Remove the first ``count`` rows of the batches done."""
    parts = []
    while count:
        first = done.popleft()
        parts.append(first[:count])
        if len(first) > count:
            done.appendleft(first[count:])
        count -= len(parts[-1])
    return torch.cat(parts) if len(parts) > 1 else parts[0].clone()


def _batches(
    extractor: Extractor, clips: Iterable[tuple[Clip, NDArray[Any]]], size: int
) -> Iterator[_Batch]:
    """Full batches of units across clips."""
    parts: list[Tensor] = []
    filled = 0
    ended: list[tuple[Clip, int]] = []
    for clip, raw in clips:
        units = extractor.units(raw)
        count = len(units) // extractor.units_per_row
        while len(units):
            parts.append(units[: size - filled])
            filled += len(parts[-1])
            units = units[len(parts[-1]) :]
            if not len(units):
                ended.append((clip, count))
            if filled == size:
                yield _Batch(torch.cat(parts), ended)
                parts, filled, ended = [], 0, []
    if parts:
        yield _Batch(torch.cat(parts), ended)


def _ahead(batches: Iterator[_Batch], device: torch.device) -> Generator[_Batch]:
    """The same batches, made in a thread; pinned where they are bound for a GPU."""
    made: queue.Queue[_Batch | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def put(item: _Batch | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                made.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for batch in batches:
                pinned = batch.units.pin_memory() if device.type == "cuda" else batch.units
                put(_Batch(pinned, batch.ended))
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # whatever it is, it belongs to whoever waits
            put(error)

    thread = threading.Thread(target=work, name="reader", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()
