"""The files that the workflow makes, and what they are made from. Imports neither torch nor av."""

from pathlib import Path

from avparse import datasets, features
from avparse.config import yaml_file
from avparse.config.data import SynthSettings
from avparse.config.settings import ExperimentSettings, Settings
from avparse.core.errors import ConfigError, DataError
from avparse.core.provenance import digest_of
from avparse.datasets.base import SPLITS
from avparse.datasets.official import FILES as OFFICIAL
from avparse.datasets.synth import scene
from avparse.datasets.synth.tables import FILES
from avparse.datasets.videos import Entry, listing
from avparse.formats import ALWAYS
from avparse.models import INPUTS
from avparse.pipeline import manifest, validate
from avparse.pipeline.validate import inputs
from avparse.prediction.predictions import prediction_file


def with_compared(settings: Settings, home: Path) -> Settings:
    """Add the experiments of ``snakemake compare`` to the settings.

    Experiments whose data set or extractors are not in the settings are left out.

    Args:
        home: folder of the workflow, with its presets.
    Raises:
        ConfigError: the file of experiments is missing or invalid.
    """
    path = Path(settings.compare)
    values = yaml_file.read_yaml(path if path.is_file() else home / path).get("experiments")
    if not isinstance(values, dict) or not values:
        raise ConfigError(f"compare = {settings.compare!r}", "no experiments in that file")
    default = ExperimentSettings.model_fields["dataset"].default

    def fits(value: object) -> bool:
        """Whether data set, extractors and base experiment fit the settings."""
        if not isinstance(value, dict):
            return True
        dataset = value.get("dataset", default)
        base = settings.experiments.get(value.get("labels_from", ""))
        given = value.get("inputs")
        own = given if isinstance(given, dict) else {}
        read = {**INPUTS.get(value.get("model", ""), {}), **own}.values()
        return (
            dataset in settings.datasets
            and set(read) <= settings.extractors.keys()
            and (base is None or base.dataset == dataset)
        )

    kept = {name: value for name, value in values.items() if fits(value)}
    own = settings.model_dump(mode="json")
    return validate.load({**own, "experiments": {**kept, **own["experiments"]}}, settings.compare)


def check_files(settings: Settings) -> None:
    """Refuse missing weights and archives before anything runs."""
    for name in settings.released:
        archives(settings, name)
    for name in settings.extractors:
        for file in weights_files(settings, name):
            if not Path(file).is_file():
                raise ConfigError(f"extractors.{name}.weights = {file!r}", "no such file")


def listing_digest(settings: Settings) -> str:
    """Digest of the file names in the raw folder and in the video folders of data sets."""
    folders = [Path(settings.raw)] if settings.raw else []
    for name, dataset in settings.datasets.items():
        if dataset.synth is None and not dataset.released:
            folders.append(datasets.load(dataset).media)
            if not folders[-1].is_dir() and dataset.kind not in OFFICIAL:
                hint = f"set datasets.{name}.videos, or datasets.{name}.features"
                raise DataError(f"no folder {folders[-1]} of data set {name}", hint)
    there = [folder for folder in folders if folder.is_dir() or str(folder) == settings.raw]
    return digest_of({str(folder): listing(folder) for folder in there})


def is_wanted(settings: Settings, entry: Entry) -> bool:
    """Whether a video of the manifest is used: its file exists, or will be synthesized."""
    if entry.dataset:
        dataset = settings.datasets.get(entry.dataset)
        if dataset is None or dataset.released:
            return False
    made = entry.dataset and settings.datasets[entry.dataset].synth is not None
    return bool(made) or Path(entry.path).is_file()


def views(settings: Settings) -> list[str]:
    """The sorted keys of the views that the extractors need."""
    keys = {view_key(settings, name) for name in settings.extractors}
    return sorted(keys - {""})


def view_key(settings: Settings, name: str) -> str:
    """The key of the view that an extractor needs; empty for audio extractors."""
    view = features.view(name, settings.extractors[name])
    return view.key if view else ""


def weights_files(settings: Settings, name: str) -> list[str]:
    """The file that an extractor's weights are made from, if the settings name one."""
    file = features.weights_file(settings.extractors[name])
    return [file] if file else []


def archives(settings: Settings, name: str) -> list[str]:
    """The files and folders of the published features of a data set."""
    from avparse.datasets.archive import parts

    dataset = settings.datasets[name]
    return sorted(
        str(path)
        for extractor in read_by(settings, name)
        for path in parts(
            dataset.kind,
            Path(dataset.features or ""),
            settings.extractors[extractor].network or extractor,
        )
    )


def dataset_shards(settings: Settings, listing: manifest.Listing, name: str) -> list[str]:
    """The shards of a data set, in order.

    Args:
        listing: the videos in use.
    """
    return [name] if settings.datasets[name].released else listing.shards(name)


def experiment_shards(settings: Settings, listing: manifest.Listing, name: str) -> list[str]:
    """The shards that an experiment predicts: those of its data set and of dropped-in videos.

    Args:
        listing: the videos in use.
    """
    own = dataset_shards(settings, listing, settings.experiments[name].dataset)
    return sorted({*own, *listing.shards("")})


def prediction_files(
    settings: Settings, listing: manifest.Listing, name: str, results: Path
) -> list[Path]:
    """The prediction files of an experiment, one per shard.

    Args:
        listing: the videos in use.
        results: the folder of all results.
    """
    shards = experiment_shards(settings, listing, name)
    return [prediction_file(results, name, shard) for shard in shards]


def read_by(settings: Settings, name: str) -> list[str]:
    """The extractors whose features a data set's experiments read, sorted."""
    return sorted(
        {
            extractor
            for experiment, wanted in settings.experiments.items()
            if wanted.dataset == name
            for extractor in inputs(settings, experiment).values()
        }
    )


def with_tsne(settings: Settings) -> list[str]:
    """The data sets whose features the report maps to the plane."""
    used = {experiment.dataset for experiment in settings.experiments.values()}
    return sorted(used) if settings.report.points else []


def formats(settings: Settings) -> list[str]:
    """The formats that events are written in, without duplicates."""
    return list(dict.fromkeys([*ALWAYS, *settings.export.formats]))


def unfetched(settings: Settings, name: str) -> list[str]:
    """The published annotation files of a data set that are missing and will be downloaded."""
    dataset = settings.datasets[name]
    if dataset.kind not in OFFICIAL:
        return []
    known = {table.name for table in datasets.load(dataset).tables()}
    paths = [Path(dataset.path) / one.name for one in OFFICIAL[dataset.kind] if one.name in known]
    return [str(path) for path in paths if not path.is_file()]


def first_of_path(settings: Settings, name: str) -> str:
    """The first data set that uses this folder of tables. Only that one downloads them."""
    own = settings.datasets[name]
    return next(n for n, d in settings.datasets.items() if (d.kind, d.path) == (own.kind, own.path))


def synth_files(settings: SynthSettings) -> list[str]:
    """What ``avparse synth`` writes, relative to its folder."""
    planned = scene.plan({split: getattr(settings, split) for split in SPLITS}, settings.seed)
    return [f"videos/{one.video_id}.mp4" for one in planned] + list(FILES)
