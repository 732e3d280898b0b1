"""Read and check settings in YAML, print them with comments, and print their JSON Schema."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from avparse.config.section import Section
from avparse.config.settings import Settings
from avparse.core.errors import ConfigError
from avparse.core.registry import near
from avparse.core.validation import first_problem, shortened

DEFAULT_SOURCE = "the settings (config.yaml or --configfile)"
"""Where settings come from in a workflow, for messages: Snakemake merges all its files."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Read the mapping in a YAML file.

    Raises:
        ConfigError: if the file is missing, unreadable or does not contain a mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigError(
            f"no settings file {path}", "check the path given with --config"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"cannot read {path}", reason) from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} is not a YAML mapping", "write 'key: value' lines")
    return values


def parse(values: dict[str, Any], where: str = DEFAULT_SOURCE) -> Settings:
    """Validate settings and fill in the defaults.

    Args:
        values: the mapping read from YAML.
        where: file or source of the values, for messages.
    Raises:
        ConfigError: for the first problem, with the full key and the most similar known key.
    """
    try:
        return Settings.model_validate(_without_removed(values))
    except ValidationError as error:
        raise _explain(error, where) from None


def _without_removed(values: dict[str, Any]) -> dict[str, Any]:
    """Drop data sets, extractors and experiments that are set to null."""
    named = ("datasets", "extractors", "experiments")
    return {
        key: {name: v for name, v in value.items() if v is not None}
        if key in named and isinstance(value, dict)
        else value
        for key, value in values.items()
    }


def _explain(error: ValidationError, where: str) -> ConfigError:
    first = first_problem(error)
    location = [str(part) for part in first["loc"]]
    key = ".".join(location)
    if first["type"] == "extra_forbidden":
        return ConfigError(
            f"unknown key {key!r} in {where}", near(location[-1], _fields(location[:-1]))
        )
    return ConfigError(f"{key} = {shortened(first['input'])} in {where}", first["msg"])


def _fields(location: list[str]) -> list[str]:
    """The keys allowed in the section at ``location``."""
    schema = Settings.model_json_schema()
    node: dict[str, Any] = schema
    for part in location:
        members = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
        node = _resolve(node.get("properties", {}).get(part) or members[0], schema)
    return list(node["properties"])


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for candidate in (node, *node.get("anyOf", ())):
        if "$ref" in candidate:
            definition: dict[str, Any] = schema["$defs"][candidate["$ref"].rsplit("/", 1)[-1]]
            return definition
    return node


def to_schema() -> str:
    """The JSON Schema of the settings, as YAML."""
    return "# Printed by `avparse config --schema`.\n" + yaml.safe_dump(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **Settings.model_json_schema(),
        },
        sort_keys=False,
        width=100,
    )


_HEADER = (
    "# All settings of avparse with their defaults. Printed by `avparse config`.",
    "# Edit this file, or keep your changes in another one: snakemake --configfile mine.yaml",
    "# The first data set, extractor and experiment show every key. Others show only values that",
    "# differ from the defaults (see `avparse config --schema`).",
    "",
)


def to_yaml(settings: Settings | None = None) -> str:
    """Print settings as YAML, with a comment for each key.

    Args:
        settings: the settings to print; None prints the defaults.
    """
    lines = [*(_HEADER if settings is None else ())]
    _write(settings or Settings(), lines, "")
    return "\n".join(lines) + "\n"


def _write(section: Section, lines: list[str], indent: str, comments: bool = True) -> None:
    """Append all values with comments or, without comments, only values that are not defaults."""
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if not comments and value == field.get_default(call_default_factory=True):
            continue
        note = field.description or _summary(value)
        if comments:
            if not indent and lines and lines[-1]:
                lines.append("")
            lines.append(f"{indent}# {note}")
        if isinstance(value, Section):
            lines.append(f"{indent}{key}:")
            _write(value, lines, f"{indent}  ", comments)
        elif isinstance(value, dict) and any(isinstance(v, Section) for v in value.values()):
            lines.append(f"{indent}{key}:")
            for number, (name, member) in enumerate(value.items()):
                lines.append(f"{indent}  {_scalar(name)}:")
                before = len(lines)
                _write(member, lines, f"{indent}    ", comments=number == 0)
                if len(lines) == before:
                    lines[-1] += " {}"
        else:
            lines.append(f"{indent}{key}: {_scalar(value)}")


def _summary(section: Section) -> str:
    """The docstring of a section as a comment."""
    text = (type(section).__doc__ or "").strip(".")
    return text[:1].lower() + text[1:]


def _scalar(value: Any) -> str:
    """Format a value as YAML on one line."""
    return yaml.safe_dump(value, default_flow_style=True).replace("\n...", "").strip()
