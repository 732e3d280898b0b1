"""Audio: each class is a timbre; all clips have noise and clicks in the background."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from avparse.core.events import Modality
from avparse.datasets.synth.scene import CLIP_S, Scene

Wave = NDArray[np.float64]


def render(scene: Scene) -> NDArray[np.float32]:
    """Render the audio of a scene, (channels, n) samples in [-1, 1]."""
    rng = np.random.default_rng([scene.seed, 3])
    rate = scene.sample_rate_hz
    t = np.arange(CLIP_S * rate) / rate
    mix = 0.004 * rng.standard_normal(len(t)) + _clicks(t, rng)
    for event in scene.events:
        if event.modality == Modality.AUDIO:
            timbre = TIMBRES[event.label](t, rng.uniform(0.97, 1.03))
            gate = np.clip(np.minimum(t - event.onset_s, event.offset_s - t) / 0.02, 0, 1)
            mix += rng.uniform(0.3, 0.4) * gate * timbre
    pan = 1 + 0.2 * rng.uniform(-1, 1, size=(scene.channels, 1))
    return np.clip(pan * mix, -1, 1).astype(np.float32)


def _clicks(t: Wave, rng: np.random.Generator) -> Wave:
    """A few short clicks as distractors."""
    return sum(
        (0.05 * np.exp(-(((t - at) / 0.002) ** 2)) for at in rng.uniform(0, CLIP_S, size=5)),
        np.zeros_like(t),
    )


def _sine(t: Wave, hz: float | Wave) -> Wave:
    """A sine of fixed or varying frequency."""
    if isinstance(hz, float):
        return np.sin(2 * np.pi * hz * t)
    return np.sin(2 * np.pi * np.cumsum(hz) * (t[1] - t[0]))


def _struck(t: Wave, per_second: float, decay_s: float) -> Wave:
    """An envelope that repeatedly jumps to 1 and decays."""
    return np.exp(-((t * per_second) % 1) / (per_second * decay_s))


def _bell(t: Wave, pitch: float) -> Wave:
    partials = sum(_sine(t, 1500 * pitch * k) / (1 + i) for i, k in enumerate((1, 1.5, 2.76, 4.1)))
    return partials * _struck(t, 4.0, 0.2)


def _siren(t: Wave, pitch: float) -> Wave:
    return _sine(t, pitch * (800 + 200 * np.sin(2 * np.pi * 2 * t)))


def _drum(t: Wave, pitch: float) -> Wave:
    rattle = np.random.default_rng(7).standard_normal(len(t))
    return (_sine(t, 90 * pitch) + 0.5 * rattle) * _struck(t, 6.0, 0.1)


def _whistle(t: Wave, pitch: float) -> Wave:
    return _sine(t, pitch * (2600 + 60 * np.sin(2 * np.pi * 6 * t)))


def _engine(t: Wave, pitch: float) -> Wave:
    hum = sum((_sine(t, 65 * pitch * k) / k for k in range(1, 5)), np.zeros_like(t))
    return hum * (0.7 + 0.3 * _sine(t, 11.0))


def _bird(t: Wave, pitch: float) -> Wave:
    sweep = (t * 7) % 1
    return _sine(t, pitch * (4200 + 2200 * sweep)) * np.sin(np.pi * sweep) ** 2


def _buzzer(t: Wave, pitch: float) -> Wave:
    return 0.7 * np.sign(_sine(t, 220 * pitch))


def _horn(t: Wave, pitch: float) -> Wave:
    return sum(
        (_sine(t, f * pitch * k) / (2 * k) for f in (330.0, 415.0) for k in range(1, 4)),
        np.zeros_like(t),
    )


TIMBRES: dict[str, Callable[[Wave, float], Wave]] = {
    "Bell": _bell,
    "Siren": _siren,
    "Drum": _drum,
    "Whistle": _whistle,
    "Engine": _engine,
    "Bird": _bird,
    "Buzzer": _buzzer,
    "Horn": _horn,
}
"""Class -> (times, relative pitch) -> samples in about [-1, 1]."""
