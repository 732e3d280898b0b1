"""Options that models of both tasks have: attention, and MM-Pyramid's network."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from avparse.models.options.base import Options

Width = Annotated[int, Field(ge=1, le=8192)]
Heads = Annotated[int, Field(ge=1, le=256)]
Dropout = Annotated[float, Field(ge=0, lt=1)]


class AttentionOptions(Options):
    """Width and heads of multi-head attention."""

    width: Width = Field(512, description="width of the streams; a multiple of heads")
    heads: Heads = Field(1, description="heads of each attention")

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "AttentionOptions":
        if self.width % self.heads:
            raise ValueError(f"heads = {self.heads} does not divide width = {self.width}")
        return self


class PyramidOptions(AttentionOptions):
    """The feature pyramid of MM-Pyramid; its ablations are those of its Tables 3 and 4."""

    heads: Heads = Field(8, description="heads of each attention")
    dropout: Dropout = Field(
        0.2,
        description="dropout of each attention and feed-forward block; "
        "structure: transformer has 0.1 and ignores it",
    )
    units: int = Field(4, ge=1, le=10, description="levels of the pyramid")
    structure: Literal["pyramid", "last", "flat", "transformer"] = Field(
        "pyramid",
        description="last: output of the last level only; flat: all levels as wide as the last; "
        "transformer: layers of HAN's hybrid attention with positional encoding",
    )
    conv: Literal["residual", "plain", "none"] = Field(
        "residual", description="convolution after each attention; plain: one without residual"
    )
    unit_attention: bool = Field(True, description="the levels attend to each other")
    selective: bool = Field(True, description="weigh the levels; false averages them")
    shared: bool = Field(
        True, description="share the weights of cross-modal attention between both directions"
    )

    @model_validator(mode="after")
    def _positions_need_pairs(self) -> "PyramidOptions":
        if self.structure == "transformer" and self.width % 2:
            raise ValueError(f"structure = 'transformer' needs an even width, not {self.width}")
        return self
