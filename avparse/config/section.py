"""The base of all sections of the settings, and how they are passed on."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$")]
"""A name that is used in file names."""
ExtractorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,100}$")]
"""Like ``Name``, but also allows names such as ``timm:resnet50.a1_in1k``."""


class Section(BaseModel):
    """Base class of all sections of the settings; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", validate_default=True)


def plain(value: Any) -> Any:
    """Convert a setting or section to JSON types, without values that equal their default.

    Settings added later therefore do not change the result. If a default changes, declare the old
    one as ``json_schema_extra={"before": ...}``: both values are then written out.
    """
    if isinstance(value, Section):
        return {
            key: plain(getattr(value, key))
            for key, field in type(value).model_fields.items()
            if not _is_default(getattr(value, key), field)
        }
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    return value


def _is_default(value: Any, field: FieldInfo) -> bool:
    default = field.get_default(call_default_factory=True)
    extra = field.json_schema_extra
    before = extra.get("before", default) if isinstance(extra, dict) else default
    return bool(value == default == before)
