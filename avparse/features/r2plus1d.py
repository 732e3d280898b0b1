"""R(2+1)D-18, the motion feature of LLP: 512 numbers per second.

Tran et al., "A closer look at spatiotemporal convolutions for action recognition", CVPR 2018;
used on LLP by Tian et al., ECCV 2020: the 8 frames of a second, squashed to 112 x 112, are one
snippet.

    snippets (T, L, 112, 112, 3) -> R(2+1)D-18 -> global average -> (T, 512)
"""

from typing import Any

import torch
import torchvision.models.video
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.features.base import FrameExtractor, Pretrained
from avparse.features.calibrate import pictures


class R2Plus1D18(FrameExtractor):
    """R(2+1)D-18 without its classifier: (512,) per segment; a snippet is one second."""

    name = "r2plus1d_18"
    shape = (512,)
    mean = (0.43216, 0.394666, 0.37645)
    std = (0.22803, 0.22145, 0.216989)
    pretrained = Pretrained(
        "https://download.pytorch.org/models/r2plus1d_18-91a641e6.pth",
        "91a641e6",
        "BSD-3-Clause",
        "torchvision, Kinetics-400",
    )

    def build(self) -> nn.Module:
        network = torchvision.models.video.r2plus1d_18(weights=None)
        network.fc = nn.Identity()
        return network

    @property
    def _length(self) -> int:
        """L, the frames of a snippet."""
        assert self.view is not None
        return self.view.rate

    def units(self, raw: NDArray[Any]) -> Tensor:
        return torch.from_numpy(raw.reshape(-1, self._length, *raw.shape[1:]))

    def calibration(self) -> Tensor:
        frames = pictures(16 * self._length, 112)
        return frames.reshape(16, self._length, *frames.shape[1:])
