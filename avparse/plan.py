"""What the workflow asks before it runs anything; loads neither torch nor av."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avparse import configfile, datasets, features, manifest
from avparse.checks import check_names, inputs
from avparse.config import Experiment, Settings, Synth
from avparse.datasets import DATASETS
from avparse.datasets.base import SPLITS
from avparse.datasets.official import FILES as OFFICIAL
from avparse.errors import ConfigError, DataError
from avparse.export import ALWAYS
from avparse.models import INPUTS, MODELS
from avparse.provenance import digest_of, source_digest
from avparse.synth import scene
from avparse.synth.tables import FILES

RUNTIME = "AVPARSE_RUNTIME"
"""Environment variable that carries runtime settings and limits to the jobs of a workflow: they are
in no rule, so that changing them reruns nothing."""

FRAMES = "AVPARSE_FRAMES"
"""Environment variable that tells the jobs of ``decode`` which extractors will read the frames, and
which views they want: an extractor whose view changes later decodes for itself."""

NOT_OF_WEIGHTS = (
    "precision", "output", "average", "sampling", "geometry", "filter", "jpeg", "hop",
)  # fmt: skip
"""Settings of an extractor that its weights do not depend on, random ones neither."""


def load(values: Mapping[str, Any], where: str = "config.yaml") -> Settings:
    """Check settings, names and all.

    Raises:
        ConfigError, UnknownNameError: the first problem.
    """
    settings = configfile.parse(dict(values), where)
    check_names(settings)
    return settings


def with_compared(settings: Settings, home: Path) -> Settings:
    """The settings with the experiments of ``snakemake compare`` beside their own.

    Those on a data set, or with an extractor, that the settings do not have are left out.

    Args:
        home: of the workflow; where its own presets are looked for.
    Raises:
        ConfigError: the file that lists them is missing, or wrong.
    """
    path = Path(settings.compare)
    values = configfile.read_yaml(path if path.is_file() else home / path).get("experiments")
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
    return load({**own, "experiments": {**kept, **own["experiments"]}}, settings.compare)


def views(settings: Settings) -> list[str]:
    """The keys of the views that all extractors want, sorted."""
    wanted = (features.view(n, e) for n, e in settings.extractors.items())
    return sorted({v.key for v in wanted if v})


def check_files(settings: Settings) -> None:
    """Refuse weights and archives that are not there, before anything runs."""
    for name in released(settings):
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
    return digest_of({str(folder): manifest.listing(folder) for folder in there})


def is_wanted(settings: Settings, entry: manifest.Entry) -> bool:
    """Whether a video of the manifest takes part: its file is there, or will be made."""
    if entry.dataset:
        dataset = settings.datasets.get(entry.dataset)
        if dataset is None or dataset.released:
            return False
    made = entry.dataset and settings.datasets[entry.dataset].synth is not None
    return bool(made) or Path(entry.path).is_file()


def keys_of(path: str) -> list[str]:
    """The keys of a dotted path; one that holds dots stands in double quotes.

    ``extractors."timm:resnet50.a1_in1k".seed`` has three.
    """
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|([^."]+)', path)]


def flags(settings: Settings, *paths: str, drop: tuple[str, ...] = ()) -> list[str]:
    """Command-line words that give a command some of the settings.

    Args:
        paths: dotted, such as ``"extractors.vgg19"``; see :func:`keys_of`.
        drop: keys of those sections that the command does not depend on.
    """
    words = []
    for path in paths:
        value: Any = settings.model_dump(mode="json")
        for key in keys_of(path):
            value = value[key]
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if k not in drop}
        words += ["--set", f"{path}={json.dumps(value)}"]
    return words


def extractor_flags(settings: Settings, name: str, drop: tuple[str, ...] = ()) -> list[str]:
    """The settings of one extractor."""
    return flags(settings, f'extractors."{name}"', drop=drop)


def extractor_module(settings: Settings, name: str) -> str:
    """The module of an extractor's network."""
    return features.module(name, settings.extractors[name])


def weights_files(settings: Settings, name: str) -> list[str]:
    """The file that an extractor's weights are made from, if the settings name one."""
    file = features.weights_file(settings.extractors[name])
    return [file] if file else []


def code(stage: str, *plugins: str) -> str:
    """Digest of the code of a stage and of the plug-ins it loads by name."""
    return source_digest(f"avparse.stages.{stage}", *plugins)


def template_digest(package: str = "report") -> str:
    """Digest of what a package makes pages of that is no module: templates, styles, scripts."""
    files = sorted((Path(__file__).parent / package).rglob("*.*"))
    texts = [f.read_text("utf-8") for f in files if f.suffix in (".jinja", ".css", ".js")]
    return digest_of(texts)


def share_runtime(settings: Settings) -> None:
    """Hand the runtime settings to the jobs that this process starts."""
    shared = settings.model_dump(mode="json", include={"runtime", "decode", "features"})
    os.environ[RUNTIME] = json.dumps(shared)
    read = sorted({e for name in settings.experiments for e in inputs(settings, name).values()})
    wanted = settings.model_copy(update={"extractors": {e: settings.extractors[e] for e in read}})
    readers = [] if settings.decode.keep_frames else read
    os.environ[FRAMES] = json.dumps({"views": views(wanted), "readers": readers})


