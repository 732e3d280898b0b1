"""The lines and arrays of AVE's files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.core.hdf5 import read_tree
from avparse.datasets.base import CLIP_S, check_class, text_of
from avparse.datasets.classes import AVE_CLASSES


@dataclass(frozen=True)
class Row:
    """One line of Annotations.txt, the times in seconds."""

    line: int
    category: str
    video: str
    onset: int
    offset: int

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes two lines the same."""
        return self.category, self.video, self.onset, self.offset


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of Annotations.txt, or of a list of the same kind; a header is left out.

    Raises:
        DataError: the file is missing, or a line is no row; names it.
    """
    text = text_of(path, f"get it by `avparse annotations ave --out {path.parent}`")
    for line, content in enumerate(text.splitlines(), 1):
        cells = content.split("&")
        if not content or (line == 1 and len(cells) == 5 and not cells[3].strip("-").isdigit()):
            continue
        where = f"line {line} of {path}"
        if len(cells) != 5:
            raise DataError(f"{where} has {len(cells)} fields", "expected 5, joined by &")
        category, video, _, onset, offset = cells
        check_class(where, category, AVE_CLASSES)
        try:
            yield Row(line, category, video, int(onset), int(offset))
        except ValueError:
            raise DataError(f"{where}: {onset!r} to {offset!r}", "expected seconds") from None


def audioset_starts(path: Path) -> dict[str, float]:
    """YouTube id -> seconds, of a table as AudioSet's: ``YTID, start_seconds, end_seconds, ...``.

    Raises:
        DataError: a line is not like that; names it.
    """
    found = {}
    for line, content in enumerate(text_of(path, "get AudioSet's segments").splitlines(), 1):
        if not content or content.startswith("#"):
            continue
        cells = [cell.strip() for cell in content.split(",", 3)]
        try:
            found[cells[0]] = float(cells[1])
        except (IndexError, ValueError):
            hint = "expected YTID, start_seconds, end_seconds, labels"
            raise DataError(f"line {line} of {path}", hint) from None
    return found


def segment_labels(rows: list[Row]) -> NDArray[np.int64]:
    """(N, 10) class of each second; the number of classes, background, outside of events.

    Second t is inside iff onset <= t < offset.
    """
    second = np.arange(CLIP_S)
    out = np.full((len(rows), CLIP_S), len(AVE_CLASSES))
    for number, row in enumerate(rows):
        inside = (row.onset <= second) & (second < row.offset)
        out[number, inside] = AVE_CLASSES.index(row.category)
    return out


def read_array(path: Path) -> NDArray[Any]:
    """The only array of one of AVE's label files."""
    if not path.is_file():
        raise DataError(
            f"no file {path}", f"get it by `avparse annotations ave --out {path.parent}`"
        )
    found = list(read_tree(path).values())
    if len(found) != 1:
        raise DataError(f"{path} holds {len(found)} arrays", "expected one")
    return found[0]
