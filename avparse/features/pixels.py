"""Normalisation of pixels: what weights were trained with, and must be given again."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pixels:
    """(value * scale - mean) / std for each channel.

    Attributes:
        mean, std: by channel, in the order of the network.
        scale: applied to 0-255 first.
        bgr: whether the network's order is blue, green, red.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    scale: float = 1 / 255
    bgr: bool = False

    def apply(self, frames: Tensor) -> Tensor:
        """Normalise (..., H, W, 3) uint8 RGB into (..., 3, H, W)-strided float32, channel second.

        The channel axis is moved to place 1; memory keeps its order, which is channels-last.
        """
        mean = torch.tensor(self.mean, device=frames.device)
        std = torch.tensor(self.std, device=frames.device)
        ordered = frames.flip(-1) if self.bgr else frames
        return torch.addcmul(-mean / std, ordered.float(), self.scale / std).movedim(-1, 1)


PIXELS = {
    "imagenet": Pixels((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "kinetics": Pixels((0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)),
    "caffe": Pixels((103.939, 116.779, 123.68), (1.0, 1.0, 1.0), scale=1.0, bgr=True),
}
"""By name, as in the settings. Caffe's is what Keras' VGG weights want: no division by 255."""
