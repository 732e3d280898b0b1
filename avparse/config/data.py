"""Settings from videos to features: clips, decoding, data sets, extractors."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from avparse.config.section import Section


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
