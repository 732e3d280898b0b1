import numpy as np
import torch
from golden.arrays import FOLDER, array

from avparse.features import mel


def reference_waveform() -> np.ndarray:
    t = np.arange(160000) / 16000
    tones = ((220, 0), (1330, 1), (3470, 2), (6100, 3))
    wave = sum(0.1 * np.sin(2 * np.pi * f * t + p) for f, p in tones)
    return np.asarray(wave + 0.02 * array("input.waveform", (160000,)))


def slow_log_mel(samples: np.ndarray) -> np.ndarray:
    """Frame by frame and band by band, from the formulas."""

    def to_mel(hz: float) -> float:
        return 1127 * float(np.log(1 + hz / 700))

    edges = np.linspace(to_mel(125), to_mel(7500), 66)
    window = [0.5 - 0.5 * np.cos(2 * np.pi * n / 400) for n in range(400)]
    rows = []
    for start in range(0, len(samples) - 399, 160):
        padded = np.zeros(512)
        padded[:400] = samples[start : start + 400] * window
        magnitude = np.abs(np.fft.fft(padded))[:257]
        bands = []
        for band in range(64):
            low, mid, high = edges[band : band + 3]
            total = 0.0
            for k in range(1, 257):
                m = to_mel(8000 * k / 256)
                total += magnitude[k] * max(
                    0, min((m - low) / (mid - low), (high - m) / (high - mid))
                )
            bands.append(np.log(total + 0.01))
        rows.append(bands)
    return np.array(rows)


def test_equals_the_published_front_end() -> None:
    seconds = reference_waveform().reshape(10, -1)[:2]
    found = mel.log_mel(torch.from_numpy(seconds).float())[:, : mel.PATCH]
    np.testing.assert_allclose(found, np.load(FOLDER / "vggish.npz")["log_mel"], atol=1e-4)


def test_equals_the_slow_way() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 1200)
    found = mel.log_mel(torch.from_numpy(samples))
    np.testing.assert_allclose(found, slow_log_mel(samples), atol=1e-9)
    np.testing.assert_allclose(mel.log_mel(torch.from_numpy(samples).float()), found, atol=1e-4)


def test_a_second_has_98_frames_and_a_clip_one_patch_each() -> None:
    assert mel.log_mel(torch.zeros(16000)).shape == (98, 64)
    units = mel.seconds(np.zeros(160000, np.int16))
    assert mel.log_mel(units).shape == (10, 96, 64)


def test_silence_is_the_floor() -> None:
    np.testing.assert_allclose(mel.log_mel(torch.zeros(16000)), np.log(0.01), rtol=1e-6)
