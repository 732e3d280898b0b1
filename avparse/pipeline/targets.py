"""What the workflow asks before it runs anything; loads neither torch nor av."""

from pathlib import Path

from avparse import datasets, features
from avparse.config import yaml_file
from avparse.config.settings import Experiment, Settings, Synth
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
    """The settings with the experiments of ``snakemake compare`` beside their own.

    Those on a data set, or with an extractor, that the settings do not have are left out.

    Args:
        home: of the workflow; where its own presets are looked for.
    Raises:
        ConfigError: the file that lists them is missing, or wrong.
    """
    path = Path(settings.compare)
    values = yaml_file.read_yaml(path if path.is_file() else home / path).get("experiments")
    if not isinstance(values, dict) or not values:
        raise ConfigError(f"compare = {settings.compare!r}", "no experiments in that file")
    default = Experiment.model_fields["dataset"].default

    def fits(value: object) -> bool:
        """Whether its data set is there, and its base not one of the user's on other data."""
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
    """Refuse weights and archives that are not there, before anything runs."""
    for name in settings.released:
        archives(settings, name)
    for name in settings.extractors:
        for file in weights_files(settings, name):
            if not Path(file).is_file():
                raise ConfigError(f"extractors.{name}.weights = {file!r}", "no such file")


def listing_digest(settings: Settings) -> str:
    """Digest of what is in the raw folder and in the folders of existing data sets."""
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
    """Whether a video of the manifest takes part: its file is there, or will be made."""
    if entry.dataset:
        dataset = settings.datasets.get(entry.dataset)
        if dataset is None or dataset.released:
            return False
    made = entry.dataset and settings.datasets[entry.dataset].synth is not None
    return bool(made) or Path(entry.path).is_file()


def views(settings: Settings) -> list[str]:
    """The keys of the views that all extractors want, sorted."""
    wanted = (features.view(n, e) for n, e in settings.extractors.items())
    return sorted({v.key for v in wanted if v})


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
        listing: the videos that take part.
    """
    return [name] if settings.datasets[name].released else listing.shards(name)


def experiment_shards(settings: Settings, listing: manifest.Listing, name: str) -> list[str]:
    """The shards that an experiment says something of: of its data set, and of dropped-in videos.

    Args:
        listing: the videos that take part.
    """
    own = dataset_shards(settings, listing, settings.experiments[name].dataset)
    return sorted({*own, *listing.shards("")})


def prediction_files(
    settings: Settings, listing: manifest.Listing, name: str, results: Path
) -> list[Path]:
    """The files in which an experiment says it, a shard each.

    Args:
        listing: the videos that take part.
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
    """The data sets whose features the report shows from above."""
    used = {experiment.dataset for experiment in settings.experiments.values()}
    return sorted(used) if settings.report.points else []


def formats(settings: Settings) -> list[str]:
    """The formats that events are written in, each once."""
    return list(dict.fromkeys([*ALWAYS, *settings.export.formats]))


def unfetched(settings: Settings, name: str) -> list[str]:
    """The published annotation files of a data set that are missing, and will be fetched."""
    dataset = settings.datasets[name]
    if dataset.kind not in OFFICIAL:
        return []
    known = {table.name for table in datasets.load(dataset).tables()}
    paths = [Path(dataset.path) / one.name for one in OFFICIAL[dataset.kind] if one.name in known]
    return [str(path) for path in paths if not path.is_file()]


def first_of_path(settings: Settings, name: str) -> str:
    """The first of the data sets that share a folder of tables: one of them fetches."""
    own = settings.datasets[name]
    return next(n for n, d in settings.datasets.items() if (d.kind, d.path) == (own.kind, own.path))


def synth_files(settings: Synth) -> list[str]:
    """What ``avparse synth`` writes, relative to its folder."""
    planned = scene.plan({split: getattr(settings, split) for split in SPLITS}, settings.seed)
    return [f"videos/{one.video_id}.mp4" for one in planned] + list(FILES)
