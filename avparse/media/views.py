"""What an extractor wants to see: which frames of a clip, in which geometry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image


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
