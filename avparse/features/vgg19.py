"""VGG-19, the visual feature of AVE: the map after the last pooling layer.

Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
ICLR 2015; used on AVE by Tian et al., ECCV 2018: 16 frames a second, squashed to 224 x 224
bilinearly without antialiasing, averaged over each second.

    frames (U, 224, 224, 3) -> 16 convolutions, 5 poolings -> (U, 7, 7, 512) -> mean over a second

The released AVE features come from Keras' weights (``weights: keras``), which want blue, green, red
and no division by 255; torchvision's differ, and so do their features.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

import torchvision.models
from torch import Tensor, nn

from avparse.core.errors import WeightsError
from avparse.features.base import FrameExtractor, Weights
from avparse.features.calibrate import pictures

_WIDTHS = {1: 2, 2: 2, 3: 4, 4: 4, 5: 4}
"""Block -> its number of convolutions."""
_KERAS = re.compile(r"block(\d)_conv(\d)/")


class VGG19(FrameExtractor):
    """VGG-19 up to ``block5_pool``: (7, 7, 512) per segment, never negative, channels last."""

    smooth = True
    weights: ClassVar[Mapping[str, Weights]] = {
        "torchvision": Weights(
            "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            "sha256:dcbb9e9d",
            "BSD-3-Clause",
            "torchvision, ImageNet-1k",
            "imagenet",
        ),
        "keras": Weights(
            "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "md5:253f8cb515780f3b799900260a226db6",
            "CC-BY-4.0 (the VGG group's own weights)",
            "Keras, ImageNet-1k",
            "caffe",
        ),
    }

    @property
    def shape(self) -> tuple[int, ...]:
        return (512,) if self.output == "pooled" else (7, 7, 512)

    def build(self) -> nn.Module:
        return torchvision.models.vgg19(weights=None, init_weights=False).features

    def translate(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if any(_KERAS.match(key) for key in state):
            return _from_keras(state)
        return {key.removeprefix("features."): value for key, value in state.items()}

    def arrange(self, output: Tensor) -> Tensor:
        return output.mean((2, 3)) if self.output == "pooled" else output.movedim(1, -1)

    def calibration(self) -> Tensor:
        return pictures(16, 224)


def _from_keras(arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keras' layers ``block1_conv1`` and so on: kernels (3, 3, in, out) and biases (out,)."""
    state = {}
    place = 0
    for block, convolutions in _WIDTHS.items():
        for number in range(1, convolutions + 1):
            layer = f"block{block}_conv{number}"
            found = {a.ndim: a for key, a in arrays.items() if key.startswith(f"{layer}/")}
            if set(found) != {1, 4}:
                raise WeightsError(f"no kernel and bias of {layer} in the file", "wrong file?")
            state[f"{place}.weight"] = found[4].permute(3, 2, 0, 1).contiguous()
            state[f"{place}.bias"] = found[1]
            place += 2
        place += 1
    return state
