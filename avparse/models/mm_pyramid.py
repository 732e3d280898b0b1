"""MM-Pyramid: an attentive feature pyramid, for parsing and for localization.

Yu et al., "MM-Pyramid: multimodal pyramid attentional network for audio-visual event localization
and video parsing", ACM MM 2022, section 4. https://arxiv.org/abs/2111.12374

    features -> HAN's embedding -> pyramid (see :mod:`avparse.models._pyramid`) -> HAN's pooling

Released MM-Pyramid stacks [visual, audio] where all that follows reads [audio, visual]: it teaches
the visual stream the audio's labels and is scored so. ``as_released`` does that; the default keeps
audio first. For localization no code was released: :class:`MMPyramidAVE` is a reading of section
4.2.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from avparse.models._localization import LocalizationModel, TwoHeads
from avparse.models._parsing import ParsingModel
from avparse.models._pyramid import Pyramid
from avparse.models._spatial import AGSCA, few_clips_at_a_time
from avparse.models.base import LocalizationOutput, ParsingOutput, Recipe


class MMPyramid(ParsingModel):
    """MM-Pyramid for weakly supervised parsing.

    Args:
        num_classes, width, noise, epsilon, contrast, as_released: see
            :class:`~avparse.models._parsing.ParsingModel`, and above.
        heads, dropout: of each attention.
        units, structure, conv, unit_attention, selective, shared: see
            :class:`~avparse.models._pyramid.Pyramid`.
    """

    recipe = Recipe(40, 16, 1e-4, (10, 20, 30), 0.1)
    renames: tuple[tuple[str, str], ...] = (
        (r"^pyramid\.units\.(\d+)\.within", r"MMP.capture.msa.\1.{a,v}sablock.layer"),
        (r"^pyramid\.units\.(\d+)\.across", r"MMP.capture.msa.\1.cmablock.layer"),
        (r"^pyramid\.units\.(\d+)\.gates", r"MMP.capture.msa.\1.l{a,v}{1,2}"),
        (r"^pyramid\.units\.(\d+)\.conv", r"MMP.capture.{a,v}network.\1"),
        (r"^pyramid\.fusion\.interaction", r"MMP.fusion.{a,v}adaptiveinteraction"),
        (r"^pyramid\.fusion\.select", r"MMP.fusion.{a,v}selectfusion"),
        (r"\.query\.", ".self_attn.linears.0."),
        (r"\.memory\.", ".self_attn.linears.{1,2}."),
        (r"\.output\.", ".self_attn.linears.3."),
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
        if not shared:  # never released: names that no checkpoint has
            across = (r"^pyramid\.units\.(\d+)\.across", r"MMP.capture.msa.\1.{a,v}cmablock.layer")
            self.renames = (across, *self.renames)
        self.pyramid = Pyramid(
            width, heads, dropout, units, structure, conv, unit_attention, selective, shared
        )

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each second in contexts of several lengths."""
        heard, seen = self.pyramid(a, v)
        return heard, seen

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """When, and how much each unit counts; of the stream that is told of, as released too."""
        found = _levels(weights)
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
            :class:`~avparse.models._localization.LocalizationModel`.
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
        return super().attention_maps(weights) | _levels(weights)

    def look(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to one vector a segment: (B, T, D)."""
        cells = torch.relu_(self.v_fc(visual.flatten(2, 3)))
        v: Tensor = self.spatial_channel_att(cells, audio)
        return v


def _levels(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """How much each unit counts, of what was watched, where units are weighed."""
    name = "pyramid.fusion.weights"
    return {"levels": weights[name]} if name in weights else {}
