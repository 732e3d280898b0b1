"""Events as label tracks of Audacity (File > Import > Labels), version 1.3 and later.

Each line has onset, offset and label, separated by tabs; times are seconds with six decimals.
https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

from pathlib import Path

from avparse.core.errors import DataError, one_line
from avparse.formats.base import CORRECTED, PerVideo, of_modality
from avparse.formats.tracks import Tracks, checked_event, modality_of
from avparse.prediction.timeline import Timeline


class Audacity(PerVideo):
    """One label track for each video and modality."""

    target = "{experiment}/audacity"
    suffix = "txt"

    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        return {
            modality.value: "".join(
                f"{event.onset_s:.6f}\t{event.offset_s:.6f}\t{one_line(event.label)}\n"
                for event in of_modality(timeline, modality)
            )
            for modality in CORRECTED[task]
        }


def read(path: Path) -> Tracks:
    """Read the labels of a track. Frequency ranges (lines that start with a backslash) are skipped.

    Raises:
        DataError: the file name has no modality, or a line is invalid.
    """
    video, _, name = path.stem.rpartition(".")
    if not video:
        hint = f"call it {name}.audio.txt or {name}.visual.txt"
        raise DataError(f"{path} has no modality in its name", hint)
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
        events.append(checked_event(where, onset, offset, modality, "".join(cells[2:])))
    return {(video, modality): events}
