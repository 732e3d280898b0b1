"""Corrected label tracks of Audacity: ``{video}.{modality}.txt``."""

from pathlib import Path

from avparse.corrections.track import Tracks, event, modality_of
from avparse.errors import DataError


def read(path: Path) -> Tracks:
    """The labels of a track; frequency ranges, lines that begin with a backslash, are passed over.

    Raises:
        DataError: no modality in its name, or a line that cannot be understood.
    """
    video, _, name = path.stem.rpartition(".")
    if not video:
        raise DataError(f"{path} tells no modality", f"call it {name}.audio.txt, or .visual")
    modality = modality_of(f"the name of {path}", name)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}", f"is it a label track? ({error})") from None
    events = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("\\"):
            continue
        where = f"line {number} of {path}"
        cells = line.rstrip("\r").split("\t", 2)
        try:
            onset, offset = map(float, cells[:2])
        except ValueError:
            hint = "expected onset, offset and label between tabs"
            raise DataError(f"{where}: {line[:80]!r}", hint) from None
        events.append(event(where, onset, offset, modality, "".join(cells[2:])))
    return {(video, modality): events}
