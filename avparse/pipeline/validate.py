"""Checks of the settings that need the registries. Imports neither torch nor av."""

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
from avparse.models import INPUTS, MODELS, PARSING_INPUTS, parse_options


def load(values: Mapping[str, Any], where: str = yaml_file.DEFAULT_SOURCE) -> Settings:
    """Check settings, and that every name in them is known.

    Raises:
        ConfigError, UnknownNameError: the first problem.
    """
    settings = yaml_file.parse(dict(values), where)
    check_names(settings)
    return settings


def inputs(settings: Settings, name: str) -> dict[str, str]:
    """The extractor for each input of an experiment's model."""
    experiment = settings.experiments[name]
    return {**INPUTS[experiment.model], **experiment.inputs}


def check_names(settings: Settings) -> None:
    """Refuse unknown names, and settings that contradict each other."""
    clips = settings.clips
    if clips.hop_seconds > clips.seconds:
        raise ConfigError(
            f"clips.hop_seconds = {clips.hop_seconds}",
            f"at most clips.seconds = {clips.seconds}, or parts of a video are skipped",
        )
    for name in settings.datasets:
        _check_dataset(settings, name)
    synthetic = [name for name, dataset in settings.datasets.items() if dataset.synth]
    if len(synthetic) > 1:
        names = ", ".join(synthetic)
        raise ConfigError(f"datasets {names}", "only one can be synthetic: set synth: null")
    for name in settings.export.formats:
        EXPORTS.check(name)
    for name, extractor in settings.extractors.items():
        features.check(name, extractor)
    for name in settings.experiments:
        _check_experiment(settings, name)


def _check_dataset(settings: Settings, name: str) -> None:
    dataset, where = settings.datasets[name], f"datasets.{name}"
    DATASETS.check(dataset.kind)
    if dataset.synth and (dataset.kind != "synth" or dataset.features):
        raise ConfigError(f"{where}.synth", "set it to null: only the bundled set is synthetic")
    if dataset.features and dataset.kind not in OFFICIAL:
        hint = "set it to null: only AVE and LLP have published features"
        raise ConfigError(f"{where}.features", hint)
    if dataset.released and settings.clips.seconds != CLIP_S:
        value = f"clips.seconds = {settings.clips.seconds}"
        raise ConfigError(value, f"the published features of {name} need {CLIP_S} s")
    if dataset.features and name.isdigit():
        raise ConfigError(where, "use a name that is not a number")


def _check_experiment(settings: Settings, name: str) -> None:
    experiment, where = settings.experiments[name], f"experiments.{name}"
    MODELS.check(experiment.model)
    if len(set(experiment.seeds)) < len(experiment.seeds):
        raise ConfigError(f"{where}.seeds = {experiment.seeds}", "list each seed once")
    if "num_classes" in experiment.options:
        hint = "remove it: the data set determines the number of classes"
        raise ConfigError(f"{where}.options.num_classes", hint)
    parse_options(experiment.model, experiment.options, f"{where}.options")
    known = INPUTS[experiment.model]
    for argument in experiment.inputs:
        if argument not in known:
            raise ConfigError(f"{where}.inputs.{argument}", near(argument, known))
    if experiment.dataset not in settings.datasets:
        hint = near(experiment.dataset, settings.datasets)
        raise ConfigError(f"{where}.dataset = {experiment.dataset!r}", hint)
    if experiment.labels_from is not None:
        _check_labels_from(settings, name)
    for extractor in inputs(settings, name).values():
        if extractor not in settings.extractors:
            hint = f"add it under extractors, or {near(extractor, settings.extractors)}"
            raise ConfigError(f"{where} needs the extractor {extractor!r}", hint)


def _check_labels_from(settings: Settings, name: str) -> None:
    """Label refinement needs a parsing model as base, with the same data set and seeds."""
    experiment = settings.experiments[name]
    where = f"experiments.{name}.labels_from = {experiment.labels_from!r}"
    base = settings.experiments.get(experiment.labels_from or "")
    if base is None:
        raise ConfigError(where, near(experiment.labels_from or "", settings.experiments))
    if base.labels_from is not None:
        raise ConfigError(where, "its labels are refined already: use its base experiment")
    if base.dataset != experiment.dataset:
        raise ConfigError(where, f"both need the same data set, it uses {base.dataset!r}")
    for model in (base.model, experiment.model):
        if INPUTS[model] is not PARSING_INPUTS:
            raise ConfigError(where, f"{model} is not a parsing model")
    if missing := sorted(set(experiment.seeds) - set(base.seeds)):
        raise ConfigError(where, f"it lacks the seeds {', '.join(map(str, missing))}")
