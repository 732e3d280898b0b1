"""The log-mel front end of VGGish.

Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017, as its
released code computes it: 25 ms windows every 10 ms, magnitudes, 64 bands whose triangles are
straight in the mel domain (not in Hz, as stock filter banks have them), natural logarithm.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

WINDOW, HOP, FFT = 400, 160, 512
BANDS, LOWEST_HZ, HIGHEST_HZ = 64, 125.0, 7500.0
PATCH = 96
"""Frames of one example of the network."""
PATCH_SAMPLES = WINDOW + (PATCH - 1) * HOP
_OFFSET = 0.01


def log_mel(samples: Tensor, sample_rate_hz: int = 16000) -> Tensor:
    """Log-mel spectrogram.

    Args:
        samples: (..., n) in [-1, 1], n >= 400.
    Returns:
        (..., 1 + (n - 400) // 160, 64) of the same type; no centring, no padding of the signal.
    """
    frames = samples.unfold(-1, WINDOW, HOP) * _window().to(samples)
    magnitudes = torch.fft.rfft(frames, FFT).abs()
    return (magnitudes @ _filters(sample_rate_hz).to(samples) + _OFFSET).log()


def seconds(samples: NDArray[np.int16], sample_rate_hz: int = 16000) -> Tensor:
    """What one patch needs of each second, as for LLP: (T, 15600) float32.

    A second has 98 frames; a patch, the first 96 of them.

    Args:
        samples: (T * sample_rate_hz,) 16-bit.
    """
    return _scaled(samples).unflatten(0, (-1, sample_rate_hz))[:, :PATCH_SAMPLES]


def contiguous(samples: NDArray[np.int16], sample_rate_hz: int = 16000) -> Tensor:
    """What the first T patches of one spectrogram need, as for AVE: (T, 15600) float32.

    Patch k covers 0.96 k to 0.96 k + 0.975 s, so it begins up to 0.4 s before second k.

    Args:
        samples: (T * sample_rate_hz,) 16-bit.
    """
    windows = _scaled(samples).unfold(0, PATCH_SAMPLES, PATCH * HOP)
    return windows[: len(samples) // sample_rate_hz]


def _scaled(samples: NDArray[np.int16]) -> Tensor:
    return torch.from_numpy(samples).float() / 32768


@cache
def _window() -> Tensor:
    """A periodic Hann window, float64."""
    return torch.from_numpy(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW))


@cache
def _filters(sample_rate_hz: int) -> Tensor:
    """(257, 64) triangular weights of spectrum bins in mel bands; the DC bin weighs nothing."""
    bins = _mel(np.linspace(0, sample_rate_hz / 2, FFT // 2 + 1))[:, None]
    edges = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins - lower) / (centre - lower)
    falling = (upper - bins) / (upper - centre)
    weights = np.maximum(0, np.minimum(rising, falling))
    weights[0] = 0
    return torch.from_numpy(weights)


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log1p(np.asarray(hz) / 700))
