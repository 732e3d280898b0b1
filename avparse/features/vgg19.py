"""VGG-19, the visual feature of AVE: the map after the last pooling layer.

Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
ICLR 2015; used on AVE by Tian et al., ECCV 2018: 16 frames a second, squashed to 224 x 224
bilinearly without antialiasing, averaged over each second.

    frames (U, 224, 224, 3) -> 16 convolutions, 5 poolings -> (U, 7, 7, 512) -> mean over a second

The released AVE features come from Keras' weights; torchvision's differ, and so do their features.
"""

import torchvision.models
from torch import Tensor, nn

from avparse.features.base import FrameExtractor, Pretrained
from avparse.features.calibrate import pictures


class VGG19(FrameExtractor):
    """VGG-19 up to ``block5_pool``: (7, 7, 512) per segment, never negative, channels last."""

    name = "vgg19"
    shape = (7, 7, 512)
    mean = (0.485, 0.456, 0.406)
    std = (0.229, 0.224, 0.225)
    pretrained = Pretrained(
        "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        "dcbb9e9d",
        "BSD-3-Clause",
        "torchvision, ImageNet-1k",
    )
    prefix = "features."
    smooth = True

    def build(self) -> nn.Module:
        return torchvision.models.vgg19(weights=None, init_weights=False).features

    def arrange(self, output: Tensor) -> Tensor:
        return output.movedim(1, -1)

    def calibration(self) -> Tensor:
        return pictures(16, 224)
