"""Typed settings: the one source of every default, range and description.

``config.yaml`` and ``workflow/schemas/config.schema.yaml`` are printed from these classes by
:mod:`avparse.config.yaml_file` (``avparse config`` and ``avparse config --schema``).
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$")]
"""A name that becomes part of a file name."""
ExtractorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,100}$")]
"""The same, with room for ``timm:resnet50.a1_in1k``."""


class Section(BaseModel):
    """A part of the settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", validate_default=True)


class Clips(Section):
    """How videos are cut."""

    seconds: int = Field(10, ge=1, le=600, description="length of a clip; the papers use 10")
    hop_seconds: int = Field(
        10, ge=1, le=600, description="from one clip to the next; less overlaps, and averages"
    )


class Decode(Section):
    """How videos are decoded."""

    shard_size: int = Field(
        32, ge=1, le=1000, description="videos per shard; changing it only affects new shards"
    )
    timeout_s: float = Field(60, gt=0, description="a clip that takes longer is given up")
    memory_mb: int = Field(2000, ge=300, description="address space of one decoding process")
    keep_frames: bool = Field(
        False, description="keep decoded frames; if not, a changed extractor decodes for itself"
    )


class Synth(Section):
    """The bundled data set, made by code."""

    train: int = Field(64, ge=8, le=30000, description="clips to train on")
    val: int = Field(16, ge=4, le=30000, description="clips to select the epoch on")
    test: int = Field(16, ge=4, le=30000, description="clips to score")
    background: int = Field(8, ge=0, description="clips without any event, for weak localization")
    seed: int = Field(0, ge=0, description="same seed, same labels, byte for byte")


class Dataset(Section):
    """One labelled data set."""

    kind: str = Field("synth", description="synth (the bundled set), ave, llp, folder")
    path: str = Field("data/bundled", description="folder of its tables")
    videos: str | None = Field(
        None, description="folder of its videos; null: the folder videos in its own"
    )
    features: str | None = Field(
        None, description="folder of published features; if it is there, used instead of videos"
    )
    synth: Synth | None = Field(
        default_factory=Synth, description="how to make it; null for a set that exists"
    )

    @property
    def released(self) -> bool:
        """Whether published features are used, and no videos."""
        return self.features is not None and Path(self.features).is_dir()

    @model_validator(mode="before")
    @classmethod
    def _made_only_if_bundled(cls, values: Any) -> Any:
        """Only the bundled set is made unless told."""
        if isinstance(values, dict) and values.get("kind", "synth") != "synth":
            return {"synth": None, **values}
        return values


class Extractor(Section):
    """How one feature is extracted; null is as the network was published."""

    network: str | None = Field(
        None, description="null: the one it is named after; timm:NAME is any model of timm"
    )
    weights: str = Field(
        "random",
        description="random (seeded, calibrated), pretrained, a name such as keras, or a file",
    )
    seed: int = Field(0, ge=0, description="of random weights")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="auto: bf16 where the hardware has it, else fp32"
    )
    output: Literal["pooled", "map"] | None = Field(
        None, description="one vector per frame, or its spatial map"
    )
    average: bool = Field(
        True, description="average the frames of each second; false keeps them all"
    )
    frames_per_second: int | None = Field(None, ge=1, le=60, description="that the network sees")
    sampling: Literal["even", "ave", "llp"] = Field(
        "even", description="which frames: evenly in time, or as counted for AVE or LLP"
    )
    geometry: Literal["squash", "crop"] | None = Field(
        None, description="squash the whole picture, or resize its shorter side and crop"
    )
    filter: Literal["point", "bilinear", "bicubic"] | None = Field(
        None, description="point: OpenCV's bilinear; the others: Pillow's, antialiased"
    )
    jpeg: bool = Field(
        False, description="pass frames through ffmpeg's default JPEG, as LLP's released ones were"
    )
    pixels: Literal["imagenet", "kinetics", "caffe"] | None = Field(
        None, description="normalisation; null: what the weights want"
    )
    hop: Literal["second", "contiguous"] | None = Field(
        None, description="of VGGish: each second on its own (LLP), or every 0.96 s (AVE)"
    )
    pca: bool = Field(
        False, description="of VGGish: PCA and 8-bit quantisation, as AudioSet's own features"
    )


class Features(Section):
    """Where features are kept beside the results."""

    cache: str | None = Field(
        None, description="folder that checkouts share: what one has extracted, others take"
    )


