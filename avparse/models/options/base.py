"""Typed options of models: checked, explained in one line, and described for people."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from avparse.core.errors import ConfigError
from avparse.core.registry import near
from avparse.core.validation import first_problem, shortened

Kind = TypeVar("Kind", bound="Options")


class Options(BaseModel):
    """Options of a model: each field has a type, a range, a default and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def as_kind(self, kind: type[Kind], **fixed: Any) -> Kind:
        """Options of another kind: those that both have, and ``fixed``; defaults for the rest."""
        common = {key: value for key, value in self if key in kind.model_fields}
        return kind(**{**common, **fixed})


def parse(kind: type[Options], model: str, values: Mapping[str, Any], where: str = "") -> Options:
    """Check plain values and fill in defaults.

    Args:
        kind: the class of the model's options.
        model: its name, for messages.
        values: option -> value, as read from YAML.
        where: key of the settings that has the values, for messages.
    Raises:
        ConfigError: the first unknown option or wrong value; names the nearest.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise _explain(error, kind, model, where) from None


def _explain(error: ValidationError, kind: type[Options], model: str, where: str) -> ConfigError:
    """The first problem in one line."""
    first = first_problem(error)
    option = ".".join(map(str, first["loc"]))
    prefix = f"{where}: " if where else ""
    if first["type"] == "extra_forbidden":
        hint = near(option, kind.model_fields) if kind.model_fields else "it has no options"
        return ConfigError(f"{prefix}model {model} has no option {option!r}", hint)
    see_also = f"(avparse model {model} lists the options)"
    if not option:  # a check of several options
        return ConfigError(f"{prefix}{first['ctx']['error']} {see_also}")
    value = shortened(first["input"])
    assigned = f"{where}.{option} = {value}" if where else f"option {option} = {value}"
    if choices := _choices(kind.model_json_schema()["properties"][option]):
        return ConfigError(assigned, near(str(first["input"]), choices))
    problem = first["msg"].split(", unable to parse")[0]
    return ConfigError(assigned, f"{problem[:1].lower()}{problem[1:]} {see_also}")


def title(kind: type[Options]) -> str:
    """What the model is, from the first line of the docstring."""
    return (kind.__doc__ or "").strip().splitlines()[0].removesuffix(".")


def describe(kind: type[Options]) -> list[dict[str, Any]]:
    """Name, type, allowed values, default and description of each option.

    ``values`` is the range or the choices; empty if every value of the type is allowed.
    """
    properties = kind.model_json_schema().get("properties", {})
    return [
        {
            "name": name,
            "type": " or ".join(_type(part) for part in _parts(schema)),
            "values": " | ".join(_choices(schema)) or _range(schema),
            "default": schema["default"],
            "description": schema["description"],
        }
        for name, schema in properties.items()
    ]


_TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def _type(schema: dict[str, Any]) -> str:
    return "choice" if "enum" in schema else _TYPES[schema["type"]]


def _parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a type, such as a number or null."""
    parts: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return parts


def _choices(schema: dict[str, Any]) -> list[str]:
    """The values of an option that has a fixed list of them; else nothing."""
    return [choice for part in _parts(schema) for choice in part.get("enum", ())]


def _range(schema: dict[str, Any]) -> str:
    """The range of an option; empty without one."""
    bounds = {
        words: f"{part[bound]:g}"
        for part in _parts(schema)
        for bound, words in _BOUNDS.items()
        if bound in part
    }
    if bounds.keys() == {"at least", "at most"}:
        return f"{bounds['at least']} to {bounds['at most']}"
    return ", ".join(f"{words} {bound}" for words, bound in bounds.items())
