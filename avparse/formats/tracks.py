"""Tracks of checked events, the result of every reader of corrected files."""

import math

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.core.registry import near

Tracks = dict[tuple[str, Modality], list[Event]]
"""Video id and modality -> events; an empty list means that the video has none."""


def modality_of(where: str, name: str) -> Modality:
    """The modality of a name, or DataError with the nearest valid name."""
    try:
        return Modality(name)
    except ValueError:
        hint = near(name, [modality.value for modality in Modality])
        raise DataError(f"{where}: unknown modality {name!r}", hint) from None


def checked_event(
    where: str, onset_s: float, offset_s: float, modality: Modality, label: str
) -> Event:
    """An event, or DataError if its label or times are invalid.

    Args:
        where: file and line, or field, for the message.
        onset_s, offset_s: seconds of the video.
    """
    label = label.strip()
    if not label:
        raise DataError(f"{where} has no label", "give one")
    if not (math.isfinite(onset_s) and math.isfinite(offset_s)):
        raise DataError(f"{where}: {onset_s} to {offset_s}", "expected seconds")
    if not 0 <= onset_s <= offset_s:
        raise DataError(
            f"{where}: {onset_s:g} to {offset_s:g} s", "an event begins in the video, then ends"
        )
    return Event(onset_s, offset_s, modality, label)
