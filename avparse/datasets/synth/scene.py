"""Contents of the bundled clips, drawn from a random seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avparse.core.events import Event, Modality, heard_and_seen
from avparse.datasets.classes import BUNDLED_CLASSES

CLIP_S = 10
FRAME_RATES = (10.0, 15.0, 24.0, 25.0, 29.97, None)
"""Frames per second; None stands for a variable rate."""
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
"""Kinds in every 16 clips. plain: a single audio-visual event; extents: its audio and visual spans
differ; audible, visible: a second event in one modality; overlap: a second audio-visual event."""


@dataclass(frozen=True)
class Scene:
    """A clip of the bundled set.

    Attributes:
        video_id: 11 characters, like a YouTube id.
        split: a member of :data:`avparse.datasets.base.SPLITS`.
        kind: a member of ``_KINDS``; ``empty`` in the background split.
        events: audio and visual events, in whole seconds.
        frame_rate: frames per second; None for a variable rate.
        size: (width, height).
        sample_rate_hz, channels: sample rate and channels of the audio.
        seed: random seed for rendering.
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
        """Audio-visual events sorted by onset, as in AVE's tables."""
        return heard_and_seen(self.events)


def plan(counts: dict[str, int], seed: int) -> list[Scene]:
    """Plan a data set.

    Args:
        counts: split -> number of clips; classes and kinds are balanced in each split.
        seed: random seed; the same seed and counts give the same scenes.
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
    """``count`` values with equal frequencies, in random order."""
    deck = [values[i % len(values)] for i in range(count)]
    return [deck[i] for i in rng.permutation(count)]


def _span(rng: np.random.Generator, shortest: int, longest: int) -> tuple[int, int]:
    """A random onset and offset within the clip."""
    length = int(rng.integers(shortest, longest + 1))
    onset = int(rng.integers(0, CLIP_S - length + 1))
    return onset, onset + length


def _events(kind: str, label: str, rng: np.random.Generator) -> tuple[Event, ...]:
    """The events of a clip of a kind, with a main event of class ``label``."""
    if kind == "empty":
        return ()
    onset, offset = _span(rng, 3, 7)
    audible, visible = (onset, offset), (onset, offset)
    other = str(rng.choice([name for name in BUNDLED_CLASSES if name != label]))
    events = []
    if kind == "extents":
        inner = (onset + 1, offset) if rng.random() < 0.5 else (onset, offset - 1)
        audible, visible = (inner, visible) if rng.random() < 0.5 else (audible, inner)
    if kind in ("audible", "visible"):
        modality = Modality.AUDIO if kind == "audible" else Modality.VISUAL
        events.append(Event(*_span(rng, 3, 5), modality, other))
    if kind == "overlap":
        first = max(0, onset - 1)
        events += [Event(first, first + 4, m, other) for m in (Modality.AUDIO, Modality.VISUAL)]
    events.append(Event(*audible, Modality.AUDIO, label))
    events.append(Event(*visible, Modality.VISUAL, label))
    return tuple(sorted(events))
