"""index: list the videos and assign each to a shard."""

from pathlib import Path

from avparse import datasets, features
from avparse.config.data import DatasetSettings
from avparse.config.settings import ExperimentSettings, Settings
from avparse.core.errors import ConfigError, DataError
from avparse.core.progress import say
from avparse.datasets.official import FILES as OFFICIAL
from avparse.datasets.videos import listing
from avparse.models import INPUTS, MODELS, parse_options
from avparse.pipeline import manifest


def run(settings: Settings, out: Path) -> None:
    """Append new videos to the manifest, in new shards.

    Args:
        out: the manifest; its existing rows do not change.
    """
    for experiment in settings.experiments.values():
        _check_shapes(settings, experiment)
    for source in settings.datasets.values():
        if problems := datasets.load(source).problems():
            more = f" ({len(problems) - 1} more)" * (len(problems) > 1)
            hint = f"see `avparse dataset check {source.path} --kind {source.kind}`"
            raise DataError(f"{problems[0]}{more}", hint)
    labelled = {
        name: {video: path.as_posix() for video, path in datasets.load(d).videos().items()}
        for name, d in settings.datasets.items()
        if not d.released
    }
    for name, videos in labelled.items():
        if not videos:
            raise DataError(
                f"no videos of data set {name}", _where_from(settings.datasets[name], name)
            )
    dropped = listing(Path(settings.raw)) if settings.raw else []
    known = manifest.read(out)
    entries = manifest.extend(
        known, labelled, dropped, settings.raw or "", settings.decode.shard_size
    )
    manifest.write(out, entries)
    shards = len(manifest.Listing(entries).shards())
    say(f"index: {len(entries) - len(known)} new of {len(entries)} videos, {shards} shards")


def _where_from(dataset: DatasetSettings, name: str) -> str:
    """A hint for a data set without videos."""
    hint = f"put them into {datasets.load(dataset).media}"
    if dataset.kind in OFFICIAL:
        where = dataset.features or f"a folder and set datasets.{name}.features"
        hint += f", or published features into {where}"
    if dataset.kind == "llp":
        hint += (
            f", or fetch videos: `snakemake --cores 1 download_{name}` with the same --configfile"
        )
    return hint


def _check_shapes(settings: Settings, experiment: ExperimentSettings) -> None:
    """Refuse features whose shape the model cannot read."""
    model = MODELS.load(experiment.model)
    options = parse_options(experiment.model, experiment.options)
    for argument, published in INPUTS[experiment.model].items():
        name = experiment.inputs.get(argument, published)
        wanted = settings.extractors[name]
        given, expected = features.create(name, wanted).shape, features.create(published).shape
        width = getattr(options, f"{argument}_width", expected[-1])
        expected = (*expected[:-1], width)
        if given != expected:
            raise ConfigError(
                f"{name} gives {given}, {experiment.model} reads {expected} as {argument}",
                f"use {published}, or set output so that the shape fits",
            )
        if not wanted.average and argument not in model.many:
            raise ConfigError(
                f"extractors.{name}.average = false",
                f"{experiment.model} reads one feature a second as {argument}",
            )
