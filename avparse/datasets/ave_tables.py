"""Read the tables and arrays of AVE."""

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
    """A row of Annotations.txt; times in seconds."""

    line: int
    category: str
    video: str
    onset: int
    offset: int

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Identifies equal rows."""
        return self.category, self.video, self.onset, self.offset


def read_rows(path: Path) -> Iterator[Row]:
    """Read the rows of Annotations.txt, or of a list in the same format, without the header.

    Raises:
        DataError: if the file is missing or a line is invalid.
    """
    text = text_of(path, f"download it with `avparse annotations ave --out {path.parent}`")
    for line, content in enumerate(text.splitlines(), 1):
        cells = content.split("&")
        if not content or (line == 1 and len(cells) == 5 and not cells[3].strip("-").isdigit()):
            continue
        where = f"line {line} of {path}"
        if len(cells) != 5:
            raise DataError(f"{where} has {len(cells)} fields", "expected 5, separated by &")
        category, video, _, onset, offset = cells
        check_class(where, category, AVE_CLASSES)
        try:
            yield Row(line, category, video, int(onset), int(offset))
        except ValueError:
            raise DataError(f"{where}: {onset!r} to {offset!r}", "expected seconds") from None


def audioset_starts(path: Path) -> dict[str, float]:
    """Read start times from AudioSet's segment table (``YTID, start_seconds, end_seconds, ...``).

    Returns:
        YouTube id -> seconds.
    Raises:
        DataError: if a line is invalid.
    """
    starts = {}
    for line, content in enumerate(
        text_of(path, "download AudioSet's segment tables").splitlines(), 1
    ):
        if not content or content.startswith("#"):
            continue
        cells = [cell.strip() for cell in content.split(",", 3)]
        try:
            starts[cells[0]] = float(cells[1])
        except (IndexError, ValueError):
            hint = "expected YTID, start_seconds, end_seconds, labels"
            raise DataError(f"line {line} of {path}", hint) from None
    return starts


def segment_labels(rows: list[Row]) -> NDArray[np.int64]:
    """Class index of each second, (N, 10); the number of classes stands for background.

    Second t belongs to an event if onset <= t < offset.
    """
    second = np.arange(CLIP_S)
    out = np.full((len(rows), CLIP_S), len(AVE_CLASSES))
    for number, row in enumerate(rows):
        inside = (row.onset <= second) & (second < row.offset)
        out[number, inside] = AVE_CLASSES.index(row.category)
    return out


def read_array(path: Path) -> NDArray[Any]:
    """Read the array in a label file of AVE.

    Raises:
        DataError: if the file is missing or does not contain exactly one array.
    """
    if not path.is_file():
        raise DataError(
            f"no file {path}", f"download it with `avparse annotations ave --out {path.parent}`"
        )
    arrays = list(read_tree(path).values())
    if len(arrays) != 1:
        raise DataError(f"{path} contains {len(arrays)} arrays", "expected one")
    return arrays[0]
