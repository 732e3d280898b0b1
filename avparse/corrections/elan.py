"""Corrected documents of ELAN: ``{video}.eaf`` with tiers A, V, AV, and A-2 for what overlaps.

Other tiers are a person's own, and not read.
"""

import re
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree
from pympi.Elan import Eaf

from avparse.corrections.track import Tracks, event
from avparse.errors import DataError
from avparse.timeline import Modality

TIERS = {"A": Modality.AUDIO, "V": Modality.VISUAL, "AV": Modality.AUDIO_VISUAL}
_TIER = re.compile(r"(A|V|AV)(-\d+)?")


def read(path: Path) -> Tracks:
    """The tiers of a document.

    Raises:
        DataError: it is none, has no such tier, or an annotation without times or label.
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
            track.append(event(where, times[0] / 1000, times[1] / 1000, modality, label or ""))
    if not tracks:
        found = ", ".join(sorted(document.tiers)) or "none"
        raise DataError(f"no tier A, V or AV in {path}", f"found: {found}")
    return tracks


def _parsed(path: Path) -> Eaf:
    try:
        # pympi's parser expands entities without end, and reads documents of any kind.
        root = ElementTree.parse(path, forbid_dtd=True).getroot()
        if root is None or root.tag != "ANNOTATION_DOCUMENT":
            raise DataError(f"{path} is no ELAN document", "give a .eaf")
        return Eaf(str(path), suppress_version_warning=True)
    except (OSError, ParseError, DefusedXmlException, ValueError) as error:
        raise DataError(f"cannot read {path}", f"is it an ELAN document? ({error})") from None
    except (KeyError, AttributeError, TypeError) as error:
        raise DataError(f"{path} is no whole ELAN document", f"it lacks {error}") from None
