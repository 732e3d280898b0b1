"""Names in the settings against the tables that know them; loads neither torch nor av."""

from collections.abc import Mapping
from typing import Any

from avparse import features
from avparse.config import yaml_file
from avparse.config.settings import Settings
from avparse.core.errors import ConfigError
from avparse.core.registry import near
from avparse.datasets import DATASETS
from avparse.datasets.base import CLIP_S
from avparse.datasets.official import FILES as OFFICIAL
from avparse.formats import EXPORTS
from avparse.models import INPUTS, MODELS, PARSING_INPUTS


def load(values: Mapping[str, Any], where: str = "config.yaml") -> Settings:
    """Check settings, names and all.

    Raises:
        ConfigError, UnknownNameError: the first problem.
    """
    settings = yaml_file.parse(dict(values), where)
    check_names(settings)
    return settings


def inputs(settings: Settings, name: str) -> dict[str, str]:
    """Argument -> extractor of an experiment."""
    experiment = settings.experiments[name]
    return {**INPUTS[experiment.model], **experiment.inputs}


def check_names(settings: Settings) -> None:
    """Refuse names that no table or section knows."""
    if settings.clips.hop_seconds > settings.clips.seconds:
        raise ConfigError(
            f"clips.hop_seconds = {settings.clips.hop_seconds}",
            f"at most clips.seconds = {settings.clips.seconds}, or parts of a video are skipped",
        )
    for name, dataset in settings.datasets.items():
        DATASETS.check(dataset.kind)
        if dataset.synth and (dataset.kind != "synth" or dataset.features):
            hint = "set it to null: only the bundled set is made"
            raise ConfigError(f"datasets.{name}.synth", hint)
        if dataset.features and dataset.kind not in OFFICIAL:
            hint = "only AVE and LLP have published features: set it to null"
            raise ConfigError(f"datasets.{name}.features", hint)
        if dataset.released and settings.clips.seconds != CLIP_S:
            said = f"clips.seconds = {settings.clips.seconds}"
            raise ConfigError(said, f"published features of {name} are of {CLIP_S} s")
        if dataset.features and name.isdigit():
            raise ConfigError(f"datasets.{name}", "give it a name that is no number")
    made = [name for name, dataset in settings.datasets.items() if dataset.synth]
    if len(made) > 1:
        raise ConfigError(f"datasets {', '.join(made)}", "only one can be made: set synth: null")
    for name in settings.export.formats:
        EXPORTS.check(name)
    for name, wanted in settings.extractors.items():
        features.check(name, wanted)
    for name, experiment in settings.experiments.items():
        MODELS.check(experiment.model)
        known = INPUTS[experiment.model]
        if len(set(experiment.seeds)) < len(experiment.seeds):
            raise ConfigError(f"experiments.{name}.seeds = {experiment.seeds}", "give each once")
        if "num_classes" in experiment.options:
            hint = "leave it out, the data set tells it"
            raise ConfigError(f"experiments.{name}.options.num_classes", hint)
        for argument in experiment.inputs:
            if argument not in known:
                raise ConfigError(f"experiments.{name}.inputs.{argument}", near(argument, known))
        if experiment.dataset not in settings.datasets:
            raise ConfigError(
                f"experiments.{name}.dataset = {experiment.dataset!r}",
                near(experiment.dataset, settings.datasets),
            )
        if experiment.labels_from is not None:
            _check_labels_from(settings, name)
        for extractor in inputs(settings, name).values():
            if extractor not in settings.extractors:
                raise ConfigError(
                    f"experiments.{name} needs the extractor {extractor!r}",
                    f"add it under extractors, or {near(extractor, settings.extractors)}",
                )


def _check_labels_from(settings: Settings, name: str) -> None:
    """Refined labels need a base experiment for parsing, on the same data, with the same seeds."""
    experiment = settings.experiments[name]
    where = f"experiments.{name}.labels_from = {experiment.labels_from!r}"
    base = settings.experiments.get(experiment.labels_from or "")
    if base is None:
        raise ConfigError(where, near(experiment.labels_from or "", settings.experiments))
    if base.labels_from is not None:
        raise ConfigError(where, "its own labels are refined already: name an experiment before it")
    if base.dataset != experiment.dataset:
        raise ConfigError(where, f"both need one data set: it has {base.dataset!r}")
    for one in (base, experiment):
        if INPUTS[one.model] is not PARSING_INPUTS:
            raise ConfigError(where, f"{one.model} is not for parsing")
    if missing := sorted(set(experiment.seeds) - set(base.seeds)):
        raise ConfigError(where, f"it lacks the seeds {', '.join(map(str, missing))}")
