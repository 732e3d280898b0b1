"""The attentive feature pyramid of two streams, and adaptive semantic fusion: MM-Pyramid's network.

Yu et al., "MM-Pyramid: multimodal pyramid attentional network for audio-visual event localization
and video parsing", ACM MM 2022, section 4.1. https://arxiv.org/abs/2111.12374

    x (2, B, T, D) -> unit 0 -> unit 1 -> unit 2 -> unit 3     attention within 1, 2, 4, 8 seconds,
                        |         |         |         |        then a convolution dilated as much
                        +----- adaptive semantic fusion -----> x' (2, B, T, D)

As released, not as written: attention normalises the query only, and a ReLU follows each unit's
residual. Released weights of one attention also start out equal; here they do not.
"""

import torch
from torch import Tensor, nn

from avparse.models._attention import Watched
from avparse.models._layers import Dropout, HybridAttention
from avparse.models._streams import StreamConvolution, StreamLayerNorm, StreamLinear
from avparse.models.base import one_of


class Attention(nn.Module):
    """Pre-norm attention, on the query only, and a feed-forward block: (2, N, T, D) -> the same.

    Args:
        streams: 2, each with weights of its own, or 1 where they share them.
    """

    def __init__(self, width: int, heads: int, dropout: float, streams: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.query = StreamLinear(width, width, streams)
        self.memory = StreamLinear(width, 2 * width, streams)
        self.output = StreamLinear(width, width, streams)
        self.w_1 = StreamLinear(width, width, streams)
        self.w_2 = StreamLinear(width, width, streams)
        self.norms = nn.ModuleList(StreamLayerNorm(width, streams) for _ in range(2))
        self.drop = Dropout(dropout)
        self.drop_weights = Dropout(0.1)

    def forward(self, query: Tensor, memory: Tensor, window: Tensor | None = None) -> Tensor:
        """Attend where ``window`` (T, S) allows; everywhere without one."""
        q = self.query(self.norms[0](query))
        k, v = self.memory(memory).chunk(2, dim=-1)
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(-2, -3) for x in (q, k, v))
        scores = q @ k.mT * q.shape[-1] ** -0.5
        if window is not None:
            scores = scores.masked_fill(~window, -torch.inf)
        attended = self.drop_weights(torch.softmax(scores, dim=-1)) @ v
        x = query + self.drop(self.output(attended.transpose(-2, -3).flatten(-2)))
        inner = self.w_2(self.drop(torch.relu_(self.w_1(self.norms[1](x)))))
        out: Tensor = x + self.drop(inner)
        return out


class Convolution(nn.Module):
    """Dilated temporal convolution, three taps wide: eq. 7-8.

    Args:
        residual: the published block; otherwise a single convolution.
    """

    def __init__(self, width: int, dilation: int, residual: bool) -> None:
        super().__init__()
        self.conv1 = StreamConvolution(width, width, taps=3, dilation=dilation)
        self.conv2 = StreamConvolution(width, width) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, D) -> (2, B, T, D)."""
        inner = torch.relu(self.conv1(x))
        return inner if self.conv2 is None else torch.relu_(x + self.conv2(inner))


class Unit(nn.Module):
    """One level of the pyramid: attention to both streams, gated, then convolution: eq. 1-8."""

    def __init__(self, width: int, heads: int, dropout: float, reach: int, conv: str, shared: bool):
        super().__init__()
        self.reach = reach
        self.within = Attention(width, heads, dropout)
        self.across = Attention(width, heads, dropout, streams=1 if shared else 2)
        self.gates = StreamLinear(2 * width, 2 * width)
        self.conv = Convolution(width, reach, conv == "residual") if conv != "none" else None

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, D) -> the same."""
        place = torch.arange(x.shape[2], device=x.device)
        window = (place[:, None] - place).abs() <= self.reach
        both = torch.cat((self.within(x, x, window), self.across(x, x.flip(0), window)), dim=-1)
        within, across = (torch.sigmoid(self.gates(both)) * both).chunk(2, dim=-1)
        return within + across if self.conv is None else self.conv(within + across)


class Fusion(nn.Module):
    """Adaptive semantic fusion of the levels: eq. 9-11."""

    def __init__(self, width: int, heads: int, dropout: float, attend: bool, select: bool) -> None:
        super().__init__()
        self.interaction = Attention(width, heads, dropout) if attend else None
        self.select = StreamLinear(width, 1) if select else None
        self.weights = Watched()

    def forward(self, levels: list[Tensor]) -> Tensor:
        """L times (2, B, T, D) -> (2, B, T, D)."""
        x = torch.stack(levels, dim=3)
        if self.interaction is not None:
            flat = x.flatten(1, 2)
            x = self.interaction(flat, flat).unflatten(1, x.shape[1:3])
        if self.select is None:
            return x.mean(3)
        weights = self.weights(torch.sigmoid(self.select(x)).squeeze(-1).movedim(0, 2))
        return (weights.movedim(2, 0).unsqueeze(-1) * x).sum(3)


class Pyramid(nn.Module):
    """The network between the features and the heads; Tables 3 and 4 by options.

    Args:
        units: levels L.
        structure: ``pyramid``; ``last``: only the last level's output; ``flat``: all levels as wide
            as the last; ``transformer``: as many layers of hybrid attention, with positions.
        conv: ``residual``, ``plain`` (one convolution) or ``none``.
        unit_attention: whether levels attend to each other.
        selective: whether levels are weighed, rather than averaged.
        shared: whether both directions across share their attention.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        dropout: float,
        units: int,
        structure: str,
        conv: str,
        unit_attention: bool,
        selective: bool,
        shared: bool,
    ) -> None:
        super().__init__()
        one_of("structure", structure, "pyramid", "last", "flat", "transformer")
        one_of("conv", conv, "residual", "plain", "none")
        self.structure = structure
        if structure == "transformer":
            self.hybrid = nn.ModuleList(HybridAttention(width, heads, 0.1) for _ in range(units))
            return
        reaches = [2 ** (units - 1 if structure == "flat" else level) for level in range(units)]
        self.units = nn.ModuleList(
            Unit(width, heads, dropout, reach, conv, shared) for reach in reaches
        )
        if structure != "last":
            self.fusion = Fusion(width, heads, dropout, unit_attention, selective)

    def forward(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, T, D) streams -> two."""
        if self.structure == "transformer":
            where = positions(a.shape[1], a.shape[2]).to(a)
            a, v = a + where, v + where
            for layer in self.hybrid:
                assert isinstance(layer, HybridAttention)
                a, v = layer.both(a, v)
            return a, v
        x, levels = torch.stack((a, v)), []
        for unit in self.units:
            x = unit(x)
            levels.append(x)
        heard, seen = x if self.structure == "last" else self.fusion(levels)
        return heard, seen


def positions(length: int, width: int) -> Tensor:
    """Sinusoidal positional encoding of Vaswani et al. 2017, section 3.5: (T, D)."""
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)
