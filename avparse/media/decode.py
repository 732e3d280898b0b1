"""One clip of a video: frames and samples by presentation time."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.errors import MediaError
from avparse.media.pictures import decode_pictures
from avparse.media.sound import decode_sound
from avparse.media.views import View

_TAIL_S = 0.1
"""Of sound after the clip: more than a resampling filter reaches."""


@dataclass(frozen=True)
class DecodedClip:
    """The pictures and the sound of one clip.

    Attributes:
        frames: (F, size, size, 3) uint8 RGB by view; black where there is no picture.
        audio: (n,) float32 mono samples at ``sample_rate_hz``, from ``lead_s`` before the clip
            to a little after it, silence where there is none; empty without an audio stream.
        sample_rate_hz: of the source.
        lead_s: whole seconds of audio before the clip's start.
        covered_s: how much of the clip the file really covers.
        note: what was odd, or empty.
    """

    frames: dict[View, NDArray[np.uint8]]
    audio: NDArray[np.float32]
    sample_rate_hz: int
    lead_s: int
    covered_s: float
    note: str


@dataclass(frozen=True)
class ClipRequest:
    """Which clip to decode, and how.

    Attributes:
        path: the source video.
        start_s: the clip's start, whole seconds after the file's first time stamp.
        seconds: the clip's length.
        views: what to make of the frames.
        rest_s: how much of the video after the clip is no clip of its own; the published
            sampling rules count its frames too.
        scratch: beginning of the names of files for the frames that are decoded aside.
    """

    path: Path
    start_s: float
    seconds: int
    views: tuple[View, ...]
    rest_s: float = 0.0
    scratch: Path | None = None


def decode_clip(request: ClipRequest) -> DecodedClip:
    """Decode one clip of a file: every view of its frames, and its sound.

    Raises:
        MediaError: the file does not open, or nothing in this clip decodes.
    """
    path, start_s, seconds = request.path, request.start_s, request.seconds
    notes: list[str] = []
    frames = {view: np.zeros(view.shape(seconds), np.uint8) for view in request.views}
    until_s = seconds + request.rest_s
    video_end = decode_pictures(path, start_s, seconds, until_s, frames, notes)
    lead = 1 if start_s >= 1 else 0
    audio, rate, audio_end = decode_sound(path, start_s - lead, seconds + lead + _TAIL_S, notes)
    covered = min(max(video_end, audio_end - lead), float(seconds))
    if covered <= 0:
        raise MediaError(f"nothing decodes at {start_s:g} s of {path}", "is the file truncated?")
    return DecodedClip(frames, audio, rate, lead, covered, "; ".join(notes))


def decode_aside(request: ClipRequest) -> DecodedClip:
    """The same for a child process: the frames stay in files of ``request.scratch``.

    Tens of megabytes a clip would take as long through a pipe as they take to decode.
    """
    decoded = decode_clip(request)
    for view, frames in decoded.frames.items():
        frames.tofile(_file(request, view))
    return replace(decoded, frames={})


def fetch(decoded: DecodedClip, request: ClipRequest) -> DecodedClip:
    """Give a clip that was decoded aside its frames, mapped from their files."""
    shapes = {view: view.shape(request.seconds) for view in request.views}
    frames = {
        view: np.memmap(_file(request, view), np.uint8, "r", shape=shape)
        for view, shape in shapes.items()
    }
    return replace(decoded, frames=frames)  # type: ignore[arg-type]


def discard(request: ClipRequest) -> None:
    """Delete the files of a clip that was decoded aside."""
    for view in request.views:
        _file(request, view).unlink(missing_ok=True)


def _file(request: ClipRequest, view: View) -> Path:
    assert request.scratch is not None
    return request.scratch.with_name(f"{request.scratch.name}.{view.key}")
