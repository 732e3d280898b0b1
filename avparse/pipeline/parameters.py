"""What a job of the workflow is given: the settings and the code that it depends on, and no others.

A job runs again when these change. Where it runs, it learns from its environment.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from avparse import features
from avparse.config.settings import Settings
from avparse.core.provenance import digest_of, source_digest
from avparse.datasets import DATASETS
from avparse.models import MODELS
from avparse.pipeline.targets import read_by, views
from avparse.pipeline.validate import inputs

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


def refine_flags(settings: Settings, name: str) -> list[str]:
    """What refined labels depend on, beside the checkpoint: the data set."""
    experiment = settings.experiments[name]
    return flags(
        settings, f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "threshold", "labels_from"),
    ) + _dataset_flags(settings, experiment.dataset)  # fmt: skip


def evaluate_flags(settings: Settings, name: str) -> list[str]:
    """What the scores of an experiment depend on: not how it was trained."""
    dataset = settings.experiments[name].dataset
    return flags(
        settings,
        f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "labels_from"),
    ) + _dataset_flags(settings, dataset)


def import_flags(settings: Settings, name: str) -> list[str]:
    """What imported features depend on, beside the archive."""
    own = [w for e in read_by(settings, name) for w in extractor_flags(settings, e)]
    return own + _dataset_flags(settings, name)


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


def tsne_flags(settings: Settings, name: str) -> list[str]:
    """What the map of a data set's features depends on, beside the features."""
    own = [w for e in read_by(settings, name) for w in extractor_flags(settings, e)]
    return [*own, *flags(settings, "report.points"), *_dataset_flags(settings, name)]


def report_flags(settings: Settings) -> list[str]:
    """What the report shows: all but where things ran, within which limits, and other pages."""
    return _all_but(settings, "runtime", "decode", "features", "export", "viewer")


def viewer_flags(settings: Settings) -> list[str]:
    """What the viewer depends on: what the report does, less what only that shows."""
    left = "runtime", "decode", "features", "export", "report", "failures", "compare"
    return _all_but(settings, *left)


def _all_but(settings: Settings, *left: str) -> list[str]:
    return flags(settings, *(key for key in type(settings).model_fields if key not in left))


def code(stage: str, *plugins: str) -> str:
    """Digest of the code of a stage and of the plug-ins it loads by name."""
    return source_digest(f"avparse.stages.{stage}", *plugins)


def extractor_module(settings: Settings, name: str) -> str:
    """The module of an extractor's network."""
    return features.module(name, settings.extractors[name])


def dataset_modules(settings: Settings) -> list[str]:
    """The modules of the data sets' readers."""
    return sorted({DATASETS.module(d.kind) for d in settings.datasets.values()})


def experiment_modules(settings: Settings, name: str) -> list[str]:
    """The modules of an experiment's model and data set reader."""
    experiment = settings.experiments[name]
    kind = settings.datasets[experiment.dataset].kind
    return [MODELS.module(experiment.model), DATASETS.module(kind)]


def template_digest(package: str = "report") -> str:
    """Digest of what a package makes pages of that is no module: templates, styles, scripts."""
    files = sorted((Path(__file__).parent.parent / package).rglob("*.*"))
    texts = [f.read_text("utf-8") for f in files if f.suffix in (".jinja", ".css", ".js")]
    return digest_of(texts)


def gpus(settings: Settings) -> int:
    """How many GPUs a job of a network takes: 1 where it will use one, else 0."""
    wanted = settings.runtime.device
    return int(wanted.startswith("cuda") or (wanted == "auto" and Path("/dev/nvidia0").exists()))


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
