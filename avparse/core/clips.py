"""Clips: ids, start times, and the number of valid segments.

A *video* is a source file, a *clip* is a part of it of fixed length, and a *segment* is one second.
"""

import hashlib
import re
from dataclasses import dataclass

SEGMENT_S = 1.0
"""Length of a segment in seconds, for all tasks and models."""


@dataclass(frozen=True)
class Clip:
    """A part of a video.

    Attributes:
        clip_id: ``{video_id}_{start}_{end}``, seconds in the source video.
        video_id: id of the source video.
        start_s: start in the source video, in seconds.
        duration_s: seconds of the clip that the video covers.
        num_segments: number of segments that the video covers; the rest is padding and not scored.
        note: remark such as "no audio stream: silence used", or empty.
        missing: segments below ``num_segments`` that cannot be decoded because the file is
            damaged; they are not scored either.
    """

    clip_id: str
    video_id: str
    start_s: float
    duration_s: float
    num_segments: int
    note: str = ""
    missing: tuple[int, ...] = ()

    def seen(self) -> list[int]:
        """The segments that are neither padding nor missing, in order."""
        return [s for s in range(self.num_segments) if s not in self.missing]


def clip_id(video_id: str, start_s: float, clip_seconds: int) -> str:
    """The id of the clip of ``video_id`` that starts at ``start_s``."""
    return f"{video_id}_{start_s:g}_{start_s + clip_seconds:g}"


def video_id(relative_path: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """Derive a stable id for a video file: its path without extension, in safe characters.

    Args:
        relative_path: POSIX path below the raw folder.
        taken: ids of other files; if the id is taken, a short hash of the path is appended.
    Returns:
        1-120 characters of ``[A-Za-z0-9._+@-]``, not starting with a dot.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", relative_path)
    safe = re.sub(r"[^A-Za-z0-9._+@-]", "_", stem.replace("/", "__")).lstrip(".") or "video"
    digest = hashlib.sha256(relative_path.encode()).hexdigest()[:8]
    if len(safe) > 120:
        safe = f"{safe[:111]}+{digest}"
    return f"{safe[:111]}+{digest}" if safe in taken else safe
