"""What an extractor wants to see: which frames of a clip, in which geometry."""

import re
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avparse.errors import ConfigError

_KEY = re.compile(r"(\d+)fps_(squash|crop(\d+))_(\d+)(_point)?")


@dataclass(frozen=True)
class View:
    """Frames of one clip, evenly spaced in time.

    Attributes:
        rate: frames per second; frame i is the one on screen at (i + 1/2) / rate.
        size: side of the square picture, pixels.
        short_side: resize the shorter side to this and crop the centre; None squashes
            the whole picture into the square.
        antialias: filter when shrinking, as Pillow does; False samples bilinearly, as OpenCV does.
    """

    rate: int
    size: int
    short_side: int | None = None
    antialias: bool = True

    @property
    def key(self) -> str:
        """A name that is the same for equal views."""
        geometry = "squash" if self.short_side is None else f"crop{self.short_side}"
        return f"{self.rate}fps_{geometry}_{self.size}{'' if self.antialias else '_point'}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """The view with this key."""
        match = _KEY.fullmatch(key)
        if not match:
            raise ConfigError(f"no view {key!r}", "expected the like of 2fps_crop256_224")
        short = int(match[3]) if match[3] else None
        return cls(int(match[1]), int(match[4]), short, antialias=not match[5])

    def at(self, rate: int) -> Self:
        """The same view at another rate."""
        return replace(self, rate=rate)

    def times(self, seconds: int) -> NDArray[np.float64]:
        """When its frames are taken, in seconds from the clip's start: (seconds * rate,)."""
        return (np.arange(seconds * self.rate) + 0.5) / self.rate

    def render(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Bring a decoded picture into this geometry.

        Args:
            picture: (H, W, 3) RGB.
        Returns:
            (size, size, 3) RGB.
        """
        image = Image.fromarray(picture)
        if self.short_side is None:
            return np.asarray(self._resize(image, self.size, self.size))
        scale = self.short_side / min(image.size)
        width, height = (max(self.size, round(side * scale)) for side in image.size)
        image = self._resize(image, width, height)
        left, top = (width - self.size) // 2, (height - self.size) // 2
        return np.asarray(image.crop((left, top, left + self.size, top + self.size)))

    def _resize(self, image: Image.Image, width: int, height: int) -> Image.Image:
        if self.antialias:
            return image.resize((width, height), Image.Resampling.BILINEAR)
        step = (image.width / width, 0.0, 0.0, 0.0, image.height / height, 0.0)
        return image.transform(
            (width, height), Image.Transform.AFFINE, step, Image.Resampling.BILINEAR
        )
