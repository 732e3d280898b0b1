"""Recording of attention weights, to show where and when a model attends.

A model passes its weights through a :class:`Recorder`, which keeps them inside :func:`watching`.
:meth:`avparse.models.base.Model.attention_maps` turns them into maps that all models name alike:

    where     (B, T, N) cells of the visual map, guided by audio; sums to 1 over the cells
    when      (B, T, 2, C) segments in attentive pooling; sums to 1 over time
    levels    (B, T, 2, L) levels of MM-Pyramid; each in (0, 1)
    relation  (B, 2T, 2T) from each audio, then each visual segment to the audio, then the visual
              segments
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

MAPS = ("where", "when", "levels", "relation")
"""Names of the maps."""


class Recorder(nn.Module):
    """Passes weights on unchanged, and records them. It has no parameters.

    Attributes:
        recorded: weights since they were last taken; None if nothing is recorded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.recorded: list[Tensor] | None = None

    @property
    def active(self) -> bool:
        """Whether weights are recorded; some are computed only then."""
        return self.recorded is not None

    def forward(self, weights: Tensor) -> Tensor:
        """(...) -> the same."""
        if self.recorded is not None:
            self.recorded.append(weights.detach())
        return weights


@contextmanager
def watching(model: nn.Module) -> Iterator[Callable[[], dict[str, Tensor]]]:
    """Record the attention weights of a model inside the block.

    Yields:
        A function that returns the weights recorded since its last call: name of the module ->
        (B, ...).
    """
    recorders = {n: m for n, m in model.named_modules() if isinstance(m, Recorder)}

    def take() -> dict[str, Tensor]:
        taken = {n: torch.cat(r.recorded) for n, r in recorders.items() if r.recorded}
        clear()
        return taken

    def clear() -> None:
        for recorder in recorders.values():
            recorder.recorded = []

    clear()
    try:
        yield take
    finally:
        for recorder in recorders.values():
            recorder.recorded = None


def cells(weights: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """``where``, from the (B, T, N, 1) weights of module ``name``; empty without that module."""
    recorded = weights.get(f"{name}.weights")
    return {} if recorded is None else {"where": recorded.squeeze(-1)}


def relation(
    audio_to_audio: Tensor | None, audio_to_visual: Tensor | None,
    visual_to_audio: Tensor | None, visual_to_visual: Tensor | None,
) -> dict[str, Tensor]:  # fmt: skip
    """``relation``, from its four (B, T, T) quarters; None is a quarter without attention."""
    quarters = (audio_to_audio, audio_to_visual, visual_to_audio, visual_to_visual)
    present = next((quarter for quarter in quarters if quarter is not None), None)
    if present is None:
        return {}
    zeros = torch.zeros_like(present)
    filled = [zeros if quarter is None else quarter for quarter in quarters]
    return {"relation": torch.cat([torch.cat(filled[i : i + 2], -1) for i in (0, 2)], -2)}
