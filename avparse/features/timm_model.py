"""Any image model of timm as a frame extractor, by ``timm:NAME``.

Wightman, "PyTorch image models", https://github.com/huggingface/pytorch-image-models. Size,
resizing and normalisation are those its weights were evaluated with, as its configuration says.

    frames (U, S, S, 3) -> network without classifier -> (U, D) or (U, H, W, D) -> mean over 1 s
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import timm
import torch
from torch import Tensor, nn

from avparse.config.data import ExtractorSettings
from avparse.core.errors import UnknownNameError, WeightsError
from avparse.core.registry import near
from avparse.features.base import FrameExtractor, Weights
from avparse.features.calibrate import pictures, settle_norms
from avparse.features.pixels import Pixels
from avparse.media.views import View

_RATE = 8


def view_of(model: str) -> View:
    """The frames a timm model reads.

    Raises:
        UnknownNameError: timm has no such model.
    """
    config = _config(model)
    size = config.input_size[-1]
    squash = config.crop_mode == "squash"
    return View(
        _RATE,
        size,
        None if squash else math.floor(size / config.crop_pct),
        "bilinear" if config.interpolation == "bilinear" else "bicubic",
    )


def _config(model: str) -> Any:
    config = timm.models.get_pretrained_cfg(model) if timm.is_model(model) else None
    if config is None:
        raise UnknownNameError(f"unknown model timm:{model}", near(model, timm.list_models()))
    return config


class TimmModel(FrameExtractor):
    """A model of timm without its classifier: (D,) per segment, or its last map (H, W, D)."""

    weights: ClassVar[Mapping[str, Weights]] = {}

    def __init__(
        self, name: str, settings: ExtractorSettings, view: View | None, outputs: Sequence[str] = ()
    ) -> None:
        super().__init__(name, settings, view, outputs)
        self._model = name.split(":", 1)[1]
        if settings.pixels is None:
            config = _config(self._model)
            self.pixels = Pixels(tuple(config.mean), tuple(config.std))

    def build(self) -> nn.Module:
        network: nn.Module = timm.create_model(self._model, pretrained=False, num_classes=0)
        return network

    @property
    def shape(self) -> tuple[int, ...]:
        assert self.view is not None
        weight = next(self.network.parameters())
        side = self.view.size
        blank = torch.zeros(1, side, side, 3, dtype=torch.uint8, device=weight.device)
        with torch.inference_mode():
            shape = self.forward(blank, weight.dtype).shape
        return tuple(shape[1:])

    def forward(self, units: Tensor, dtype: torch.dtype) -> Tensor:
        if self.output == "pooled":
            return super().forward(units, dtype)
        x = self.prepare(units).to(dtype)
        return self._as_map(self.network.forward_features(x)).float()  # type: ignore[operator]

    def _as_map(self, features: Tensor) -> Tensor:
        """(U, H, W, D) of whatever the model calls its features: a map, or tokens."""
        width = self.network.num_features
        if features.ndim == 4:
            return features.movedim(1, -1) if features.shape[1] == width else features
        tokens = features[:, getattr(self.network, "num_prefix_tokens", 0) :]
        side = math.isqrt(tokens.shape[1])
        return tokens.unflatten(1, (side, side))

    def randomise(self, seed: int) -> None:
        """As timm initialises it; batch norms get the statistics of the fixed pictures."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            fresh = self.build()
        self.network.load_state_dict(fresh.state_dict())
        settle_norms(self.network, self.prepare(self.calibration()))

    def adopt(self, identity: Any) -> None:
        """The normalisation is the model's own, whatever weights were loaded."""

    def download(self, folder: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Fetched by timm itself, from the hub it names."""
        config = _config(self._model)
        if not (config.hf_hub_id or config.url):
            raise WeightsError(f"timm:{self._model} has no published weights", "give a file")
        try:
            loaded = timm.create_model(
                self._model, pretrained=True, num_classes=0, cache_dir=folder
            )
        except Exception as error:  # hub and network errors are of many kinds
            reason = " ".join(str(error).split())[:120]
            raise WeightsError(
                f"cannot fetch the weights of timm:{self._model} ({reason})",
                f"download model.safetensors of https://huggingface.co/{config.hf_hub_id} and "
                "give its path as the extractor's weights",
            ) from None
        identity = {"source": f"timm {config.hf_hub_id}", "licence": config.license or "unknown"}
        return loaded.state_dict(), identity

    def calibration(self) -> Tensor:
        assert self.view is not None
        return pictures(16, self.view.size)
