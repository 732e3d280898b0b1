"""Thumbnails and loudness of videos, stored beside the pages until a video changes."""

import base64
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avparse.config.settings import Settings
from avparse.core.errors import MediaError
from avparse.core.files import aside, read_json, state_of, write_json
from avparse.core.progress import track
from avparse.core.provenance import digest_of, source_digest, versions
from avparse.media.sandbox import run_all
from avparse.media.thumbnails import SIDE, patience, preview
from avparse.media.transcode import playable

_MOST = 144
"""The most thumbnails of a video."""
_COLUMNS = 12
_QUALITIES, _BYTES = (50, 35, 20), 1200
"""JPEG qualities, best first, and the bytes that a thumbnail may take on average."""


@dataclass(frozen=True)
class Strip:
    """Thumbnails and loudness of a video.

    Attributes:
        seconds: covered length, from the beginning of the video.
        times: time of each thumbnail in seconds; each is from one of as many equal parts.
        columns: square thumbnails per row of the image.
        jpeg: the image of all thumbnails, row by row.
        peaks: loudness in equal parts of the covered length, 255 is full scale.
        playable: whether browsers can play the video file.
    """

    seconds: int
    times: tuple[float, ...]
    columns: int
    jpeg: bytes
    peaks: bytes
    playable: bool


def strip_of(task: tuple[Path, float]) -> Strip:
    """Decode the thumbnails and the loudness of a video.

    Args:
        task: the file and its length in seconds.
    Raises:
        MediaError: the file does not decode.
    """
    decoded = preview(task, _MOST)
    columns = min(_COLUMNS, len(decoded.pictures))
    jpeg = _jpeg(_tiled(decoded.pictures, columns), _BYTES * len(decoded.pictures))
    peaks = np.rint(255 * decoded.peaks).astype(np.uint8)
    return Strip(decoded.seconds, decoded.times, columns, jpeg, peaks.tobytes(), playable(task[0]))


def _tiled(pictures: NDArray[np.uint8], columns: int) -> Image.Image:
    """Tile square pictures row by row; the rest of the last row is black."""
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * columns, SIDE, SIDE, 3), np.uint8)
    sheet[: len(pictures)] = pictures
    grid = sheet.reshape(rows, columns, SIDE, SIDE, 3).swapaxes(1, 2)
    return Image.fromarray(grid.reshape(rows * SIDE, columns * SIDE, 3))


def _jpeg(image: Image.Image, size: int) -> bytes:
    """Encode an image in the best quality that takes at most ``size`` bytes, or else the lowest."""
    for quality in _QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= size:
            break
    return file.getvalue()


class Thumbnails:
    """A folder with the strips of videos: ``{page}.jpg`` and ``{page}.json``.

    Each image gets the time stamp of its video. This ties it to a version of the video without
    changing its bytes.

    Args:
        folder: the folder of the files.
        files: page -> video file and its length in seconds.

    Attributes:
        failed: page -> why there are no thumbnails.
    """

    def __init__(self, folder: Path, files: Mapping[str, tuple[Path, float]]) -> None:
        self.failed: dict[str, str] = {}
        self._folder = folder
        code = source_digest(__name__), versions()
        self._states = {page: state_of(path) for page, (path, _) in files.items()}
        self._digests = {
            page: digest_of([self._states[page][:1], duration_s, code])
            for page, (_, duration_s) in files.items()
        }
        self._files = files

    def refresh(self, settings: Settings) -> None:
        """Decode the videos that changed since the last run, in child processes."""
        d = settings.decode
        stale = [page for page in self._files if self.read(page) is None]
        tasks = [self._files[page] for page in stale]
        outcomes = run_all(
            strip_of,
            tasks,
            settings.runtime.decode_workers,
            lambda task: patience(d.timeout_s, task),
            d.memory_mb,
        )
        tracked = track(outcomes, "viewer", len(tasks), "thumbnails") if tasks else ()
        for page, (_, outcome) in zip(stale, tracked, strict=True):
            if isinstance(outcome, MediaError):
                self.failed[page] = str(outcome)
            else:
                self._write(page, outcome)

    def read(self, page: str) -> dict[str, Any] | None:
        """Seconds, times, columns, peaks in base64, playable; None without a current strip."""
        path = self._folder / f"{page}.json"
        if page not in self._digests or not path.is_file():
            return None
        strip: dict[str, Any] = read_json(path)
        image = state_of(self._folder / f"{page}.jpg")
        current = strip["of"] == self._digests[page] and image[1:] == self._states[page][1:]
        return strip if current else None

    def _write(self, page: str, strip: Strip) -> None:
        with aside(self._folder / f"{page}.jpg") as temporary:
            temporary.write_bytes(strip.jpeg)
            os.utime(temporary, ns=(self._states[page][1],) * 2)
        content = {
            "of": self._digests[page],
            "seconds": strip.seconds,
            "times": [round(time, 2) for time in strip.times],
            "columns": strip.columns,
            "peaks": base64.b64encode(strip.peaks).decode(),
            "playable": strip.playable,
        }
        write_json(self._folder / f"{page}.json", content)
