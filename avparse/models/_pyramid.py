"""MM-Pyramid's network: an attentive feature pyramid and adaptive semantic fusion.

Yu et al., "MM-Pyramid: multimodal pyramid attentional network for audio-visual event localization
and video parsing", ACM MM 2022, section 4.1. https://arxiv.org/abs/2111.12374

    a, v (B, T, D) -> unit 0 -> unit 1 -> unit 2 -> unit 3     attention within 1, 2, 4, 8 segments,
                        |         |         |         |        then a convolution dilated as much
                        +----- adaptive semantic fusion -----> a', v' (B, T, D)

As released, not as written: attention normalizes the query only, and a ReLU follows each unit's
residual. The layers of each released attention also start with equal weights; here they do not.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._attention import Recorder
from avparse.models._layers import Dropout, HybridAttention
from avparse.models.options.shared import PyramidOptions


class PreNormAttention(nn.Module):
    """Pre-norm attention, on the query only, and a feed-forward block: (N, T, D) -> the same."""

    def __init__(self, options: PyramidOptions) -> None:
        super().__init__()
        width = options.width
        self.heads = options.heads
        self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(4))
        self.w_1 = nn.Linear(width, width)
        self.w_2 = nn.Linear(width, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.drop = Dropout(options.dropout)
        self.drop_weights = Dropout(0.1)

    def forward(self, query: Tensor, memory: Tensor, window: Tensor | None = None) -> Tensor:
        """Attend where ``window`` (T, S) is true; everywhere without one."""
        q = self.linears[0](self.norms[0](query))
        k, v = self.linears[1](memory), self.linears[2](memory)
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(-2, -3) for x in (q, k, v))
        scores = q @ k.mT * q.shape[-1] ** -0.5
        if window is not None:
            scores = scores.masked_fill(~window, -torch.inf)
        attended = self.drop_weights(torch.softmax(scores, dim=-1)) @ v
        x = query + self.drop(self.linears[3](attended.transpose(-2, -3).flatten(-2)))
        inner = self.w_2(self.drop(torch.relu_(self.w_1(self.norms[1](x)))))
        out: Tensor = x + self.drop(inner)
        return out


class Convolution(nn.Module):
    """Dilated temporal convolution of a stream, three taps wide: eq. 7-8.

    Args:
        residual: whether to use the published block; otherwise a single convolution.
    """

    def __init__(self, width: int, dilation: int, residual: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.conv2 = nn.Conv1d(width, width, 1) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        inner = torch.relu_(self.conv1(x.mT)).mT
        if self.conv2 is None:
            return inner
        # A convolution with one tap is a linear layer, which is faster.
        return torch.relu(x + F.linear(inner, self.conv2.weight[..., 0], self.conv2.bias))


class Unit(nn.Module):
    """One level of the pyramid: gated attention to both streams, then convolution: eq. 1-8.

    Args:
        reach: number of segments that the attention reaches in each direction.
    """

    def __init__(self, options: PyramidOptions, reach: int) -> None:
        super().__init__()
        self.reach = reach
        self.visual_self = PreNormAttention(options)
        self.audio_self = PreNormAttention(options)
        self.cross = PreNormAttention(options)
        self.audio_cross = None if options.shared else PreNormAttention(options)
        width = options.width
        self.lv1, self.lv2, self.la1, self.la2 = (nn.Linear(2 * width, width) for _ in range(4))
        self.conv = options.conv
        if self.conv != "none":
            self.visual_conv = Convolution(width, reach, self.conv == "residual")
            self.audio_conv = Convolution(width, reach, self.conv == "residual")

    def forward(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, T, D) streams -> two."""
        place = torch.arange(a.shape[1], device=a.device)
        window = (place[:, None] - place).abs() <= self.reach
        if self.audio_cross is None:
            across = self.cross(torch.cat((a, v)), torch.cat((v, a)), window)
            a_cross, v_cross = across.chunk(2)
        else:
            a_cross, v_cross = self.audio_cross(a, v, window), self.cross(v, a, window)
        a = _gated(self.audio_self(a, a, window), a_cross, self.la1, self.la2)
        v = _gated(self.visual_self(v, v, window), v_cross, self.lv1, self.lv2)
        return (a, v) if self.conv == "none" else (self.audio_conv(a), self.visual_conv(v))


def _gated(within: Tensor, across: Tensor, first: nn.Module, second: nn.Module) -> Tensor:
    """Channel-wise gates of the context within and across modalities: eq. 5-6."""
    both = torch.cat((within, across), dim=-1)
    gated: Tensor = torch.sigmoid(first(both)) * within
    return gated + torch.sigmoid(second(both)) * across


class Fusion(nn.Module):
    """Adaptive semantic fusion of the levels of one stream: eq. 9-11."""

    def __init__(self, options: PyramidOptions) -> None:
        super().__init__()
        self.interaction = PreNormAttention(options) if options.unit_attention else None
        self.select = nn.Linear(options.width, 1) if options.selective else None
        self.weights = Recorder()

    def forward(self, levels: list[Tensor]) -> Tensor:
        """L times (B, T, D) -> (B, T, D)."""
        x = torch.stack(levels, dim=2)
        if self.interaction is not None:
            flat = x.flatten(0, 1)
            x = self.interaction(flat, flat).unflatten(0, x.shape[:2])
        if self.select is None:
            return x.mean(2)
        return (self.weights(torch.sigmoid(self.select(x))) * x).sum(2)


class Pyramid(nn.Module):
    """The network between the features and the heads; Tables 3 and 4 are options."""

    def __init__(self, options: PyramidOptions) -> None:
        super().__init__()
        self.structure, levels = options.structure, range(options.units)
        if self.structure == "transformer":
            self.hybrid = nn.ModuleList(
                HybridAttention(options.width, options.heads, dropout=0.1) for _ in levels
            )
            return
        widest = options.units - 1
        reaches = [2 ** (widest if self.structure == "flat" else level) for level in levels]
        self.units = nn.ModuleList(Unit(options, reach) for reach in reaches)
        if self.structure != "last":
            self.audio_fusion, self.visual_fusion = Fusion(options), Fusion(options)

    def forward(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, T, D) streams -> two."""
        if self.structure == "transformer":
            encoding = positions(a.shape[1], a.shape[2]).to(a)
            a, v = a + encoding, v + encoding
            for layer in self.hybrid:
                assert isinstance(layer, HybridAttention)
                a, v = layer.both(a, v)
            return a, v
        a_levels, v_levels = [], []
        for unit in self.units:
            a, v = unit(a, v)
            a_levels.append(a)
            v_levels.append(v)
        if self.structure == "last":
            return a, v
        return self.audio_fusion(a_levels), self.visual_fusion(v_levels)


def levels(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """``levels``, from the recorded weights of ``pyramid``; empty if it does not weigh levels."""
    names = [f"pyramid.{stream}_fusion.weights" for stream in ("audio", "visual")]
    recorded = [weights[name].squeeze(-1) for name in names if name in weights]
    return {"levels": torch.stack(recorded, dim=2)} if recorded else {}


def positions(length: int, width: int) -> Tensor:
    """Sinusoidal positional encoding of Vaswani et al. 2017, section 3.5: (T, D)."""
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)
