"""Decoded frames on their way to the extractors: made once for all, deleted by the last.

The workflow does not know of these files. Were they its own, a change of one extractor would
decode again, and whatever is decoded again would be extracted again, by all. So an extractor
takes the frames if they are there and fit, and otherwise decodes what it needs for itself.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from avparse.core.errors import DataError
from avparse.core.files import state_of
from avparse.core.hdf5 import Shard


def fingerprints(videos: Mapping[str, Path]) -> dict[str, list[object]]:
    """Id -> path, size and time of change of each video; nothing but the path if it is missing."""
    return {video: [str(path), *state_of(path)] for video, path in videos.items()}


def fit(frames: Path, videos: Mapping[str, Path], array: str, made: Mapping[str, Any]) -> bool:
    """Whether a shard holds an array of these videos as they are now, made in this way."""
    try:
        with Shard(frames) as shard:
            told = shard.provenance
            held = told.get("videos", {})
            same = all(held.get(video) == now for video, now in fingerprints(videos).items())
            alike = all(told.get(key) == value for key, value in made.items())
            return same and alike and (array in shard.names() or not shard.clips)
    except DataError:
        return False


def claim(frames: Path, readers: Iterable[str]) -> None:
    """Note who will read a shard; whatever was noted before is void."""
    folder = _claims(frames)
    for old in folder.glob("*"):
        old.unlink()
    for reader in readers:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / reader).touch()


def release(frames: Path, reader: str) -> None:
    """Tell that a reader is done; the last one of those who claimed it deletes the shard."""
    folder = _claims(frames)
    with suppress(FileNotFoundError):  # nobody claims it; or two were last at once
        (folder / reader).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            frames.unlink(missing_ok=True)
            folder.rmdir()


def _claims(frames: Path) -> Path:
    return frames.with_suffix(".readers")
