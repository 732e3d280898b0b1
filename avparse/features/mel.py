"""The log-mel front end of VGGish.

Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017, as its
released code computes it: 25 ms windows every 10 ms, magnitudes, 64 bands whose triangles are
straight in the mel domain (not in Hz, as stock filter banks have them), natural logarithm.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WINDOW, HOP, FFT = 400, 160, 512
BANDS, LOWEST_HZ, HIGHEST_HZ = 64, 125.0, 7500.0
PATCH = 96
"""Frames of one example of the network."""
_OFFSET = 0.01


def log_mel(samples: NDArray[np.float64], sample_rate_hz: int = 16000) -> NDArray[np.float64]:
    """Log-mel spectrogram.

    Args:
        samples: (n,) in [-1, 1], n >= 400.
    Returns:
        (1 + (n - 400) // 160, 64); no centring, no padding of the signal.
    """
    frames = sliding_window_view(samples, WINDOW)[::HOP] * _window()
    magnitudes = np.abs(np.fft.rfft(frames, FFT))
    return np.log(magnitudes @ _filters(sample_rate_hz) + _OFFSET)


def patches_per_second(
    samples: NDArray[np.int16], sample_rate_hz: int = 16000
) -> NDArray[np.float32]:
    """One patch for each second on its own, as for LLP: (T, 96, 64).

    A second has 98 frames; the last two are dropped.

    Args:
        samples: (T * sample_rate_hz,) 16-bit.
    """
    seconds = samples.reshape(-1, sample_rate_hz).astype(np.float64) / 32768
    return np.stack([log_mel(s, sample_rate_hz)[:PATCH] for s in seconds]).astype(np.float32)


@cache
def _window() -> NDArray[np.float64]:
    """A periodic Hann window."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


@cache
def _filters(sample_rate_hz: int) -> NDArray[np.float64]:
    """(257, 64) triangular weights of spectrum bins in mel bands; the DC bin weighs nothing."""
    bins = _mel(np.linspace(0, sample_rate_hz / 2, FFT // 2 + 1))[:, None]
    edges = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins - lower) / (centre - lower)
    falling = (upper - bins) / (upper - centre)
    weights = np.maximum(0, np.minimum(rising, falling))
    weights[0] = 0
    return np.asarray(weights)


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log1p(np.asarray(hz) / 700))
