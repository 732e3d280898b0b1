"""The base classes of extractors: their input, network and output."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.config.data import ExtractorSettings
from avparse.core.errors import WeightsError
from avparse.features.calibrate import randomise
from avparse.features.pixels import PIXELS, Pixels
from avparse.media.views import View


@dataclass(frozen=True)
class Weights:
    """Published weights, and the preprocessing they need.

    Attributes:
        url: where they are.
        digest: ``"sha256:..."`` or ``"md5:..."`` of the file, as far as its publisher tells it
            (PyTorch's file names end in the first eight digits).
        licence: of the weights.
        source: what they were trained on, and by whom.
        pixels: normalisation of frames, by name; None for sound.
    """

    url: str
    digest: str
    licence: str
    source: str
    pixels: str | None = None

    @property
    def file(self) -> str:
        """The file's name."""
        return self.url.rsplit("/", 1)[-1]


class Extractor(ABC):
    """Turns the frames or the sound of one clip into one feature per segment.

    A *unit* is what one row of the network's input is made of: a frame, a snippet of frames, or
    a second of sound. Letters: T segments, U units, U = T * units_per_segment.

    Attributes:
        name: of the network.
        weights: published ones by name; ``pretrained`` means the first.
        smooth: whether random filters are smooth in space.
        settings: of this extractor.
        view: the frames it reads; None for an audio extractor.
        output: ``"pooled"`` or ``"map"``, where there is a choice.
    """

    weights: ClassVar[Mapping[str, Weights]]
    smooth: ClassVar[bool] = False

    def __init__(
        self, name: str, settings: ExtractorSettings, view: View | None, outputs: Sequence[str] = ()
    ) -> None:
        self.name, self.settings, self.view = name, settings, view
        self.output: str = settings.output or (outputs[0] if outputs else "")

    @cached_property
    def network(self) -> nn.Module:
        """The network, in eval mode, its weights unset until they are loaded."""
        return self.build().eval()

    @property
    def source(self) -> str:
        """The array of a decoded shard it reads: its view's key, or ``"audio"``."""
        return self.view.key if self.view else "audio"

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Of one segment's feature."""

    @property
    def units_per_segment(self) -> int:
        """How many units a segment has."""
        return 1

    @property
    def units_per_row(self) -> int:
        """How many units make a row of the features: a segment's, or one if all are kept."""
        return self.units_per_segment if self.settings.average else 1

    @abstractmethod
    def build(self) -> nn.Module:
        """Make the network."""

    @abstractmethod
    def units(self, raw: NDArray[Any]) -> Tensor:
        """Cut one clip's decoded array into units: (U, ...) on the CPU."""

    @abstractmethod
    def prepare(self, units: Tensor) -> Tensor:
        """Normalise units into network input, float32, on their device."""

    @abstractmethod
    def calibration(self) -> Tensor:
        """Fixed units on which random weights are calibrated."""

    def randomise(self, seed: int) -> None:
        """Give the network seeded random weights that behave."""
        randomise(self.network, self.prepare(self.calibration()), seed, self.smooth)

    def files(self, chosen: Weights) -> list[Weights]:
        """The published files that make up the weights ``chosen``."""
        return [chosen]

    def download(self, folder: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Published weights of a network that has none in ``weights``.

        Returns:
            The state dict by our names, and what it is.
        Raises:
            WeightsError: there are none, or they cannot be had.
        """
        raise WeightsError(f"no published weights of {self.name}", "use random, or a file")

    def translate(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Bring a published state dict to our network's parameter names."""
        return dict(state)

    def adopt(self, identity: Mapping[str, Any]) -> None:  # noqa: B027 (most need not know)
        """Learn what weights have been loaded, for what depends on them."""

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Move the network to a device and precision, its kernels channels-last."""
        self.network.to(device=device, dtype=dtype)
        if any(p.ndim == 4 for p in self.network.parameters()):
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, units: Tensor, dtype: torch.dtype) -> Tensor:
        """Features of units: (U, *shape) float32.

        Args:
            units: as from :meth:`units`, on the network's device.
            dtype: the network's precision.
        """
        x = self.network_input(units, dtype)
        features: Tensor = self.arrange(self.network(x)).float()
        return features

    def network_input(self, units: Tensor, dtype: torch.dtype) -> Tensor:
        """Units as the network takes them: normalised, in its precision, channels-last."""
        x = self.prepare(units).to(dtype)
        if x.ndim not in (4, 5):
            return x
        layout = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
        return x.contiguous(memory_format=layout)

    def arrange(self, output: Tensor) -> Tensor:
        """Bring the network's output into (U, *shape)."""
        return output

    def pool(self, features: Tensor) -> Tensor:
        """Average the units of each segment, (U, *shape) -> (T, *shape), unless all are kept."""
        if self.units_per_row == 1:
            return features
        return features.unflatten(0, (-1, self.units_per_row)).mean(1)


class FrameExtractor(Extractor):
    """A visual extractor: it reads frames, normalised as its weights need them.

    Attributes:
        pixels: normalisation in use.
    """

    default_pixels: ClassVar[str] = "imagenet"

    def __init__(
        self, name: str, settings: ExtractorSettings, view: View | None, outputs: Sequence[str] = ()
    ) -> None:
        super().__init__(name, settings, view, outputs)
        self.pixels: Pixels = PIXELS[settings.pixels or self.default_pixels]

    @property
    def units_per_segment(self) -> int:
        assert self.view is not None
        return self.view.rate

    def units(self, raw: NDArray[Any]) -> Tensor:
        return torch.from_numpy(raw)

    def prepare(self, units: Tensor) -> Tensor:
        return self.pixels.apply(units)

    def adopt(self, identity: Mapping[str, Any]) -> None:
        self.pixels = PIXELS[self.settings.pixels or identity.get("pixels") or self.default_pixels]
