"""Decoded pictures brought into the geometry of a view, as the published pipelines do it."""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avparse.media.views import View

_PILLOW = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}

cv2.setNumThreads(1)


class Picture:
    """One decoded picture, for several views.

    Args:
        pixels: (H, W, 3) RGB.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels

    @cached_property
    def image(self) -> Image.Image:
        """The same for Pillow."""
        return Image.fromarray(self.pixels)


def render(view: View, picture: Picture) -> NDArray[np.uint8]:
    """Resize and crop one picture: (size, size, 3) RGB."""
    pixels = picture.pixels
    if view.short_side is None:
        if view.filter == "point":
            return np.asarray(cv2.resize(pixels, (view.size, view.size)), np.uint8)
        return _pillow(view, picture)
    # Sizes and offsets as torchvision has them: truncated, and rounded half to even.
    height, width = pixels.shape[:2]
    shorter = min(height, width)
    width, height = (max(view.size, view.short_side * side // shorter) for side in (width, height))
    left, top = round((width - view.size) / 2), round((height - view.size) / 2)
    if view.filter == "point":
        resized = cv2.resize(pixels, (width, height))[top:, left:]
        return np.asarray(resized[: view.size, : view.size], np.uint8)
    # Only what the crop keeps is computed: the same to one grey level, at two thirds of the cost.
    across, down = pixels.shape[1] / width, pixels.shape[0] / height
    box = (left * across, top * down, (left + view.size) * across, (top + view.size) * down)
    return _pillow(view, picture, box)


def _pillow(
    view: View, picture: Picture, box: tuple[float, float, float, float] | None = None
) -> NDArray[np.uint8]:
    return np.asarray(picture.image.resize((view.size, view.size), _PILLOW[view.filter], box))
