"""ResNet-152, a frame feature of LLP: pooled, 2048 numbers per frame.

He et al., "Deep residual learning for image recognition", CVPR 2016; used on LLP by Tian et al.,
ECCV 2020: 8 frames a second, shorter side 256, centre 224 x 224.

    frames (U, 224, 224, 3) -> ResNet-152 -> global average -> (U, 2048) -> mean -> (T, 2048)

Averaging the eight frames of a second when storing loses nothing: a linear layer follows in
every model that reads them.
"""

import timm
from torch import Tensor, nn

from avparse.features.base import FrameExtractor, Pretrained
from avparse.features.calibrate import pictures


class ResNet152(FrameExtractor):
    """ResNet-152 without its classifier: (2048,) per segment."""

    name = "resnet152"
    shape = (2048,)
    mean = (0.485, 0.456, 0.406)
    std = (0.229, 0.224, 0.225)
    pretrained = Pretrained(
        "https://download.pytorch.org/models/resnet152-394f9c45.pth",
        "394f9c45",
        "BSD-3-Clause",
        "torchvision IMAGENET1K_V1, ImageNet-1k",
    )

    def build(self) -> nn.Module:
        network: nn.Module = timm.create_model(
            "resnet152", pretrained=False, num_classes=0, zero_init_last=False
        )
        return network

    def calibration(self) -> Tensor:
        return pictures(16, 224)
