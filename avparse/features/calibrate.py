"""Random weights that behave: statistics of every layer set on fixed inputs.

A deep network with random weights in eval mode explodes or goes flat. One pass over fixed
pictures (or sounds) sets the running statistics of every batch norm, and scales and shifts every
other convolution and linear layer, so that each channel has mean 0 and deviation 1 there.
(The idea of layer-sequential unit-variance initialisation: Mishkin and Matas, ICLR 2016.)
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

_LAYERS = (nn.Conv2d, nn.Conv3d, nn.Linear)


@torch.no_grad()
def randomise(network: nn.Module, inputs: Tensor, seed: int) -> None:
    """Give a network seeded random weights and calibrate them, in place, in float32.

    Args:
        inputs: a batch of network input.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, _LAYERS):
            fan_in = module.weight[0].numel()
            module.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, _BatchNorm):
            module.reset_running_stats()
            module.reset_parameters()
    normed = any(isinstance(module, _BatchNorm) for module in network.modules())
    (_set_statistics if normed else _scale_layers)(network, inputs)


def _set_statistics(network: nn.Module, inputs: Tensor) -> None:
    """One pass in training mode: every batch norm keeps exactly this batch's statistics."""
    norms = [m for m in network.modules() if isinstance(m, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    network(inputs)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _scale_layers(network: nn.Module, inputs: Tensor) -> None:
    """One pass in which each layer is normalised before the next one sees its output."""

    def normalise(module: Any, _: Any, output: Tensor) -> Tensor:
        axes = tuple(a for a in range(output.ndim) if a != 1)
        std = output.std(axes) + 1e-6
        shift = -output.mean(axes) / std
        module.weight /= std.view(-1, *(1 for _ in module.weight.shape[1:]))
        module.bias.copy_(shift)
        across = (1, -1, *(1 for _ in output.shape[2:]))
        return output / std.view(across) + shift.view(across)

    hooks = [
        m.register_forward_hook(normalise) for m in network.modules() if isinstance(m, _LAYERS)
    ]
    network(inputs)
    for hook in hooks:
        hook.remove()


def pictures(count: int, size: int) -> Tensor:
    """Fixed pictures: smooth colours with coloured blobs and stripes, (count, size, size, 3) uint8."""
    rng = np.random.default_rng(20201)
    y, x = (g / size for g in np.mgrid[0:size, 0:size].astype(np.float32))
    out = np.empty((count, size, size, 3), np.uint8)
    for picture in out:
        canvas = rng.uniform(60, 200, 3) + (x[..., None] - 0.5) * rng.uniform(-60, 60, 3)
        canvas += rng.uniform(0, 20) * np.sin(rng.uniform(5, 60) * x + rng.uniform(5, 60) * y)[..., None]
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
