"""R(2+1)D-18, the motion feature of LLP: 512 numbers per second.

Tran et al., "A closer look at spatiotemporal convolutions for action recognition", CVPR 2018;
used on LLP by Tian et al., ECCV 2020: the 8 frames of a second, squashed to 112 x 112, are one
snippet.

    snippets (T, L, 112, 112, 3) -> R(2+1)D-18 -> global average -> (T, 512)
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torchvision.models.video
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.features.base import FrameExtractor, Weights
from avparse.features.calibrate import pictures


class R2Plus1D18(FrameExtractor):
    """R(2+1)D-18 without its classifier: (512,) per segment; a snippet is one second."""

    shape = (512,)
    default_pixels = "kinetics"
    units_per_segment = 1
    weights: ClassVar[Mapping[str, Weights]] = {
        "torchvision": Weights(
            "https://download.pytorch.org/models/r2plus1d_18-91a641e6.pth",
            "sha256:91a641e6",
            "BSD-3-Clause",
            "torchvision, Kinetics-400",
            "kinetics",
        )
    }

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
