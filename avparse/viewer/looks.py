"""Pictures and loudness of videos, kept beside their pages until a video changes."""

import base64
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from avparse.config import Settings
from avparse.errors import MediaError
from avparse.files import aside, read_json, state_of, write_json
from avparse.media.playback import playable
from avparse.media.preview import preview
from avparse.media.sandbox import run_all
from avparse.progress import track
from avparse.provenance import digest_of, source_digest, versions

_SIDE = 88
_QUALITY = 60


@dataclass(frozen=True)
class Look:
    """What a video looks and sounds like.

    Attributes:
        seconds: how much of the video the pictures cover, from its beginning.
        pictures: how many of them lie side by side in the strip, each square.
        strip: a JPEG file.
        peaks: loudness, 40 a second, 255 the loudest possible.
        playable: whether browsers play the file.
    """

    seconds: int
    pictures: int
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
    shown = preview(task)
    count = len(shown.pictures)
    strip = Image.new("RGB", (_SIDE * count, _SIDE))
    for number, picture in enumerate(shown.pictures):
        small = Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        strip.paste(small, (_SIDE * number, 0))
    jpeg = io.BytesIO()
    strip.save(jpeg, "JPEG", quality=_QUALITY, optimize=True)
    peaks = np.rint(255 * np.clip(shown.peaks, 0, 1)).astype(np.uint8)
    return Look(shown.seconds, count, jpeg.getvalue(), peaks.tobytes(), playable(task[0]))


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
        outcomes = run_all(look, tasks, settings.runtime.decode_workers, d.timeout_s, d.memory_mb)
        shown = track(outcomes, "viewer", len(tasks), "pictures") if tasks else ()
        for page, (_, made) in zip(stale, shown, strict=True):
            if isinstance(made, MediaError):
                self.failed[page] = str(made)
            else:
                self._keep(page, made)

    def told(self, page: str) -> dict[str, Any] | None:
        """What is known of a video: seconds, pictures, peaks in base64, playable."""
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
            "pictures": made.pictures,
            "peaks": base64.b64encode(made.peaks).decode(),
            "playable": made.playable,
        }
        write_json(self._folder / f"{page}.json", told)
