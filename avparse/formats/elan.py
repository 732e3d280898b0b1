"""Events as annotation documents of ELAN, EAF 2.8, written with pympi.

Annotations on one ELAN tier must not overlap. Overlapping events go to additional tiers of the same
modality: ``A-2``, ``A-3`` and so on. https://www.mpi.nl/tools/elan/EAF_Annotation_Format_2.8_and_ELAN.pdf
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree
from pympi.Elan import Eaf, to_string

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.formats.base import CORRECTED, PerVideo, of_modality
from avparse.formats.tracks import Tracks, checked_event
from avparse.prediction.timeline import Timeline

_DATE = "1970-01-01T00:00:00+00:00"
"""The date is required and fixed, so that repeated runs write identical files."""
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Elan(PerVideo):
    """One document for each video, with a tier for each modality."""

    target = "{experiment}/elan"
    suffix = "eaf"

    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        document = Eaf(author="avparse")
        document.adocument["DATE"] = _DATE
        document.header = {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
        file = _clean(PurePosixPath(self.media(timeline.video_id)).name)
        if file != timeline.video_id:
            # ELAN searches the folder of the document for media that it cannot find elsewhere.
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
    """Distribute events over lists without overlaps; without events, one empty list."""
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
    """Replace characters that XML does not allow."""
    return _UNFIT.sub("\ufffd", text)


TIERS = {"A": Modality.AUDIO, "V": Modality.VISUAL, "AV": Modality.AUDIO_VISUAL}
_TIER = re.compile(r"(A|V|AV)(-\d+)?")


def read(path: Path) -> Tracks:
    """Read the tiers A, V and AV of a document.

    Raises:
        DataError: the file is no ELAN document, has no such tier, or has an annotation without
            times or label.
    """
    document = _parsed(path)
    tracks: Tracks = {}
    for tier in sorted(document.tiers):
        known = _TIER.fullmatch(tier)
        if known is None:
            continue
        modality = TIERS[known[1]]
        track = tracks.setdefault((path.stem, modality), [])
        for name, (onset, offset, label, _) in document.tiers[tier][0].items():
            where = f"tier {tier} of {path}, annotation {name}"
            times = document.timeslots.get(onset), document.timeslots.get(offset)
            if times[0] is None or times[1] is None:
                raise DataError(f"{where} has no time", "give it one in ELAN")
            track.append(
                checked_event(where, times[0] / 1000, times[1] / 1000, modality, label or "")
            )
    if not tracks:
        tiers = ", ".join(sorted(document.tiers)) or "none"
        raise DataError(f"no tier A, V or AV in {path}", f"found: {tiers}")
    return tracks


def _parsed(path: Path) -> Eaf:
    try:
        # pympi's own parser expands entities without limit and accepts any XML document.
        root = ElementTree.parse(path, forbid_dtd=True).getroot()
        if root is None or root.tag != "ANNOTATION_DOCUMENT":
            raise DataError(f"{path} is no ELAN document", "give a .eaf file")
        return Eaf(str(path), suppress_version_warning=True)
    except (OSError, ParseError, DefusedXmlException, ValueError) as error:
        raise DataError(f"cannot read {path}", f"is it an ELAN document? ({error})") from None
    except (KeyError, AttributeError, TypeError) as error:
        raise DataError(f"{path} is an incomplete ELAN document", f"missing: {error}") from None
