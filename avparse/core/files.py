"""Atomic file writing (write to a temporary file, then rename), tables and digests."""

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
    """Yield a temporary path to write to; it replaces ``path`` if the block succeeds."""
    with scratch_beside(path) as folder:
        yield folder / path.name
        (folder / path.name).replace(path)


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """Yield a temporary folder next to ``path``; it is deleted after the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f".{path.name[:100]}-{_HOST}"
    _clear_up(path.parent, name)
    temporary = tempfile.TemporaryDirectory(".tmp", f"{name}-{os.getpid()}-", path.parent)
    with temporary as folder:
        yield Path(folder)


def _clear_up(folder: Path, name: str) -> None:
    """Delete temporary folders left by killed processes of this machine."""
    for left in _left_in(folder.absolute()):
        process = left.name.split("-")[-2]
        ours = left.name.startswith(f"{name}-") and process.isdigit()
        if ours and not Path(f"/proc/{process}").exists():
            shutil.rmtree(left, ignore_errors=True)


@lru_cache(64)
def _left_in(folder: Path) -> tuple[Path, ...]:
    """Temporary folders in ``folder``; cached, since thousands of files may be written to it."""
    return tuple(folder.glob(".*-*-*.tmp"))


def state_of(path: Path) -> list[int]:
    """Size and modification time of a file; empty if it is not a readable regular file."""
    try:
        status = path.stat()
    except OSError:  # missing, circular link, or name too long
        return []
    return [status.st_size, status.st_mtime_ns] if stat.S_ISREG(status.st_mode) else []


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return digest_of_file(path, "sha256")


def digest_of_file(path: Path, method: str) -> str:
    """Digest of a file by a method of hashlib, in hexadecimal."""
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
    """Read JSON.

    Raises:
        DataError: if the file cannot be read or is not valid JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}", str(error)) from None


def write_tsv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a tab-separated table with a header; tabs and line breaks in values become spaces."""
    text = io.StringIO()
    text.write("\t".join(columns) + "\n")
    for row in rows:
        text.write("\t".join(one_line(str(row[c])) for c in columns) + "\n")
    write_text(path, text.getvalue())


def read_tsv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a tab-separated table.

    Args:
        columns: required columns; others are read as well.
    Raises:
        DataError: if the file, a column or a cell is missing; gives the line number.
    """
    return [row for _, row in read_lines(path, columns)]


def read_lines(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Like :func:`read_tsv`, with the line number of each row; empty lines are skipped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}", str(error)) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(f"no column {missing[0]!r} in {path}", _columns_hint(header))
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


def _columns_hint(header: Sequence[str]) -> str:
    if not header:
        return "the file is empty"
    if len(header) == 1 and "," in header[0]:
        return "separate the columns with tabs, not commas"
    return f"its columns are {', '.join(header)}"
