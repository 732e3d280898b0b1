"""What an extractor is: what it wants to see or hear, its network, and what comes out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.features import view


@dataclass(frozen=True)
class Pretrained:
    """Published weights.

    Attributes:
        url: where they are; the file name ends in the first digits of its sha256.
        sha256: those digits.
        licence: of the weights.
        source: what they were trained on, and by whom.
    """

    url: str
    sha256: str
    licence: str
    source: str


class Extractor(ABC):
    """Turns the frames or the sound of one clip into one feature per segment.

    A *unit* is what one row of the network's input is made of: a frame, a snippet of frames, or
    a second of sound. Letters: T segments, U units, U = T * units_per_segment.

    Attributes:
        name: as in the table.
        shape: of one segment's feature.
        pretrained: published weights.
        prefix: leading part of published parameter names that our network leaves off.
        smooth: whether random filters are smooth in space.
        view: the frames it wants; None if it listens.

    Args:
        frames_per_second: of its view; None takes the published rate.
    """

    name: ClassVar[str]
    shape: ClassVar[tuple[int, ...]]
    pretrained: ClassVar[Pretrained]
    prefix: ClassVar[str] = ""
    smooth: ClassVar[bool] = False

    def __init__(self, frames_per_second: int | None = None) -> None:
        self.view = view(self.name, frames_per_second)

    @cached_property
    def network(self) -> nn.Module:
        """The network, in eval mode, its weights unset until they are loaded."""
        return self.build().eval()

    @property
    def source(self) -> str:
        """The array of a decoded shard it reads: its view's key, or ``"audio"``."""
        return self.view.key if self.view else "audio"

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

    def forward(self, units: Tensor, dtype: torch.dtype) -> Tensor:
        """Features of units: (U, *shape) float32.

        Args:
            units: as from :meth:`units`, on the network's device.
            dtype: the network's precision.
        """
        x = self.prepare(units).to(dtype)
        if x.ndim in (4, 5):
            layout = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
            x = x.contiguous(memory_format=layout)
        features: Tensor = self.arrange(self.network(x)).float()
        return features

    def arrange(self, output: Tensor) -> Tensor:
        """Bring the network's output into (U, *shape)."""
        return output

    def pool(self, features: Tensor, num_segments: int) -> Tensor:
        """Average the units of each segment: (U, *shape) -> (T, *shape)."""
        return features.reshape(num_segments, -1, *features.shape[1:]).mean(1)


class FrameExtractor(Extractor):
    """An extractor that looks at frames, normalised by the statistics of its training set."""

    mean: ClassVar[tuple[float, float, float]]
    std: ClassVar[tuple[float, float, float]]

    def units(self, raw: NDArray[Any]) -> Tensor:
        return torch.from_numpy(raw)

    def prepare(self, units: Tensor) -> Tensor:
        x = units.movedim(-1, 1).float() / 255
        shape = (1, 3, *(1 for _ in x.shape[2:]))
        mean = torch.tensor(self.mean, device=x.device).view(shape)
        std = torch.tensor(self.std, device=x.device).view(shape)
        return (x - mean) / std
