"""VGGish, the audio feature of AVE and LLP: 128 numbers per second.

Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017. The
features of both data sets are the raw embedding after its last ReLU: no PCA, no quantisation.

    sound (16000 T) -> (T, 15600) -> log-mel (T, 96, 64) -> 6 convolutions -> 3 linear -> (T, 128)

LLP's patches are the seconds, each on its own; AVE's follow each other every 0.96 s, so that patch
k begins at 0.96 k, up to 0.4 s early. AudioSet's own features are embeddings after PCA, in 8 bits.

Parameter names are those of the published PyTorch port.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse.features import mel
from avparse.features.base import Extractor, Weights
from avparse.features.calibrate import randomise, sounds

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


class Quantiser(nn.Module):
    """AudioSet's postprocessing: PCA, clipping to [-2, 2], 8 bits: (B, 128) -> 0, 1, ... 255."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pca_eigen_vectors", torch.eye(128))
        self.register_buffer("pca_means", torch.zeros(128, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Rows of ``pca_eigen_vectors`` are output dimensions; rounded half to even."""
        vectors, means = self.get_buffer("pca_eigen_vectors"), self.get_buffer("pca_means")
        turned = (vectors @ (x.float().T - means)).T
        return ((turned.clamp(-2, 2) + 2) * (255 / 4)).round()


class VGGish(Extractor):
    """VGGish on each second of sound: (128,) per segment."""

    shape = (128,)
    weights: ClassVar[Mapping[str, Weights]] = {
        "torchvggish": Weights(
            "https://github.com/harritaylor/torchvggish/releases/download/v0.1/vggish-10086976.pth",
            "sha256:10086976",
            "Apache-2.0",
            "PyTorch port of Google's VGGish, AudioSet",
        )
    }
    pca = Weights(
        "https://github.com/harritaylor/torchvggish/releases/download/v0.1/"
        "vggish_pca_params-970ea276.pth",
        "sha256:970ea276",
        "Apache-2.0",
        "PCA of VGGish, AudioSet",
    )

    def build(self) -> nn.Module:
        network: nn.Module = VGGishNetwork()
        return nn.Sequential(network, Quantiser()) if self.settings.pca else network

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """The PCA stays in float32: 8 bits of a rounded number would not be the same 8 bits."""
        if not self.settings.pca:
            super().place(device, dtype)
            return
        embed, quantise = self.network.children()
        embed.to(device=device, dtype=dtype)
        quantise.to(device)

    def files(self, chosen: Weights) -> list[Weights]:
        return [chosen, self.pca] if self.settings.pca else [chosen]

    def randomise(self, seed: int) -> None:
        inputs = self.prepare(self.calibration())
        if not self.settings.pca:
            randomise(self.network, inputs, seed)
            return
        embed, quantise = self.network.children()
        randomise(embed, inputs, seed)
        with torch.no_grad():
            x = embed(inputs)
            _, scales, turned = torch.linalg.svd(x - x.mean(0), full_matrices=True)
            gains = torch.zeros(x.shape[1])
            gains[: len(scales)] = (len(x) ** 0.5 / scales.clamp(min=1e-3)).clamp(max=1e3)
            gains[len(x) - 1 :] = 0
            quantise.get_buffer("pca_eigen_vectors").copy_(gains[:, None] * turned)
            quantise.get_buffer("pca_means").copy_(x.mean(0)[:, None])

    def translate(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if not self.settings.pca:
            return dict(state)
        names = {key: key.removeprefix("pproc.") for key in state}
        return {
            f"1.{name}" if name.startswith("pca_") else f"0.{key}": value
            for (key, name), value in zip(names.items(), state.values(), strict=True)
        }

    def units(self, raw: NDArray[Any]) -> Tensor:
        return mel.contiguous(raw) if self.settings.hop == "contiguous" else mel.seconds(raw)

    def prepare(self, units: Tensor) -> Tensor:
        return mel.log_mel(units)[:, None]

    def calibration(self) -> Tensor:
        return mel.seconds(sounds(32))