class Training(Section):
    """What differs from the model's published recipe; null keeps the published value."""

    epochs: int | None = Field(None, ge=1, le=10000, description="passes over the training split")
    batch_size: int | None = Field(None, ge=1, le=65536, description="samples per step")
    learning_rate: float | None = Field(None, gt=0, lt=10, description="of Adam")
    milestones: list[int] | None = Field(
        None, description="epochs after which the learning rate is multiplied by gamma"
    )
    gamma: float | None = Field(None, gt=0, le=1, description="see milestones")
    clip_norm: float | None = Field(None, gt=0, description="largest norm of the gradient")
    precision: Literal["fp32", "bf16"] = Field(
        "fp32", description="of training; bf16 is faster where the processor has it"
    )
    selection: Literal["val", "test", "last"] = Field(
        "val", description="split that picks the epoch; test is the papers' habit, and marked"
    )
    shuffle_labels: bool = Field(
        False, description="control: permute the labels of the training samples"
    )


class Experiment(Section):
    """One model on one data set."""

    model: str = Field(description="a model by name")
    dataset: str = Field("bundled", description="one of the data sets above")
    inputs: dict[str, str] = Field(
        default_factory=dict,
        description="input -> extractor, where it differs from the model's own",
    )
    options: dict[str, Any] = Field(default_factory=dict, description="options of the model")
    labels_from: str | None = Field(
        None, description="experiment whose models, seed by seed, refine the weak labels (MA)"
    )
    training: Training = Field(default_factory=Training, description="see above")
    seeds: list[Annotated[int, Field(ge=0)]] = Field(
        [1, 2, 3], min_length=1, description="one training for each"
    )
    threshold: float = Field(0.5, gt=0, lt=1, description="probability from which an event is one")


class Failures(Section):
    """What happens when clips fail."""

    max_share: float = Field(
        0.1, ge=0, le=1, description="a run fails when a larger share of the clips did"
    )


class Report(Section):
    """What the report shows."""

    videos: int = Field(8, ge=0, le=200, description="test videos with a timeline")
    new_videos: int = Field(12, ge=0, le=200, description="unlabelled videos with a timeline")
    points: int = Field(600, ge=0, le=5000, description="segments on the map of each feature")


class Export(Section):
    """In which formats events are written."""

    formats: list[str] = Field(
        default_factory=list,
        description="beside tsv and json: elan, webvtt and others, see docs/exports.md",
    )


class Viewer(Section):
    """Which videos get a page that plays them."""

    splits: list[Literal["train", "val", "test"]] = Field(
        ["test"], description="of the labelled ones; the unlabelled all get one"
    )
    videos: Literal["link", "copy"] = Field(
        "link", description="play them from where they are, or from copies beside the pages"
    )


class Runtime(Section):
    """Where things run; nothing here changes a result or reruns a stage."""

    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N"
    )
    decode_workers: int = Field(2, ge=1, le=256, description="decoding processes of one job")
    extract_threads: int = Field(2, ge=1, le=256, description="CPU threads of one extraction")
    train_threads: int = Field(1, ge=1, le=256, description="CPU threads of one training")
    batch_size: int | None = Field(
        None, ge=1, le=4096, description="frames in one forward pass; null: 16 on a CPU, else 128"
    )
    weights_folder: str = Field(
        "data/weights", description="published weights are looked for, and downloaded to, here"
    )


def _extractors() -> dict[str, Extractor]:
    return {
        "vgg19": Extractor(frames_per_second=1),
        "resnet152": Extractor(frames_per_second=1),
        "r2plus1d_18": Extractor(frames_per_second=4),
        "vggish": Extractor(),
    }


def _experiments() -> dict[str, Experiment]:
    han = Training(epochs=20, batch_size=8, learning_rate=1e-3, milestones=[15])
    cmran = Training(epochs=10, batch_size=16, milestones=[7])
    return {
        "han": Experiment(model="han", training=han),
        "cmran": Experiment(model="cmran", training=cmran),
    }


class Settings(Section):
    """Everything a user can set."""

    raw: str | None = Field("data/raw", description="folder to drop new videos into; null for none")
    clips: Clips = Field(default_factory=Clips)
    decode: Decode = Field(default_factory=Decode)
    datasets: dict[Name, Dataset] = Field(
        default_factory=lambda: {"bundled": Dataset()}, description="labelled data sets by name"
    )
    extractors: dict[ExtractorName, Extractor] = Field(
        default_factory=_extractors, description="feature extractors by name"
    )
    features: Features = Field(default_factory=Features)
    experiments: dict[Name, Experiment] = Field(
        default_factory=_experiments, description="what is trained, scored and shown"
    )
    compare: str = Field(
        "workflow/presets/compare.yaml",
        description="file with more experiments, for `snakemake compare`",
    )
    failures: Failures = Field(default_factory=Failures)
    export: Export = Field(default_factory=Export)
    report: Report = Field(default_factory=Report)
    viewer: Viewer = Field(default_factory=Viewer)
    runtime: Runtime = Field(default_factory=Runtime)

    @property
    def released(self) -> list[str]:
        """The data sets whose published features are used; each is a shard of its own name."""
        return [name for name, dataset in self.datasets.items() if dataset.released]
