"""The parameters of each rule: the settings that its result depends on, and no others.

A job reruns when they change. Runtime settings reach the jobs through the environment instead.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from avparse import features
from avparse.config.section import plain
from avparse.config.settings import Settings
from avparse.core.provenance import digest_of
from avparse.datasets import DATASETS
from avparse.models import MODELS, parse_options
from avparse.pipeline.targets import read_by, views
from avparse.pipeline.validate import inputs

RUNTIME = "AVPARSE_RUNTIME"
"""Environment variable with runtime settings and limits for the jobs of a workflow. They are not
parameters of a rule, so changing them reruns nothing."""

FRAMES = "AVPARSE_FRAMES"
"""Environment variable that tells ``decode`` which extractors will read the frames, and the views
they need. An extractor whose view changes later decodes the videos itself."""

NOT_OF_WEIGHTS = (
    "precision", "output", "average", "sampling", "geometry", "filter", "jpeg", "hop",
)  # fmt: skip
"""Settings of an extractor that its weights do not depend on, even if they are random."""


def keys_of(path: str) -> list[str]:
    """The keys of a dotted path. A key with dots in it is quoted.

    ``extractors."timm:resnet50.a1_in1k".seed`` has three.
    """
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|([^."]+)', path)]


def flags(settings: Settings, *paths: str, drop: tuple[str, ...] = ()) -> list[str]:
    """Command-line words that pass the settings that differ from their defaults.

    Args:
        paths: dotted, such as ``"extractors.vgg19"``; see :func:`keys_of`.
        drop: keys of these sections that the command does not depend on.
    """
    words = []
    for path in paths:
        value: Any = settings
        for key in keys_of(path):
            value = value[key] if isinstance(value, dict) else getattr(value, key)
        value = plain(value)
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if k not in drop}
        words += ["--set", f"{path}={json.dumps(value)}"]
    return words


def extractor_flags(settings: Settings, name: str, drop: tuple[str, ...] = ()) -> list[str]:
    """The settings of one extractor."""
    return flags(settings, f'extractors."{name}"', drop=drop)


def index_flags(settings: Settings) -> list[str]:
    """Settings of the manifest, and of what is checked with it: models and their options."""
    checked = ("model", "dataset", "inputs", "options")
    models = {
        name: {key: value for key, value in plain(experiment).items() if key in checked}
        for name, experiment in settings.experiments.items()
    }
    return [
        *flags(settings, "raw", "datasets", "extractors"),
        *("--set", f"experiments={json.dumps(models)}"),
    ]


def train_flags(settings: Settings, name: str) -> list[str]:
    """Settings of a training: neither the threshold nor the other seeds."""
    words = flags(settings, f"experiments.{name}", drop=("threshold", "seeds", "labels_from"))
    for extractor in sorted(set(inputs(settings, name).values())):
        words += extractor_flags(settings, extractor)
    return words + _dataset_flags(settings, settings.experiments[name].dataset)


def model_options(settings: Settings, name: str) -> dict[str, Any]:
    """All options of an experiment's model with their values, the default ones, too."""
    experiment = settings.experiments[name]
    options: dict[str, Any] = parse_options(experiment.model, experiment.options).model_dump(
        mode="json"
    )
    return options


def refine_flags(settings: Settings, name: str) -> list[str]:
    """Settings of refined labels: the data set."""
    experiment = settings.experiments[name]
    return flags(
        settings, f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "threshold", "labels_from"),
    ) + _dataset_flags(settings, experiment.dataset)  # fmt: skip


def evaluate_flags(settings: Settings, name: str) -> list[str]:
    """Settings of an experiment's scores: not those of the training."""
    dataset = settings.experiments[name].dataset
    return flags(
        settings,
        f"experiments.{name}",
        drop=("training", "seeds", "options", "inputs", "labels_from"),
    ) + _dataset_flags(settings, dataset)


def import_flags(settings: Settings, name: str) -> list[str]:
    """Settings of imported features."""
    words = [w for e in read_by(settings, name) for w in extractor_flags(settings, e)]
    return words + _dataset_flags(settings, name)


def _dataset_flags(settings: Settings, dataset: str) -> list[str]:
    return flags(settings, "clips") + flags(settings, f"datasets.{dataset}", drop=("synth",))


def coverage_flags(settings: Settings) -> list[str]:
    """Settings of coverage: all data sets, no experiments."""
    return [*flags(settings, "failures", "datasets"), "--set", "experiments={}"]


def compare_flags(settings: Settings) -> list[str]:
    """Settings of the comparison: what it shows of each experiment."""
    return [
        word
        for name in settings.experiments
        for word in flags(settings, f"experiments.{name}", drop=("training", "inputs", "threshold"))
    ]


def tsne_flags(settings: Settings, name: str) -> list[str]:
    """Settings of the map of a data set's features."""
    words = [w for e in read_by(settings, name) for w in extractor_flags(settings, e)]
    return [*words, *flags(settings, "report.points"), *_dataset_flags(settings, name)]


def report_flags(settings: Settings) -> list[str]:
    """Settings of the report: all but runtime, limits and other pages."""
    return _all_but(settings, "runtime", "decode", "features", "export", "viewer")


def viewer_flags(settings: Settings) -> list[str]:
    """Settings of the viewer: those of the report that the viewer uses, too."""
    left = "runtime", "decode", "features", "export", "report", "failures", "compare"
    return _all_but(settings, *left)


def _all_but(settings: Settings, *left: str) -> list[str]:
    return flags(settings, *(key for key in type(settings).model_fields if key not in left))


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


def training_modules(settings: Settings, name: str) -> list[str]:
    """The modules that a training depends on; refined labels are applied by the module that made
    them."""
    refined = settings.experiments[name].labels_from is not None
    return [*experiment_modules(settings, name), *["avparse.training.refine"] * refined]


def template_digest(package: str = "report") -> str:
    """Digest of the templates, styles and scripts of a folder of pages."""
    files = sorted((Path(__file__).parent.parent / package).rglob("*.*"))
    texts = [f.read_text("utf-8") for f in files if f.suffix in (".jinja", ".css", ".js")]
    return digest_of(texts)


def gpus(settings: Settings) -> int:
    """How many GPUs a job with a network uses: 0 or 1."""
    wanted = settings.runtime.device
    return int(wanted.startswith("cuda") or (wanted == "auto" and Path("/dev/nvidia0").exists()))


def share_runtime(settings: Settings) -> None:
    """Pass the runtime settings to the jobs that this process starts."""
    shared = settings.model_dump(mode="json", include={"runtime", "decode", "features"})
    os.environ[RUNTIME] = json.dumps(shared)
    read = sorted({e for name in settings.experiments for e in inputs(settings, name).values()})
    wanted = settings.model_copy(update={"extractors": {e: settings.extractors[e] for e in read}})
    readers = [] if settings.decode.keep_frames else read
    os.environ[FRAMES] = json.dumps({"views": views(wanted), "readers": readers})


def shared_frames() -> dict[str, list[str]]:
    """The ``readers`` of decoded frames and their ``views`` in a workflow; else empty."""
    found: dict[str, list[str]] = json.loads(os.environ.get(FRAMES, "{}"))
    return found
