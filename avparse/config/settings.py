"""Typed settings: the single source of every default, range and description.

``config.yaml`` and ``workflow/schemas/config.schema.yaml`` are printed from these classes by
:mod:`avparse.config.yaml_file` (``avparse config`` and ``avparse config --schema``).
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$")]
"""A name that is used in file names."""
ExtractorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,100}$")]
"""Like ``Name``, but also allows names such as ``timm:resnet50.a1_in1k``."""


class Section(BaseModel):
    """Base class of all sections of the settings; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", validate_default=True)


class ClipSettings(Section):
    """How videos are split into clips."""

    seconds: int = Field(
        10, ge=1, le=600, description="length of a clip in seconds; the papers use 10"
    )
    hop_seconds: int = Field(
        10,
        ge=1,
        le=600,
        description="step between clips; if shorter than a clip, overlaps are averaged",
    )


class DecodeSettings(Section):
    """How videos are decoded."""

    shard_size: int = Field(
        32, ge=1, le=1000, description="videos per shard; a new value applies to new shards only"
    )
    timeout_s: float = Field(
        60, gt=0, description="a clip that takes longer to decode counts as failed"
    )
    memory_mb: int = Field(
        2000, ge=300, description="memory limit (address space) of a decoding process"
    )
    keep_frames: bool = Field(
        False,
        description="keep decoded frames on disk; otherwise a changed extractor decodes again",
    )


class SynthSettings(Section):
    """The bundled synthetic data set."""

    train: int = Field(64, ge=8, le=30000, description="clips in the training split")
    val: int = Field(16, ge=4, le=30000, description="clips in the validation split")
    test: int = Field(16, ge=4, le=30000, description="clips in the test split")
    background: int = Field(
        8, ge=0, description="clips without events, for weakly supervised localization"
    )
    seed: int = Field(
        0, ge=0, description="random seed; the same seed gives the same labels, byte for byte"
    )


class DatasetSettings(Section):
    """A labelled data set."""

    kind: str = Field("synth", description="synth (the bundled set), ave, llp or folder")
    path: str = Field("data/bundled", description="folder with the annotation tables")
    videos: str | None = Field(
        None, description="folder with the videos; null: the subfolder videos of path"
    )
    features: str | None = Field(
        None, description="folder with released features; if it exists, they replace the videos"
    )
    synth: SynthSettings | None = Field(
        default_factory=SynthSettings,
        description="how to generate the bundled set; null for all other sets",
    )

    @property
    def released(self) -> bool:
        """Whether released features are used instead of videos."""
        return self.features is not None and Path(self.features).is_dir()

    @model_validator(mode="before")
    @classmethod
    def _synth_only_if_bundled(cls, values: Any) -> Any:
        """Generate only the bundled set, unless ``synth`` is set explicitly."""
        if isinstance(values, dict) and values.get("kind", "synth") != "synth":
            return {"synth": None, **values}
        return values


class ExtractorSettings(Section):
    """How a feature is extracted; null means as published with the network."""

    network: str | None = Field(
        None, description="null: the network of that name; timm:NAME: any model of timm"
    )
    weights: str = Field(
        "random",
        description="random (seeded, calibrated), pretrained, a variant such as keras, or a file",
    )
    seed: int = Field(0, ge=0, description="seed of random weights")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="auto: bf16 if the hardware supports it, else fp32"
    )
    output: Literal["pooled", "map"] | None = Field(
        None, description="pooled: a vector per frame; map: its spatial feature map"
    )
    average: bool = Field(
        True, description="average the frames of each second; false: keep every frame"
    )
    frames_per_second: int | None = Field(
        None, ge=1, le=60, description="frames per second fed to the network"
    )
    sampling: Literal["even", "ave", "llp"] = Field(
        "even",
        description="frame selection: even in time, or as for the released AVE or LLP features",
    )
    geometry: Literal["squash", "crop"] | None = Field(
        None,
        description="squash: resize to a square; crop: resize the shorter side, crop the center",
    )
    filter: Literal["point", "bilinear", "bicubic"] | None = Field(
        None, description="point: OpenCV's bilinear; bilinear, bicubic: Pillow's, antialiased"
    )
    jpeg: bool = Field(
        False,
        description="compress frames as JPEG (ffmpeg defaults), as for the released LLP features",
    )
    pixels: Literal["imagenet", "kinetics", "caffe"] | None = Field(
        None, description="pixel normalization; null: as the weights require"
    )
    hop: Literal["second", "contiguous"] | None = Field(
        None, description="VGGish only: a patch per second (LLP), or every 0.96 s (AVE)"
    )
    pca: bool = Field(
        False, description="VGGish only: PCA and 8-bit quantization, as in AudioSet's features"
    )


class FeatureSettings(Section):
    """Where features are stored in addition to the results."""

    cache: str | None = Field(
        None, description="feature cache shared between checkouts; null: no cache"
    )


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


def plain(value: Any) -> Any:
    """Convert a setting or section to JSON types, without values that equal their default.

    Settings added later therefore do not change the result. If a default changes, declare the old
    one as ``json_schema_extra={"before": ...}``: both values are then written out.
    """
    if isinstance(value, Section):
        return {
            key: plain(getattr(value, key))
            for key, field in type(value).model_fields.items()
            if not _is_default(getattr(value, key), field)
        }
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    return value


def _is_default(value: Any, field: FieldInfo) -> bool:
    default = field.get_default(call_default_factory=True)
    extra = field.json_schema_extra
    before = extra.get("before", default) if isinstance(extra, dict) else default
    return bool(value == default == before)
