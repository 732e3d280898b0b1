"""The command that describes models and their options."""

import json
import textwrap
from typing import Any

import click

from avparse.cli.options import json_option, print_json


@click.command()
@click.argument("name", required=False)
@json_option
def model(name: str | None, as_json: bool) -> None:
    """Describe a model and its options, or list all models.

    Options go into the settings (experiments.NAME.options) or to `avparse checkpoint import
    --option`.

    \b
    Examples:
      avparse model
      avparse model han
      avparse model cmran --json
    """
    from avparse import models

    if name is None:
        rows = [_summary(each) for each in models.MODELS.names()]
        if as_json:
            print_json(rows)
        else:
            click.echo("\n".join(_listed(rows)))
        return
    description = _description(models.MODELS.check(name))
    if as_json:
        print_json(description)
    else:
        click.echo("\n".join(_text(description)))


def _summary(name: str) -> dict[str, Any]:
    from avparse import models
    from avparse.models.options.base import title

    return {"name": name, "task": models.task(name), "title": title(models.options_class(name))}


def _description(name: str) -> dict[str, Any]:
    from dataclasses import asdict

    from avparse import models
    from avparse.models.options.base import describe

    kind = models.MODELS.load(name)
    recipes = {"published": kind.recipe, "weak": getattr(kind, "weak_recipe", None)}
    return {
        **_summary(name),
        "inputs": models.INPUTS[name],
        "recipes": {label: asdict(recipe) for label, recipe in recipes.items() if recipe},
        "options": describe(models.options_class(name)),
    }


def _listed(rows: list[dict[str, Any]]) -> list[str]:
    """All models by task, for people."""
    lines = []
    wide = max(len(row["name"]) for row in rows)
    for task in dict.fromkeys(row["task"] for row in rows):
        lines.append(f"{task}:")
        lines += [f"  {r['name']:<{wide}}  {r['title']}" for r in rows if r["task"] == task]
    return [*lines, "", "avparse model NAME describes a model and its options."]


def _text(description: dict[str, Any]) -> list[str]:
    """A model, for people."""
    inputs = (f"{argument} ({extractor})" for argument, extractor in description["inputs"].items())
    lines = [
        f"{description['name']}: {description['title']}",
        f"task:    {description['task']}",
        f"inputs:  {', '.join(inputs)}",
    ]
    for label, values in description["recipes"].items():
        suffix = " (supervision: weak)" if label == "weak" else ""
        lines.append(f"recipe:  {_recipe(values)}{suffix}")
    lines.append("options:" if description["options"] else "options: none")
    for option in description["options"]:
        allowed = ", ".join(filter(None, (option["type"], option["values"])))
        lines.append(f"  {option['name']}: {allowed}; default {_yaml(option['default'])}")
        indent = " " * 6
        lines += textwrap.wrap(
            option["description"], 96, initial_indent=indent, subsequent_indent=indent
        )
    return lines


def _recipe(values: dict[str, Any]) -> str:
    rate = f"learning rate {values['learning_rate']:g}"
    if values["milestones"]:
        epochs = ", ".join(map(str, values["milestones"]))
        rate += f" (x {values['gamma']:g} after {epochs} epochs)"
    parts = [f"{values['epochs']} epochs", f"batch size {values['batch_size']}", rate]
    if values["clip_norm"] is not None:
        parts.append(f"gradient norm at most {values['clip_norm']:g}")
    return ", ".join(parts)


def _yaml(value: Any) -> str:
    """A value as it is written in the settings."""
    return value if isinstance(value, str) else json.dumps(value)
