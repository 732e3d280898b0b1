"""What happens in each bundled clip, decided from the seed alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avparse.core.events import Event, Modality, heard_and_seen
from avparse.datasets.classes import BUNDLED_CLASSES

CLIP_S = 10
FRAME_RATES = (10.0, 15.0, 24.0, 25.0, 29.97, None)
"""Frames per second; None is a variable rate."""
SIZES = ((320, 240), (256, 144), (192, 192), (320, 180), (180, 240))
"""(width, height) in pixels."""
SAMPLE_RATES_HZ = (16000, 22050, 44100, 48000)

_KINDS = (
    *("plain",) * 9,
    *("extents",) * 2,
    *("audible",) * 2,
    *("visible",) * 2,
    "overlap",
)
"""Of 16 clips: the main event alone; heard and seen for different spans; with another event that is
only heard, or only seen; with another audio-visual event over it."""


@dataclass(frozen=True)
class Scene:
    """One clip of the bundled set.

    Attributes:
        video_id: 11 characters, like the ids of the published sets.
        split: one of :data:`avparse.datasets.base.SPLITS`.
        kind: one of the kinds above; ``empty`` in the background split.
        events: audio and visual events, in whole seconds.
        frame_rate: frames per second, None for a variable rate.
        size: (width, height).
        sample_rate_hz, channels: of the sound.
        seed: of everything that is drawn while rendering.
    """

    video_id: str
    split: str
    kind: str
    events: tuple[Event, ...]
    frame_rate: float | None
    size: tuple[int, int]
    sample_rate_hz: int
    channels: int
    seed: int

    def audio_visual(self) -> list[Event]:
        """Spans in which a class is heard and seen at once, by onset: the rows of an AVE table."""
        return heard_and_seen(self.events)


def plan(counts: dict[str, int], seed: int) -> list[Scene]:
    """Plan a whole data set.

    Args:
        counts: split -> number of clips; classes and kinds are balanced within each split.
        seed: same seed, same scenes; a longer split begins like a shorter one's classes, not kinds.
    """
    scenes: list[Scene] = []
    for split, count in counts.items():
        rng = np.random.default_rng([seed, len(scenes), count])
        kinds = _dealt(("empty",) if split == "background" else _KINDS, count, rng)
        labels = _dealt(BUNDLED_CLASSES, count, rng)
        for kind, label in zip(kinds, labels, strict=True):
            number = len(scenes)
            scenes.append(
                Scene(
                    f"synth-{number:05d}",
                    split,
                    kind,
                    _events(kind, label, rng),
                    FRAME_RATES[number % len(FRAME_RATES)],
                    SIZES[number % len(SIZES)],
                    SAMPLE_RATES_HZ[number % len(SAMPLE_RATES_HZ)],
                    1 + number % 2,
                    int(rng.integers(2**31)),
                )
            )
    return scenes


def _dealt(values: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """``count`` values, each as often as the next, in random order."""
    deck = [values[i % len(values)] for i in range(count)]
    return [deck[i] for i in rng.permutation(count)]


def _span(rng: np.random.Generator, shortest: int, longest: int) -> tuple[int, int]:
    length = int(rng.integers(shortest, longest + 1))
    onset = int(rng.integers(0, CLIP_S - length + 1))
    return onset, onset + length


def _events(kind: str, label: str, rng: np.random.Generator) -> tuple[Event, ...]:
    if kind == "empty":
        return ()
    onset, offset = _span(rng, 3, 7)
    heard, seen = (onset, offset), (onset, offset)
    other = str(rng.choice([name for name in BUNDLED_CLASSES if name != label]))
    events = []
    if kind == "extents":
        inner = (onset + 1, offset) if rng.random() < 0.5 else (onset, offset - 1)
        heard, seen = (inner, seen) if rng.random() < 0.5 else (heard, inner)
    if kind in ("audible", "visible"):
        modality = Modality.AUDIO if kind == "audible" else Modality.VISUAL
        events.append(Event(*_span(rng, 3, 5), modality, other))
    if kind == "overlap":
        first = max(0, onset - 1)
        events += [Event(first, first + 4, m, other) for m in (Modality.AUDIO, Modality.VISUAL)]
    events.append(Event(*heard, Modality.AUDIO, label))
    events.append(Event(*seen, Modality.VISUAL, label))
    return tuple(sorted(events))
