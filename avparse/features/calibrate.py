"""Random weights that behave, and still tell things apart.

A deep network with random weights in eval mode explodes or goes flat, and where every layer is
centred, it turns nearby inputs into unrelated outputs. So one pass over fixed pictures (or
sounds) sets the statistics of every batch norm, residual branches start small, and in networks
without batch norm each layer is only scaled; the last one is centred too, channel by channel.
"""

import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_LAYERS = (nn.Conv2d, nn.Conv3d, nn.Linear)
_BRANCH_ENDS = re.compile(r"layer\d\.\d+\.(bn3|conv2\.1)")
"""The last batch norm of a residual branch: timm's bottlenecks, torchvision's video blocks."""
_BRANCH_GAIN = 0.05


@torch.no_grad()
def randomise(network: nn.Module, inputs: Tensor, seed: int, smooth: bool = False) -> None:
    """Give a network seeded random weights and calibrate them, in place, in float32.

    Args:
        inputs: a batch of network input.
        smooth: draw filters that mix channels at random but are smooth in space.
    """
    generator = torch.Generator().manual_seed(seed)
    normed = False
    for name, module in network.named_modules():
        if isinstance(module, _LAYERS):
            _draw(module, generator, smooth)
        elif isinstance(module, _NORMS):
            normed = True
            module.reset_parameters()
            if _BRANCH_ENDS.fullmatch(name):
                module.weight.fill_(_BRANCH_GAIN)
    (settle_norms if normed else _scale_layers)(network, inputs)


def _draw(layer: nn.Module, generator: torch.Generator, smooth: bool) -> None:
    """He-normal weights (He et al., ICCV 2015), zero biases."""
    weight: Tensor = layer.weight  # type: ignore[assignment]
    weight.normal_(0, (2 / weight[0].numel()) ** 0.5, generator=generator)
    if smooth and weight.ndim == 4:
        side = torch.tensor([1.0, 2.0, 1.0])
        kernel = side[:, None] * side / 4
        weight.copy_(weight.mean((2, 3), keepdim=True) * 3 * kernel)
    if layer.bias is not None:
        layer.bias.zero_()  # type: ignore[operator]


@torch.no_grad()
def settle_norms(network: nn.Module, inputs: Tensor) -> None:
    """One pass in training mode: every batch norm keeps exactly this batch's statistics."""
    norms = [m for m in network.modules() if isinstance(m, _NORMS)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    network(inputs)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _scale_layers(network: nn.Module, inputs: Tensor) -> None:
    """One pass in which each layer is set right before the next one sees its output."""
    layers = [m for m in network.modules() if isinstance(m, _LAYERS)]

    def normalise(module: Any, _: Any, output: Tensor) -> Tensor:
        rest = tuple(a for a in range(output.ndim) if a != 1)
        across = (1, -1, *(1 for _ in rest[1:]))
        if module is layers[-1]:
            scale = output.std(rest) + 1e-6
            module.bias = nn.Parameter(-output.mean(rest) / scale)
        else:
            scale = output.pow(2).mean().sqrt().expand(output.shape[1])
        module.weight /= scale.view(-1, *(1 for _ in module.weight.shape[1:]))
        return output / scale.view(across) + module.bias.view(across)

    hooks = [layer.register_forward_hook(normalise) for layer in layers]
    network(inputs)
    for hook in hooks:
        hook.remove()


def pictures(count: int, size: int) -> Tensor:
    """Fixed pictures, coloured blobs on stripes: (count, size, size, 3) uint8."""
    rng = np.random.default_rng(20201)
    y, x = (g / size for g in np.mgrid[0:size, 0:size].astype(np.float32))
    out = np.empty((count, size, size, 3), np.uint8)
    for picture in out:
        canvas = rng.uniform(60, 200, 3) + (x[..., None] - 0.5) * rng.uniform(-60, 60, 3)
        canvas += (
            rng.uniform(0, 20) * np.sin(rng.uniform(5, 60) * x + rng.uniform(5, 60) * y)[..., None]
        )
        for _ in range(rng.integers(0, 4)):
            (cx, cy), (rx, ry) = rng.uniform(0.1, 0.9, 2), rng.uniform(0.05, 0.35, 2)
            blob = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
            canvas[blob] = rng.uniform(0, 255, 3)
        picture[:] = np.clip(canvas + rng.normal(0, 5, canvas.shape), 0, 255)
    return torch.from_numpy(out)


def sounds(seconds: int, rate_hz: int = 16000) -> NDArray[np.int16]:
    """Fixed sounds: silence, noises, tones and chords by turns, (seconds * rate_hz,) int16."""
    rng = np.random.default_rng(20202)
    t = np.arange(rate_hz) / rate_hz
    out = []
    for second in range(seconds):
        wave = rng.uniform(0.001, 0.02) * rng.standard_normal(rate_hz)
        for _ in range(second % 4):
            pitch = 2 ** rng.uniform(6, 12.5)
            partials = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 1 + second % 7))
            wave = wave + 0.2 * rng.uniform(0.2, 1) * partials * np.exp(-t * rng.uniform(0, 8))
        out.append(np.clip(wave, -1, 1))
    return (np.concatenate(out) * 32767).astype(np.int16)
