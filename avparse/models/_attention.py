"""Weights of attention, for people to see: where a model looks, and when.

A model sends its weights through :class:`Watched`; inside :func:`watching` they are kept.
:meth:`avparse.models.base.Model.attention_maps` then names them, the same in every model:

    where     (B, T, N) of the cells of a map, guided by sound; sums to 1 over the cells
    when      (B, T, 2, C) of the seconds in attentive pooling; sums to 1 over time
    levels    (B, T, 2, L) of MM-Pyramid's units; each in (0, 1)
    relation  (B, 2T, 2T) each heard, then each seen second asks the heard, then the seen ones
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

MAPS = ("where", "when", "levels", "relation")
"""Their names."""


class Watched(nn.Module):
    """Weights pass through it as they are. It has no parameters: checkpoints do not know of it.

    Attributes:
        seen: what passed since it was last taken; None while nobody watches.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] | None = None

    @property
    def open(self) -> bool:
        """Whether anybody watches; some weights are computed only then."""
        return self.seen is not None

    def forward(self, weights: Tensor) -> Tensor:
        """(...) -> the same."""
        if self.seen is not None:
            self.seen.append(weights.detach())
        return weights


@contextmanager
def watching(model: nn.Module) -> Iterator[Callable[[], dict[str, Tensor]]]:
    """Keep the weights of a model inside the block.

    Yields:
        A function that takes what passed since the last time: name of the module -> (B, ...).
    """
    points = {n: m for n, m in model.named_modules() if isinstance(m, Watched)}

    def take() -> dict[str, Tensor]:
        taken = {n: torch.cat(point.seen) for n, point in points.items() if point.seen}
        clear()
        return taken

    def clear() -> None:
        for point in points.values():
            point.seen = []

    clear()
    try:
        yield take
    finally:
        for point in points.values():
            point.seen = None


def cells(weights: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """``where``, of a module that sent (B, T, N, 1); nothing if there is no such module."""
    found = weights.get(f"{name}.weights")
    return {} if found is None else {"where": found.squeeze(-1)}


def relation(
    heard_heard: Tensor | None, heard_seen: Tensor | None,
    seen_heard: Tensor | None, seen_seen: Tensor | None,
) -> dict[str, Tensor]:  # fmt: skip
    """``relation``, of its four (B, T, T) quarters: who asks, who is asked; None is not asked."""
    quarters = (heard_heard, heard_seen, seen_heard, seen_seen)
    there = next((quarter for quarter in quarters if quarter is not None), None)
    if there is None:
        return {}
    none = torch.zeros_like(there)
    filled = [none if quarter is None else quarter for quarter in quarters]
    return {"relation": torch.cat([torch.cat(filled[i : i + 2], -1) for i in (0, 2)], -2)}