def shared_frames() -> dict[str, list[str]]:
    """The ``readers`` of decoded frames and their ``views``, within a workflow; else nothing."""
    found: dict[str, list[str]] = json.loads(os.environ.get(FRAMES, "{}"))
    return found


def gpus(settings: Settings) -> int:
    """How many GPUs a job of a network takes: 1 where it will use one, else 0."""
    wanted = settings.runtime.device
    return int(wanted.startswith("cuda") or (wanted == "auto" and Path("/dev/nvidia0").exists()))


def index_flags(settings: Settings) -> list[str]:
    """What the list of videos depends on, and what is checked with it: models and their options."""
    checked = {"model", "dataset", "inputs", "options"}
    models = {
        n: e.model_dump(mode="json", include=checked) for n, e in settings.experiments.items()
    }
    return [
        *flags(settings, "raw", "datasets", "extractors"),
        *("--set", f"experiments={json.dumps(models)}"),
    ]


def train_flags(settings: Settings, name: str) -> list[str]:
    """What the training of an experiment depends on: not its threshold, nor the other seeds."""
    own = flags(settings, f"experiments.{name}", drop=("threshold", "seeds", "labels_from"))
    for extractor in sorted(set(inputs(settings, name).values())):
        own += extractor_flags(settings, extractor)
    return own + _dataset_flags(settings, settings.experiments[name].dataset)


def evaluate_flags(settings: Settings, name: str) -> list[str]:
    """What the scores of an experiment depend on: not how it was trained."""
    dataset = settings.experiments[name].dataset
    return flags(
        settings,
        f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "labels_from"),
    ) + _dataset_flags(settings, dataset)


def refine_flags(settings: Settings, name: str) -> list[str]:
    """What refined labels depend on, beside the checkpoint: the data set."""
    experiment = settings.experiments[name]
    return flags(
        settings, f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "threshold", "labels_from"),
    ) + _dataset_flags(settings, experiment.dataset)  # fmt: skip


def _dataset_flags(settings: Settings, dataset: str) -> list[str]:
    return flags(settings, "clips") + flags(settings, f"datasets.{dataset}", drop=("synth",))


def coverage_flags(settings: Settings) -> list[str]:
    """What coverage counts: all data sets, and no experiment."""
    return [*flags(settings, "failures", "datasets"), "--set", "experiments={}"]


def compare_flags(settings: Settings) -> list[str]:
    """What the comparison tells of each experiment."""
    return [
        word
        for name in settings.experiments
        for word in flags(settings, f"experiments.{name}", drop=("training", "inputs", "threshold"))
    ]


def released(settings: Settings) -> list[str]:
    """The data sets whose published features are used; each is a shard of its own name."""
    return [name for name, dataset in settings.datasets.items() if dataset.released]


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


def import_flags(settings: Settings, name: str) -> list[str]:
    """What imported features depend on, beside the archive."""
    own = [w for e in read_by(settings, name) for w in extractor_flags(settings, e)]
    return own + _dataset_flags(settings, name)


def embedded(settings: Settings) -> list[str]:
    """The data sets whose features the report shows from above."""
    used = {experiment.dataset for experiment in settings.experiments.values()}
    return sorted(used) if settings.report.points else []


def embed_flags(settings: Settings, name: str) -> list[str]:
    """What the map of a data set's features depends on, beside the features."""
    extractors = [flags(settings, f'extractors."{e}"') for e in read_by(settings, name)]
    return [
        *(word for words in extractors for word in words),
        *flags(settings, "report.points"),
        *_dataset_flags(settings, name),
    ]


def report_flags(settings: Settings) -> list[str]:
    """What the report shows: all but where things ran, within which limits, and other pages."""
    return _all_but(settings, "runtime", "decode", "features", "export", "viewer")


def viewer_flags(settings: Settings) -> list[str]:
    """What the viewer depends on: what the report does, less what only that shows."""
    left = "runtime", "decode", "features", "export", "report", "failures", "compare"
    return _all_but(settings, *left)


def _all_but(settings: Settings, *left: str) -> list[str]:
    return flags(settings, *(key for key in type(settings).model_fields if key not in left))


def formats(settings: Settings) -> list[str]:
    """The formats that events are written in, each once."""
    return list(dict.fromkeys([*ALWAYS, *settings.export.formats]))


def dataset_modules(settings: Settings) -> list[str]:
    """The modules of the data sets' readers."""
    return sorted({DATASETS.module(d.kind) for d in settings.datasets.values()})


def experiment_modules(settings: Settings, name: str) -> list[str]:
    """The modules of an experiment's model and data set reader."""
    experiment = settings.experiments[name]
    kind = settings.datasets[experiment.dataset].kind
    return [MODELS.module(experiment.model), DATASETS.module(kind)]


def synth_files(settings: Synth) -> list[str]:
    """What ``avparse synth`` writes, relative to its folder."""
    planned = scene.plan({split: getattr(settings, split) for split in SPLITS}, settings.seed)
    return [f"videos/{one.video_id}.mp4" for one in planned] + list(FILES)
