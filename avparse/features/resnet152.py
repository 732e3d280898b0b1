"""ResNet-152, the frame feature of LLP: 2048 numbers per second; for AVE its last map.

He et al., "Deep residual learning for image recognition", CVPR 2016; used on LLP by Tian et al.,
ECCV 2020: 8 frames a second, shorter side 256, centre crop 224, global average. CMRAN and BMFN
read the map before that average.

    frames (U, 224, 224, 3) -> ResNet-152 -> (U, 2048) or (U, 7, 7, 2048) -> mean over a second

HAN averages the 80 frames after a linear layer, so averaging before it gives the same result from
an eighth of the numbers; ``average: false`` keeps them all.
"""

from collections.abc import Mapping
from typing import ClassVar

import timm
from torch import Tensor, nn

from avparse.features.base import FrameExtractor, Weights
from avparse.features.calibrate import pictures


class ResNet152(FrameExtractor):
    """ResNet-152 without its classifier: (2048,) per segment, or (7, 7, 2048), never negative."""

    weights: ClassVar[Mapping[str, Weights]] = {
        "torchvision": Weights(
            "https://download.pytorch.org/models/resnet152-394f9c45.pth",
            "sha256:394f9c45",
            "BSD-3-Clause",
            "torchvision IMAGENET1K_V1, ImageNet-1k",
            "imagenet",
        )
    }

    @property
    def shape(self) -> tuple[int, ...]:
        return (2048,) if self.output == "pooled" else (7, 7, 2048)

    def build(self) -> nn.Module:
        network: nn.Module = timm.create_model(
            "resnet152",
            pretrained=False,
            num_classes=0,
            zero_init_last=False,
            global_pool="avg" if self.output == "pooled" else "",
        )
        return network

    def arrange(self, output: Tensor) -> Tensor:
        return output if self.output == "pooled" else output.movedim(1, -1)

    def calibration(self) -> Tensor:
        return pictures(16, 224)
