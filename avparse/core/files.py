"""Files that are either whole or absent: written aside, then renamed."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from avparse.core.errors import DataError, one_line

_HOST = re.sub(r"[^A-Za-z0-9_]", "_", socket.gethostname()) or "host"


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; it replaces ``path`` when the block succeeds."""
    with scratch_beside(path) as folder:
        yield folder / path.name
        (folder / path.name).replace(path)


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """A folder beside ``path`` for what is on its way into it; nobody else's, and soon gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f".{path.name[:100]}-{_HOST}"
    _clear_up(path.parent, name)
    made = tempfile.TemporaryDirectory(".tmp", f"{name}-{os.getpid()}-", path.parent)
    with made as folder:
        yield Path(folder)


def _clear_up(folder: Path, name: str) -> None:
    """Delete what processes of this machine left that were killed."""
    for left in _left_in(folder.absolute()):
        process = left.name.split("-")[-2]
        found = left.name.startswith(f"{name}-") and process.isdigit()
        if found and not Path(f"/proc/{process}").exists():
            shutil.rmtree(left, ignore_errors=True)


@lru_cache(64)
def _left_in(folder: Path) -> tuple[Path, ...]:
    """What is on its way, or was left; looked up once, for folders that get thousands of files."""
    return tuple(folder.glob(".*-*-*.tmp"))


def state_of(path: Path) -> list[int]:
    """Size and time of change of a file; empty if it is none, or cannot be looked at."""
    try:
        there = path.stat()
    except OSError:  # missing, a link in a circle, a name too long
        return []
    return [there.st_size, there.st_mtime_ns] if stat.S_ISREG(there.st_mode) else []


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return digest_of_file(path, "sha256")


def digest_of_file(path: Path, method: str) -> str:
    """A digest of a file's content, by a method that hashlib knows, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with aside(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON atomically."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON, or raise DataError naming the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}", str(error)) from None


def write_tsv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a tab-separated table with a header; tabs and line ends in values become a space."""
    text = io.StringIO()
    text.write("\t".join(columns) + "\n")
    for row in rows:
        text.write("\t".join(one_line(str(row[c])) for c in columns) + "\n")
    write_text(path, text.getvalue())


def read_tsv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a tab-separated table.

    Args:
        columns: that must be there; more are read too.
    Raises:
        DataError: the file is missing, or a column or cell is, with its line number.
    """
    return [row for _, row in read_lines(path, columns)]


def read_lines(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The same with the number of each row's line; empty lines are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}", str(error)) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(f"no column {missing[0]!r} in {path}", f"found: {', '.join(header)}")
    rows = []
    for number, cells in enumerate(reader, 2):
        if not cells:
            continue
        if len(cells) != len(header):
            raise DataError(
                f"line {number} of {path} has {len(cells)} cells", f"expected {len(header)}"
            )
        rows.append((number, dict(zip(header, cells, strict=True))))
    return rows
