"""Options of the parsing models, with the published values as defaults.

The first line of a docstring is the title of the model in ``avparse model``.
"""

from typing import Literal

from pydantic import Field, model_validator

from avparse.models.options.base import Options
from avparse.models.options.shared import AttentionOptions, Dropout, PyramidOptions, Width

_LOST = "with refined labels, a label that the audio lost is removed from the clip as well"


class LabelNoiseOptions(Options):
    """Width of the streams, and treatment of noisy visual labels."""

    width: Width = Field(512, description="width of both streams")
    noise: Literal["smoothing", "bootstrap", "none"] = Field(
        "smoothing", description="treatment of the visual labels, which are noisier than audio"
    )
    epsilon: float = Field(
        0.1, ge=0, le=1, description="label smoothing: 0.1 turns 0 and 1 into 0.05 and 0.95"
    )


class ContrastOptions(Options):
    """MA's contrastive loss."""

    contrast: float = Field(
        0.0, ge=0, description="weight of MA's contrastive loss between audio and visual segments"
    )


class ParsingOptions(LabelNoiseOptions, ContrastOptions):
    """Everything that the common base of the parsing models reads."""

    pooling: Literal["attentive", "max", "mean"] = Field(
        "attentive", description="pooling of segments over time and modality"
    )
    losses: Literal["both", "wsl", "guided"] = Field(
        "both", description="wsl: loss of the clip only; guided: losses of each modality only"
    )
    as_released: bool = Field(False, description=f"reproduce a bug of released MA: {_LOST}")


class HANOptions(ParsingOptions, AttentionOptions):
    """Hybrid attention network (Tian et al., ECCV 2020).

    Ablations of its Table 2: temporal, pooling, losses, noise.
    """

    width: Width = Field(512, description="width of both streams; a multiple of heads")
    dropout: Dropout = Field(0.1, description="dropout of the hybrid attention")
    temporal: Literal["han", "transformer", "gru", "none"] = Field(
        "han",
        description="transformer and gru: each modality on its own; none: no temporal network",
    )

    @model_validator(mode="after")
    def _gru_has_two_directions(self) -> "HANOptions":
        if self.temporal == "gru" and self.width % 2:
            raise ValueError(f"temporal = 'gru' needs an even width, not {self.width}")
        return self


class MAOptions(ContrastOptions, AttentionOptions):
    """HAN, trained with modality-aware labels (Wu and Yang, CVPR 2021)."""

    dropout: Dropout = Field(0.1, description="dropout of the hybrid attention")
    contrast: float = Field(
        1.0, ge=0, description="weight of the contrastive loss between audio and visual segments"
    )
    as_released: bool = Field(False, description=f"reproduce a bug of released MA: {_LOST}")


class CVCMSOptions(ContrastOptions, AttentionOptions):
    """HAN with cross-video and cross-modality signals (Lin et al., NeurIPS 2021).

    Ablations of its Tables 2 and 3: co_occurrence, semantics.
    """

    dropout: Dropout = Field(0.4, description="dropout of the hybrid attention")
    class_width: Width = Field(
        128, description="width of the feature of a class; the paper's parameter count fits 16"
    )
    co_occurrence: Literal["cross", "both", "audio", "visual", "none"] = Field(
        "cross",
        description="attention between classes: cross (CM-Co) across modalities, both within "
        "each modality, audio or visual within that modality only",
    )
    semantics: float = Field(0.85, ge=0, description="weight of CM-S; 0 for none")
    warmup: int = Field(2, ge=0, description="epochs with smoothed labels before CM-S starts")


class MMPyramidOptions(ContrastOptions, LabelNoiseOptions, PyramidOptions):
    """Multimodal pyramid attentional network (Yu et al., ACM MM 2022)."""

    width: Width = Field(512, description="width of both streams; a multiple of heads")
    as_released: bool = Field(
        False,
        description="reproduce two bugs of released code: MM-Pyramid swaps its audio and visual "
        f"streams before pooling, loss and scores; in MA, {_LOST}",
    )


class AVELLLPOptions(LabelNoiseOptions):
    """AVEL as a baseline for parsing, after HAN, section 6.1."""


class LinearLLPOptions(Options):
    """One linear layer for each modality, the simplest baseline."""
