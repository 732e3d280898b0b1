"""Events: a label with onset, offset and modality."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Modality(StrEnum):
    """How an event is perceived."""

    AUDIO = "audio"
    VISUAL = "visual"
    AUDIO_VISUAL = "audio_visual"


AXIS = (Modality.AUDIO, Modality.VISUAL)
"""Order of the modality axis of arrays: 0 audio, 1 visual."""


@dataclass(frozen=True, order=True)
class Event:
    """An event of a video.

    Attributes:
        onset_s, offset_s: seconds in the source video; the offset is exclusive.
        modality: audio, visual, or audio-visual.
        label: class name.
        score: mean probability over its segments; 1.0 for annotations.
    """

    onset_s: float
    offset_s: float
    modality: Modality
    label: str
    score: float = 1.0


def heard_and_seen(events: Iterable[Event]) -> list[Event]:
    """Audio-visual events: spans in which a class is both audible and visible, sorted by onset."""
    events = list(events)
    spans = {
        Event(
            max(a.onset_s, v.onset_s), min(a.offset_s, v.offset_s), Modality.AUDIO_VISUAL, a.label
        )
        for a in events
        for v in events
        if (a.modality, v.modality) == AXIS and a.label == v.label
    }
    return sorted(event for event in spans if event.onset_s < event.offset_s)
