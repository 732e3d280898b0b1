"""VGGish, the audio feature of AVE and LLP: 128 numbers per second.

Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017. The
features of both data sets are the raw embedding after its last ReLU: no PCA, no quantisation.

    sound (16000 T) -> log-mel patches (T, 96, 64) -> 6 convolutions -> 3 linear -> (T, 128)

Parameter names are those of the published PyTorch port.
"""

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.features.base import Extractor, Pretrained
from avparse.features.calibrate import sounds
from avparse.features.mel import patches_per_second

_WIDTHS = (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool")


class VGGishNetwork(nn.Module):
    """(B, 1, 96 time, 64 bands) log-mel patches -> (B, 128), never negative."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = 1
        for step in _WIDTHS:
            if isinstance(step, int):
                layers += [nn.Conv2d(width, step, 3, padding=1), nn.ReLU(inplace=True)]
                width = step
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.embeddings = nn.Sequential(
            nn.Linear(512 * 6 * 4, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, 128),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The weights expect time, bands, channels flattened in this order."""
        out: Tensor = self.embeddings(self.features(x).permute(0, 2, 3, 1).flatten(1))
        return out


class VGGish(Extractor):
    """VGGish on each second of sound: (128,) per segment."""

    name = "vggish"
    shape = (128,)
    pretrained = Pretrained(
        "https://github.com/harritaylor/torchvggish/releases/download/v0.1/vggish-10086976.pth",
        "10086976",
        "Apache-2.0",
        "PyTorch port of Google's VGGish, AudioSet",
    )

    def build(self) -> nn.Module:
        return VGGishNetwork()

    def units(self, raw: NDArray[Any]) -> Tensor:
        return torch.from_numpy(patches_per_second(raw))

    def prepare(self, units: Tensor) -> Tensor:
        return units[:, None]

    def calibration(self) -> Tensor:
        return self.units(sounds(32))
