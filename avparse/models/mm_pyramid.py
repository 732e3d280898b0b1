"""MM-Pyramid: attentive feature pyramid and adaptive semantic fusion.

Yu et al., "MM-Pyramid: multimodal pyramid attentional network for audio-visual event localization
and video parsing", ACM MM 2022, section 4. https://arxiv.org/abs/2111.12374

    a, v (B, T, D) -> unit 0 -> unit 1 -> unit 2 -> unit 3     attention within 1, 2, 4, 8 seconds,
                        |         |         |         |        then a convolution dilated as much
                        +----- adaptive semantic fusion -----> a', v' (B, T, D)

As released, not as written: attention normalises the query only, and a ReLU follows each unit's
residual. Released MM-Pyramid stacks [visual, audio] where all that follows reads [audio, visual]:
it teaches the visual stream the audio's labels and is scored so. ``as_released`` does that; the
default keeps audio first. (Released weights of one attention also start out equal; here they do
not.) For localization no code was released: :class:`MMPyramidAVE` is a reading of section 4.2.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models.attention import Watched
from avparse.models.base import LocalizationOutput, ParsingOutput, Recipe, one_of
from avparse.models.layers import Dropout, HybridAttention
from avparse.models.localization import LocalizationModel, TwoHeads
from avparse.models.parsing import ParsingModel
from avparse.models.spatial import AGSCA, few_clips_at_a_time


class Attention(nn.Module):
    """Pre-norm attention, on the query only, and a feed-forward block: (N, T, D) -> the same."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(4))
        self.w_1 = nn.Linear(width, inner)
        self.w_2 = nn.Linear(inner, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.drop = Dropout(dropout)
        self.drop_weights = Dropout(0.1)

    def forward(self, query: Tensor, memory: Tensor, window: Tensor | None) -> Tensor:
        """Attend where ``window`` (T, S) allows; everywhere without one."""
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
    """Dilated temporal convolution of a stream: eq. 7-8.

    Args:
        residual: the published block; otherwise a single convolution.
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
        # A convolution of width 1 is a linear layer, and computed faster as one.
        return torch.relu(x + F.linear(inner, self.conv2.weight[..., 0], self.conv2.bias))


class Unit(nn.Module):
    """One level of the pyramid: attention to both streams, gated, then convolution: eq. 1-8."""

    def __init__(self, width: int, heads: int, dropout: float, reach: int, conv: str, shared: bool):
        super().__init__()
        self.reach = reach
        self.visual_self = Attention(width, heads, width, dropout)
        self.audio_self = Attention(width, heads, width, dropout)
        self.cross = Attention(width, heads, width, dropout)
        self.audio_cross = None if shared else Attention(width, heads, width, dropout)
        self.lv1, self.lv2, self.la1, self.la2 = (nn.Linear(2 * width, width) for _ in range(4))
        if conv != "none":
            self.visual_conv = Convolution(width, reach, conv == "residual")
            self.audio_conv = Convolution(width, reach, conv == "residual")
        self.conv = conv

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
    """Channel-wise attention to both kinds of context: eq. 5-6."""
    together = torch.cat((within, across), dim=-1)
    gated: Tensor = torch.sigmoid(first(together)) * within
    return gated + torch.sigmoid(second(together)) * across


class Fusion(nn.Module):
    """Adaptive semantic fusion of one stream's levels: eq. 9-11."""

    def __init__(self, width: int, heads: int, dropout: float, attend: bool, select: bool) -> None:
        super().__init__()
        self.interaction = Attention(width, heads, width, dropout) if attend else None
        self.select = nn.Linear(width, 1) if select else None
        self.weights = Watched()

    def forward(self, levels: list[Tensor]) -> Tensor:
        """L times (B, T, D) -> (B, T, D)."""
        x = torch.stack(levels, dim=2)
        if self.interaction is not None:
            flat = x.flatten(0, 1)
            x = self.interaction(flat, flat, None).unflatten(0, x.shape[:2])
        if self.select is None:
            return x.mean(2)
        return (self.weights(torch.sigmoid(self.select(x))) * x).sum(2)


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
            self.audio_fusion = Fusion(width, heads, dropout, unit_attention, selective)
            self.visual_fusion = Fusion(width, heads, dropout, unit_attention, selective)

    def forward(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, T, D) streams -> two."""
        if self.structure == "transformer":
            where = positions(a.shape[1], a.shape[2]).to(a)
            a, v = a + where, v + where
            for layer in self.hybrid:
                assert isinstance(layer, HybridAttention)
                a, v = layer.both(a, v)
            return a, v
        heard, seen = [], []
        for unit in self.units:
            a, v = unit(a, v)
            heard.append(a)
            seen.append(v)
        if self.structure == "last":
            return a, v
        return self.audio_fusion(heard), self.visual_fusion(seen)


def levels(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """How much each unit of ``pyramid`` counts, of what was watched, where units are weighed."""
    names = [f"pyramid.{stream}_fusion.weights" for stream in ("audio", "visual")]
    found = [weights[name].squeeze(-1) for name in names if name in weights]
    return {"levels": torch.stack(found, dim=2)} if found else {}


def positions(length: int, width: int) -> Tensor:
    """Sinusoidal positional encoding of Vaswani et al. 2017, section 3.5: (T, D)."""
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)


class MMPyramid(ParsingModel):
    """MM-Pyramid for weakly supervised parsing.

    Args:
        num_classes, width, noise, epsilon, contrast, as_released: see
            :class:`~avparse.models.parsing.ParsingModel`, and above.
        heads, dropout: of each attention.
        units, structure, conv, unit_attention, selective, shared: see :class:`Pyramid`.
    """

    recipe = Recipe(40, 16, 1e-4, (10, 20, 30), 0.1)
    renames = (
        (r"^pyramid\.units\.(\d+)\.visual_self", r"MMP.capture.msa.\1.vsablock.layer"),
        (r"^pyramid\.units\.(\d+)\.audio_self", r"MMP.capture.msa.\1.asablock.layer"),
        (r"^pyramid\.units\.(\d+)\.cross", r"MMP.capture.msa.\1.cmablock.layer"),
        (r"^pyramid\.units\.(\d+)\.visual_conv", r"MMP.capture.vnetwork.\1"),
        (r"^pyramid\.units\.(\d+)\.audio_conv", r"MMP.capture.anetwork.\1"),
        (r"^pyramid\.units", "MMP.capture.msa"),
        (r"^pyramid\.(a|v)\w+_fusion\.interaction", r"MMP.fusion.\1adaptiveinteraction"),
        (r"^pyramid\.(a|v)\w+_fusion\.select", r"MMP.fusion.\1selectfusion"),
        (r"\.linears\.", ".self_attn.linears."),
        (r"\.w_(\d)\.", r".feed_forward.w_\1."),
        (r"\.norms\.(\d)", r".sublayer.\1.norm"),
    )

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        heads: int = 8,
        dropout: float = 0.2,
        units: int = 4,
        structure: str = "pyramid",
        conv: str = "residual",
        unit_attention: bool = True,
        selective: bool = True,
        shared: bool = True,
        noise: str = "smoothing",
        epsilon: float = 0.1,
        contrast: float = 0.0,
        as_released: bool = False,
    ) -> None:
        super().__init__(
            num_classes, width, noise=noise, epsilon=epsilon, contrast=contrast,
            as_released=as_released,
        )  # fmt: skip
        self.pyramid = Pyramid(
            width, heads, dropout, units, structure, conv, unit_attention, selective, shared
        )

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each second in contexts of several lengths."""
        heard, seen = self.pyramid(a, v)
        return heard, seen

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """When, and how much each unit counts; of the stream that is told of, as released too."""
        found = levels(weights)
        if self.as_released:
            found = {name: array.flip(2) for name, array in found.items()}
        return super().attention_maps(weights) | found

    def pool(self, x: Tensor, similarity: Tensor | None = None) -> ParsingOutput:
        """HAN's pooling; as released, of the streams in the wrong order."""
        return super().pool(x.flip(2) if self.as_released else x, similarity)


class MMPyramidAVE(LocalizationModel):
    """MM-Pyramid for localization: a reading of the paper, whose code for AVE was never released.

    The map becomes one vector a second by CMRAN's audio-guided attention; the pyramid's two streams
    are joined by their product, as p_av = p_a p_v (section 4.2) suggests; relevance of each second
    and a category from the average over time are told apart, weak labels pooled as in CMRAN.

    Args:
        num_classes, visual_width, supervision: see
            :class:`~avparse.models.localization.LocalizationModel`.
        width, heads, dropout, units, structure, conv, unit_attention, selective, shared: as above.
    """

    recipe = Recipe(100, 32, 2e-5, (50,), 0.1)
    guided = "spatial_channel_att"

    def __init__(
        self,
        num_classes: int = 28,
        visual_width: int = 512,
        supervision: str = "full",
        width: int = 512,
        heads: int = 8,
        dropout: float = 0.2,
        units: int = 4,
        structure: str = "pyramid",
        conv: str = "residual",
        unit_attention: bool = True,
        selective: bool = True,
        shared: bool = True,
    ) -> None:
        super().__init__(num_classes, supervision)
        self.v_fc = nn.Linear(visual_width, width)
        self.a_fc = nn.Linear(128, width)
        self.spatial_channel_att = AGSCA(width, 128, 256)
        self.pyramid = Pyramid(
            width, heads, dropout, units, structure, conv, unit_attention, selective, shared
        )
        self.localize_module = TwoHeads(width, num_classes, supervision, pool="mean")

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events in (B, T, 128) sounds and (B, T, 7, 7, D) maps."""
        v = few_clips_at_a_time(self.look, visual, audio)
        heard, seen = self.pyramid(self.a_fc(audio), v)
        output: LocalizationOutput = self.localize_module(heard * seen)
        return output

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Where it looks, and how much each unit counts."""
        return super().attention_maps(weights) | levels(weights)

    def look(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to one vector a segment: (B, T, D)."""
        cells = torch.relu_(self.v_fc(visual.flatten(2, 3)))
        v: Tensor = self.spatial_channel_att(cells, audio)
        return v
