"""Layers that several models share."""

import torch
from torch import Tensor, nn

from avparse.core.errors import ShapeError


def pool_snippets(features: Tensor, num_segments: int) -> Tensor:
    """Average snippet features into one vector per segment.

    Args:
        features: (B, S, D) in time order; S must be a multiple of ``num_segments``.
        num_segments: T.
    Returns:
        (B, T, D), same dtype and device.
    Raises:
        ShapeError: S is not a multiple of T.
    """
    batch, snippets, width = features.shape
    if snippets == num_segments:
        return features
    if snippets % num_segments:
        raise ShapeError(f"{snippets} snippets do not divide into {num_segments} segments")
    return features.reshape(batch, num_segments, -1, width).mean(2)


class Dropout(nn.Dropout):
    """Dropout with a cheaper mask on a CPU: four elements per random draw, 16 bits each.

    ``nn.Dropout`` draws a number for every element and takes twice as long. On one thread the
    difference is 3 % of a training step of HAN, 4 % of MM-Pyramid and 6 % of CMRAN. The documented
    scores depend on these draws, so ``nn.Dropout`` would change them.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(...) -> (...), with p rounded to 1/65536."""
        if not self.training or not self.p or x.device.type != "cpu":
            return super().forward(x)
        draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64)
        bits = draws.random_(torch.iinfo(torch.int64).min, None).view(torch.int16)
        kept = bits[: x.numel()].view(x.shape) >= round(self.p * 2**16) - 2**15
        return x * kept.to(x.dtype).mul_(1 / (1 - self.p))


class HybridAttention(nn.Module):
    """One layer of attention of a sequence to itself and to another: HAN, eq. 2-4.

    As released, not as written: with projections, a feed-forward block and layer norms.

    Args:
        cross: whether the sequence attends to the other one.
    """

    def __init__(self, width: int, heads: int, dropout: float, cross: bool = True) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.cm_attn = (
            nn.MultiheadAttention(width, heads, dropout, batch_first=True) if cross else None
        )
        self.linear1 = nn.Linear(width, width)
        self.linear2 = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.drop = Dropout(dropout)

    def forward(self, stream: Tensor, other: Tensor) -> Tensor:
        """(B, T, D) of one stream, updated from itself and from the other."""
        attended = self.drop(self.self_attn(stream, stream, stream, need_weights=False)[0])
        if self.cm_attn is not None:
            across = self.cm_attn(stream, other, other, need_weights=False)[0]
            attended = attended + self.drop(across)
        x = self.norm1(stream + attended)
        inner = self.linear2(self.drop(torch.relu_(self.linear1(x))))
        out: Tensor = self.norm2(x + self.drop(inner))
        return out

    def both(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Both streams, each updated from the other's input, in one pass."""
        first, second = self(torch.cat((a, v)), torch.cat((v, a))).chunk(2)
        return first, second
