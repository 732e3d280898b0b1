"""MM-Pyramid: an attentive feature pyramid, for parsing and for localization.

Yu et al., "MM-Pyramid: multimodal pyramid attentional network for audio-visual event localization
and video parsing", ACM MM 2022, section 4. https://arxiv.org/abs/2111.12374

    features -> HAN's embedding -> pyramid (see :mod:`avparse.models._pyramid`) -> HAN's pooling

Released MM-Pyramid stacks its streams as [visual, audio], but pooling, loss and scores read them as
[audio, visual]: the visual stream is trained with the audio labels, and scored with them. The
option ``as_released`` reproduces this. Code for localization was not released;
:class:`MMPyramidAVE` follows section 4.2.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from avparse.models._localization import LocalizationModel, TwoHeads
from avparse.models._parsing import ParsingModel
from avparse.models._pyramid import Pyramid, levels
from avparse.models._spatial import AGSCA, few_clips_at_a_time
from avparse.models.base import LocalizationOutput, ParsingOutput, Recipe
from avparse.models.options.localization import MMPyramidAVEOptions
from avparse.models.options.parsing import MMPyramidOptions, ParsingOptions


class MMPyramid(ParsingModel):
    """MM-Pyramid for weakly supervised parsing."""

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

    def __init__(self, num_classes: int, options: MMPyramidOptions) -> None:
        super().__init__(num_classes, options.as_kind(ParsingOptions))
        self.pyramid = Pyramid(options)

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each segment in contexts of several lengths."""
        encoded: tuple[Tensor, Tensor] = self.pyramid(a, v)
        return encoded

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``when`` and ``levels``; as released, ``levels`` follow the order of the predictions."""
        maps = levels(weights)
        if self.as_released:
            maps = {name: array.flip(2) for name, array in maps.items()}
        return super().attention_maps(weights) | maps

    def pool(self, x: Tensor, similarity: Tensor | None = None) -> ParsingOutput:
        """HAN's pooling; as released, with the streams swapped."""
        return super().pool(x.flip(2) if self.as_released else x, similarity)


class MMPyramidAVE(LocalizationModel):
    """MM-Pyramid for localization, after the paper: its code for AVE was never released.

    CMRAN's audio-guided attention turns the map into one vector per segment. The product joins the
    two streams of the pyramid, as p_av = p_a p_v (section 4.2) suggests. Two heads predict the
    relevance of each segment and a category from the average over time. Weak supervision pools
    their scores as in CMRAN.
    """

    recipe = Recipe(100, 32, 2e-5, (50,), 0.1)
    guided = "spatial_channel_att"

    def __init__(self, num_classes: int, options: MMPyramidAVEOptions) -> None:
        super().__init__(num_classes, options)
        width = options.width
        self.v_fc = nn.Linear(options.visual_width, width)
        self.a_fc = nn.Linear(128, width)
        self.spatial_channel_att = AGSCA(width, 128, 256)
        self.pyramid = Pyramid(options)
        self.localize_module = TwoHeads(width, num_classes, self.weak, pool="mean")

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events in (B, T, 128) audio and (B, T, 7, 7, D) maps."""
        v = few_clips_at_a_time(self.attend, visual, audio)
        a, v = self.pyramid(self.a_fc(audio), v)
        output: LocalizationOutput = self.localize_module(a * v)
        return output

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """``where`` and ``levels``."""
        return super().attention_maps(weights) | levels(weights)

    def attend(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to one vector per segment: (B, T, D)."""
        cells = torch.relu_(self.v_fc(visual.flatten(2, 3)))
        v: Tensor = self.spatial_channel_att(cells, audio)
        return v
