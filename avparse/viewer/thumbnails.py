"""Pictures and loudness of videos, kept beside their pages until a video changes."""

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

_PICTURES = 144
"""Of a long video, at most."""
_COLUMNS = 12
_QUALITIES, _WEIGHT = (50, 35, 20), 1200
"""The best quality at which a picture takes so many bytes or fewer; snow takes the last."""


@dataclass(frozen=True)
class Look:
    """What a video looks and sounds like.

    Attributes:
        seconds: how much of the video it covers, from its beginning.
        times: when each picture is on screen, one in each of as many equal parts.
        columns: how many square pictures lie side by side in the strip, row under row.
        strip: a JPEG file.
        peaks: loudness in equal parts, 255 the loudest possible.
        playable: whether browsers play the file.
    """

    seconds: int
    times: tuple[float, ...]
    columns: int
    strip: bytes
    peaks: bytes
    playable: bool


def look(task: tuple[Path, float]) -> Look:
    """Look at a video.

    Args:
        task: the file and its length in seconds.
    Raises:
        MediaError: it does not decode.
    """
    shown = preview(task, _PICTURES)
    columns = min(_COLUMNS, len(shown.pictures))
    strip = _jpeg(_laid_out(shown.pictures, columns), _WEIGHT * len(shown.pictures))
    peaks = np.rint(255 * shown.peaks).astype(np.uint8)
    return Look(shown.seconds, shown.times, columns, strip, peaks.tobytes(), playable(task[0]))


def _laid_out(pictures: NDArray[np.uint8], columns: int) -> Image.Image:
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * columns, SIDE, SIDE, 3), np.uint8)
    sheet[: len(pictures)] = pictures
    grid = sheet.reshape(rows, columns, SIDE, SIDE, 3).swapaxes(1, 2)
    return Image.fromarray(grid.reshape(rows * SIDE, columns * SIDE, 3))


def _jpeg(image: Image.Image, size: int) -> bytes:
    """A file of at most so many bytes, if any quality allows it."""
    for quality in _QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= size:
            break
    return file.getvalue()


class Looks:
    """The looks of videos in a folder: ``{page}.jpg`` and ``{page}.json``.

    A strip has the time stamp of its video, so that it is known whose it is and yet the same bytes.

    Args:
        folder: that they are kept in.
        wanted: page -> file and its length in seconds.

    Attributes:
        failed: page -> why there is no look.
    """

    def __init__(self, folder: Path, wanted: Mapping[str, tuple[Path, float]]) -> None:
        self.failed: dict[str, str] = {}
        self._folder = folder
        code = source_digest(__name__), versions()
        self._states = {page: state_of(path) for page, (path, _) in wanted.items()}
        self._made_of = {
            page: digest_of([self._states[page][:1], duration_s, code])
            for page, (_, duration_s) in wanted.items()
        }
        self._wanted = wanted

    def refresh(self, settings: Settings) -> None:
        """Look at the videos that have changed since the last time, in child processes."""
        d = settings.decode
        stale = [page for page in self._wanted if self.told(page) is None]
        tasks = [self._wanted[page] for page in stale]
        outcomes = run_all(
            look,
            tasks,
            settings.runtime.decode_workers,
            lambda task: patience(d.timeout_s, task),
            d.memory_mb,
        )
        shown = track(outcomes, "viewer", len(tasks), "pictures") if tasks else ()
        for page, (_, made) in zip(stale, shown, strict=True):
            if isinstance(made, MediaError):
                self.failed[page] = str(made)
            else:
                self._keep(page, made)

    def told(self, page: str) -> dict[str, Any] | None:
        """What is known of a video: seconds, times, columns, peaks in base64, playable."""
        path = self._folder / f"{page}.json"
        if page not in self._made_of or not path.is_file():
            return None
        found: dict[str, Any] = read_json(path)
        strip = state_of(self._folder / f"{page}.jpg")
        fits = found["of"] == self._made_of[page] and strip[1:] == self._states[page][1:]
        return found if fits else None

    def _keep(self, page: str, made: Look) -> None:
        with aside(self._folder / f"{page}.jpg") as temporary:
            temporary.write_bytes(made.strip)
            os.utime(temporary, ns=(self._states[page][1],) * 2)
        told = {
            "of": self._made_of[page],
            "seconds": made.seconds,
            "times": [round(time, 2) for time in made.times],
            "columns": made.columns,
            "peaks": base64.b64encode(made.peaks).decode(),
            "playable": made.playable,
        }
        write_json(self._folder / f"{page}.json", told)
