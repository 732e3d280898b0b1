"""Events as annotation documents of ELAN, EAF 2.8, by pympi.

Annotations of one tier may not overlap in ELAN: what overlaps goes to a further tier of the same
modality, ``A-2``, ``A-3`` and so on. https://www.mpi.nl/tools/elan/EAF_Annotation_Format_2.8_and_ELAN.pdf
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from pympi.Elan import Eaf, to_string

from avparse.corrections.elan import TIERS
from avparse.export.base import CORRECTED, PerVideo, of_modality
from avparse.predictions import Timeline
from avparse.timeline import Event

_DATE = "1970-01-01T00:00:00+00:00"
"""A date is required; the time of the run would make every run's files differ."""
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Elan(PerVideo):
    """One document for each video, its modalities as tiers."""

    target = "{experiment}/elan"
    suffix = "eaf"

    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        document = Eaf(author="avparse")
        document.adocument["DATE"] = _DATE
        document.header = {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
        file = _clean(PurePosixPath(self.media(timeline.video_id)).name)
        if file != timeline.video_id:
            # ELAN looks beside the document for what it does not find elsewhere.
            kind = "video/mp4" if file.lower().endswith(".mp4") else "unknown"
            document.add_linked_file(f"./{file}", f"./{file}", kind)
        for tier, modality in TIERS.items():
            if modality in CORRECTED[task]:
                for number, lane in enumerate(_lanes(of_modality(timeline, modality)), 1):
                    _add(document, tier if number == 1 else f"{tier}-{number}", lane)
        document.remove_tier("default")
        head = '<?xml version="1.0" encoding="UTF-8"?>\n'
        return {"": f"{head}{to_string(document)}\n"}


def _lanes(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Events in lists of which none overlap; one empty list if there are none."""
    lanes: list[list[Event]] = [[]]
    for event in events:
        free = (lane for lane in lanes if not lane or lane[-1].offset_s <= event.onset_s)
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(event)
    yield from lanes


def _add(document: Eaf, tier: str, events: Sequence[Event]) -> None:
    document.add_tier(tier)
    for event in events:
        onset, offset = round(1000 * event.onset_s), round(1000 * event.offset_s)
        document.add_annotation(tier, onset, max(offset, onset + 1), _clean(event.label))


def _clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return _UNFIT.sub("\ufffd", text)
