"""Options of the localization models, with the published values as defaults.

The first line of a docstring is the title of the model in ``avparse model``.
"""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from avparse.models.options.base import Options
from avparse.models.options.shared import AttentionOptions, Heads, PyramidOptions, Width

Modality = Literal["both", "audio", "visual"]


class LocalizationOptions(Options):
    """Options that every localization model has."""

    visual_width: Width = Field(
        512, description="width of the visual map: 512 for VGG-19, 2048 for ResNet-152"
    )
    supervision: Literal["full", "weak"] = Field(
        "full", description="full: labels of segments; weak: labels of clips"
    )


class RelationOptions(LocalizationOptions, AttentionOptions):
    """The relation layers of CMRAN and BMFN."""

    width: Width = Field(256, description="width of the attention layers; a multiple of heads")
    heads: Heads = Field(4, description="heads of each attention")


class CMRANOptions(RelationOptions):
    """Cross-modal relation-aware network (Xu et al., ACM MM 2020).

    Ablations of its Tables 3 to 5: relation, attention, interaction, layers.
    """

    layers: int = Field(2, ge=0, le=64, description="layers of each encoder (ITR)")
    attention: Literal["agsca", "agva", "mean"] = Field(
        "agsca", description="pooling of the visual map: agsca, AVEL's agva, or its mean"
    )
    relation: Literal["cmra", "self", "co", "cmra_f", "none"] = Field(
        "cmra",
        description="memory of the decoders: cmra both modalities in time, self or co one of "
        "them, cmra_f both side by side; none: no decoders",
    )
    interaction: Literal["cmra", "self", "none"] = Field(
        "cmra",
        description="memory of the interaction: both streams, or their product; none: no attention",
    )

    @model_validator(mode="after")
    def _weak_interaction_has_half_the_heads(self) -> "CMRANOptions":
        if self.supervision == "weak" and self.interaction != "none" and self.heads % 2:
            raise ValueError(
                f"heads = {self.heads} is odd: with supervision = 'weak' the interaction has half "
                "of the heads"
            )
        return self


class BMFNOptions(RelationOptions):
    """Bi-directional modality fusion network (Liu et al., ICASSP 2022).

    Ablations of its Tables 2 and 3: cells, joint.
    """

    refiner: Literal["learned", "released", "none"] = Field(
        "learned",
        description="refiner of the attention maps; released reproduces a bug of released BMFN: "
        "new random weights in every forward pass, also when it is scored",
    )
    cells: Literal["modality", "audio", "visual", "direction", "forward", "backward"] = Field(
        "modality",
        description="features that the fusion blocks (FBFM) join: audio is without FBFM1, visual "
        "without FBFM2, direction is BMFN*",
    )
    joint: Literal["mean", "add", "multiply", "concat"] = Field(
        "mean", description="how the outputs of both fusion blocks are joined"
    )

    @field_validator("refiner", mode="before")
    @classmethod
    def _null_is_none(cls, value: Any) -> Any:
        return "none" if value is None else value


class AVELOptions(LocalizationOptions):
    """Audio-guided attention and LSTMs (Tian et al., ECCV 2018).

    Ablations of its Table 1: modality, attention.
    """

    modality: Modality = Field("both", description="modalities that the model reads")
    attention: bool = Field(
        True, description="audio-guided attention to the map; false, or one modality, averages it"
    )


class DMRNOptions(LocalizationOptions):
    """Dual multimodal residual network (Tian et al., ECCV 2018)."""


class PSPOptions(LocalizationOptions):
    """Positive sample propagation (Zhou et al., CVPR 2021)."""

    threshold: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="similarities up to this are cut; null: 0.099, or 0.095 for weak supervision",
    )
    weak_labels: Literal["share", "class"] = Field(
        "share",
        description="weak label of a clip: share of its segments with each class, as published "
        "(it reveals how long the event is), or its class alone",
    )
    as_released: bool = Field(
        False,
        description="reproduce a bug of released PSP: targets of the similarity loss keep values "
        "of the previous batch outside the event",
    )


class MMPyramidAVEOptions(LocalizationOptions, PyramidOptions):
    """MM-Pyramid for localization, after its section 4.2 (Yu et al., ACM MM 2022)."""


class LinearAVEOptions(LocalizationOptions):
    """One linear layer for each modality, the simplest baseline."""

    modality: Modality = Field("both", description="modalities that the model reads")
