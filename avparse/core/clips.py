"""Videos cut into clips: ids, starts, and how many segments of each clip are real.

A *video* is a source file, a *clip* a piece of it of fixed length, a *segment* one second.
"""

import hashlib
import re
from dataclasses import dataclass

SEGMENT_S = 1.0
"""Length of a segment in seconds, in every task and model here."""


@dataclass(frozen=True)
class Clip:
    """One piece of a video.

    Attributes:
        clip_id: ``{video_id}_{start}_{end}``, seconds in the source video.
        video_id: the video it was cut from.
        start_s: where it begins in the source video, seconds.
        duration_s: how much of it the video really covers, seconds.
        num_segments: how many of its segments are real; the rest is padding, never scored.
        note: what is odd about it ("no audio stream: silence used"), or empty.
        missing: those of the real segments of which, because of damage, nothing decodes; they
            are not scored either.
    """

    clip_id: str
    video_id: str
    start_s: float
    duration_s: float
    num_segments: int
    note: str = ""
    missing: tuple[int, ...] = ()

    def seen(self) -> list[int]:
        """The segments that are real and decode, in order."""
        return [s for s in range(self.num_segments) if s not in self.missing]


def clip_id(video_id: str, start_s: float, clip_seconds: int) -> str:
    """The id of the clip of ``video_id`` that begins at ``start_s``."""
    return f"{video_id}_{start_s:g}_{start_s + clip_seconds:g}"


def video_id(relative_path: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """A stable id for a video file: its path without the extension, in safe characters.

    Args:
        relative_path: POSIX path below the raw folder.
        taken: ids already given to other files; a clash gets a short hash of the path.
    Returns:
        1-120 characters of ``[A-Za-z0-9._+@-]``, never starting with a dot.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", relative_path)
    safe = re.sub(r"[^A-Za-z0-9._+@-]", "_", stem.replace("/", "__")).lstrip(".") or "video"
    digest = hashlib.sha256(relative_path.encode()).hexdigest()[:8]
    if len(safe) > 120:
        safe = f"{safe[:111]}+{digest}"
    return f"{safe[:111]}+{digest}" if safe in taken else safe
