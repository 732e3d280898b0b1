"""Typed settings: the single source of every default, range and description.

``config.yaml`` and ``workflow/schemas/config.schema.yaml`` are printed from these classes by
:mod:`avparse.config.yaml_file` (``avparse config`` and ``avparse config --schema``).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from avparse.config.data import (
    ClipSettings,
    DatasetSettings,
    DecodeSettings,
    ExtractorSettings,
    FeatureSettings,
)
from avparse.config.section import ExtractorName, Name, Section


class TrainingSettings(Section):
    """Training recipe; null keeps the value published with the model."""

    epochs: int | None = Field(None, ge=1, le=10000, description="passes over the training split")
    batch_size: int | None = Field(None, ge=1, le=65536, description="samples per training step")
    learning_rate: float | None = Field(None, gt=0, lt=10, description="learning rate of Adam")
    milestones: list[int] | None = Field(
        None, description="epochs after which the learning rate is multiplied by gamma"
    )
    gamma: float | None = Field(
        None, gt=0, le=1, description="factor applied to the learning rate at each milestone"
    )
    clip_norm: float | None = Field(None, gt=0, description="gradient clipping: largest norm")
    precision: Literal["fp32", "bf16"] = Field(
        "fp32", description="training precision; bf16 is faster on hardware that supports it"
    )
    selection: Literal["val", "test", "last"] = Field(
        "val",
        description="split that selects the epoch (test is flagged), or last for the last epoch",
    )
    shuffle_labels: bool = Field(
        False, description="sanity check: permute the labels of the training samples"
    )


class ExperimentSettings(Section):
    """A model trained on a data set."""

    model: str = Field(description="name of the model")
    dataset: str = Field("bundled", description="name of a data set above")
    inputs: dict[str, str] = Field(
        default_factory=dict,
        description="extractor of each model input that differs from the default",
    )
    options: dict[str, Any] = Field(default_factory=dict, description="model options")
    labels_from: str | None = Field(
        None,
        description="base experiment whose checkpoint of the same seed refines the labels (MA)",
    )
    training: TrainingSettings = Field(default_factory=TrainingSettings)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(
        [1, 2, 3], min_length=1, description="one training run per seed"
    )
    threshold: float = Field(0.5, gt=0, lt=1, description="decision threshold on probabilities")


class FailureSettings(Section):
    """How many failed clips are tolerated."""

    max_share: float = Field(
        0.1, ge=0, le=1, description="largest share of failed clips; above it the run fails"
    )


class ReportSettings(Section):
    """What the report shows."""

    videos: int = Field(8, ge=0, le=200, description="test videos with a timeline")
    new_videos: int = Field(12, ge=0, le=200, description="unlabelled videos with a timeline")
    points: int = Field(
        600, ge=0, le=5000, description="segments in the t-SNE plot of each feature"
    )


class ExportSettings(Section):
    """Formats of the exported events."""

    formats: list[str] = Field(
        default_factory=list,
        description="in addition to tsv and json, such as elan or webvtt; see docs/exports.md",
    )


class ViewerSettings(Section):
    """Which videos get a viewer page."""

    splits: list[Literal["train", "val", "test"]] = Field(
        ["test"], description="splits of the labelled videos; all unlabelled videos get a page"
    )
    videos: Literal["link", "copy"] = Field(
        "link", description="link: play the original files; copy: copy them next to the pages"
    )


class RuntimeSettings(Section):
    """Hardware use; changes here do not change results or rerun stages."""

    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N"
    )
    decode_workers: int = Field(2, ge=1, le=256, description="decoding processes per job")
    extract_threads: int = Field(2, ge=1, le=256, description="CPU threads per extraction job")
    train_threads: int = Field(1, ge=1, le=256, description="CPU threads per training job")
    batch_size: int | None = Field(
        None, ge=1, le=4096, description="frames per forward pass; null: 16 on a CPU, 128 on a GPU"
    )
    weights_folder: str = Field(
        "data/weights",
        description="folder with published weights; missing ones are downloaded to it",
    )


def _extractors() -> dict[str, ExtractorSettings]:
    return {
        "vgg19": ExtractorSettings(frames_per_second=1),
        "resnet152": ExtractorSettings(frames_per_second=1),
        "r2plus1d_18": ExtractorSettings(frames_per_second=4),
        "vggish": ExtractorSettings(),
    }


def _experiments() -> dict[str, ExperimentSettings]:
    han = TrainingSettings(epochs=20, batch_size=8, learning_rate=1e-3, milestones=[15])
    cmran = TrainingSettings(epochs=10, batch_size=16, milestones=[7])
    return {
        "han": ExperimentSettings(model="han", training=han),
        "cmran": ExperimentSettings(model="cmran", training=cmran),
    }


class Settings(Section):
    """All settings."""

    raw: str | None = Field("data/raw", description="folder for new, unlabelled videos; null: none")
    clips: ClipSettings = Field(default_factory=ClipSettings)
    decode: DecodeSettings = Field(default_factory=DecodeSettings)
    datasets: dict[Name, DatasetSettings] = Field(
        default_factory=lambda: {"bundled": DatasetSettings()},
        description="labelled data sets by name",
    )
    extractors: dict[ExtractorName, ExtractorSettings] = Field(
        default_factory=_extractors, description="feature extractors by name"
    )
    features: FeatureSettings = Field(default_factory=FeatureSettings)
    experiments: dict[Name, ExperimentSettings] = Field(
        default_factory=_experiments,
        description="experiments by name: models to train and evaluate",
    )
    compare: str = Field(
        "workflow/presets/compare.yaml",
        description="file with further experiments for `snakemake compare`",
    )
    failures: FailureSettings = Field(default_factory=FailureSettings)
    export: ExportSettings = Field(default_factory=ExportSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)
    viewer: ViewerSettings = Field(default_factory=ViewerSettings)
    runtime: RuntimeSettings = Field(default_factory=RuntimeSettings)

    @property
    def released(self) -> list[str]:
        """The data sets with released features; each is a single shard, named as the data set."""
        return [name for name, dataset in self.datasets.items() if dataset.released]
