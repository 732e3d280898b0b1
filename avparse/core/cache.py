"""Results of single videos, shared by checkouts, experiments and users.

    STORE/extract-vgg19-0123456789abcdef/made.json      what made them
    STORE/extract-vgg19-0123456789abcdef/5f/5f3c….h5    a video's, by the SHA-256 of its content

Whatever could change a result is part of the folder's name: settings, weights, code, versions. So
nothing here is ever wrong or out of date, and whole folders may be deleted while nobody runs. Files
appear whole or not at all; where the cache may not be written, it is only read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.files import sha256_of, state_of, write_json
from avparse.core.hdf5 import Shard, ShardWriter, write_shard
from avparse.core.progress import say
from avparse.core.provenance import digest_of


class FeatureCache:
    """The results of one way of making them.

    Args:
        cache: the folder of all.
        name: what people call these results.
        made: all that they depend on, beside the video.
    """

    def __init__(self, cache: Path, name: str, made: Mapping[str, Any]) -> None:
        self.folder = cache / f"{name}-{digest_of(made)}"
        self._made = made
        self._writable = True
        self._places: dict[Path, tuple[list[int], Path]] = {}

    def find(self, video: Path) -> Path | None:
        """The file with a video's results, if there is one and it is whole.

        Results that are kept later are those of the video as it is now.
        """
        state = state_of(video)
        if not state:
            return None
        content = _digest(video, *state)
        if content is None:
            return None
        path = self.folder / content[:2] / f"{content}.h5"
        self._places[video] = state, path
        try:
            with Shard(path):
                return path
        except DataError:
            return None

    def keep(self, shard: Shard, videos: Mapping[str, Path], arrays: Sequence[str] = ()) -> None:
        """Add the videos of a shard, but for those of which a clip failed, or that have changed
        since they were looked for.

        Args:
            videos: id -> file.
            arrays: what to keep of each clip.
        """
        failed = [clip for clip, _ in shard.failed]
        for video, rows in by_video(shard).items():
            if not any(clip == video or clip.startswith(f"{video}_") for clip in failed):
                self._put(videos[video], shard, rows, arrays)

    def _put(self, video: Path, shard: Shard, rows: Sequence[int], arrays: Sequence[str]) -> None:
        state, path = self._places.get(video, ([], self.folder))
        if not self._writable or not state or state_of(video) != state:
            return
        try:
            if not (self.folder / "made.json").is_file():
                write_json(self.folder / "made.json", self._made)
            with write_shard(path, self._made) as writer:
                _append(writer, shard, rows, arrays)
        except OSError as error:
            self._writable = False
            say(f"features.cache: nothing is added to {self.folder} ({error.strerror or error})")


def join(shard: Shard, found: Mapping[str, Path | None], writer: ShardWriter) -> None:
    """Write all videos, from a shard or from their files, in order.

    Args:
        found: id -> the file with a video's results, under whatever id; None: it is in the shard.
    """
    rows = by_video(shard)
    for clip, reason in shard.failed:
        writer.fail(clip, reason)
    for video, entry in found.items():
        if entry is None:
            _append(writer, shard, rows.get(video, []), shard.names())
        else:
            with Shard(entry) as other:
                _append(writer, other, range(len(other.clips)), other.names(), video)


def _append(
    writer: ShardWriter,
    shard: Shard,
    rows: Sequence[int],
    names: Sequence[str],
    video: str | None = None,
) -> None:
    """Copy clips, under another id of their video if one is given."""
    arrays = {name: shard.array(name) for name in names}
    for row in rows:
        clip = renamed(shard.clips[row], video) if video else shard.clips[row]
        writer.append(clip, {name: array[row] for name, array in arrays.items()})


def by_video(shard: Shard) -> dict[str, list[int]]:
    """Video -> the rows of its clips."""
    rows: dict[str, list[int]] = {}
    for row, clip in enumerate(shard.clips):
        rows.setdefault(clip.video_id, []).append(row)
    return rows


def renamed(clip: Clip, video: str) -> Clip:
    """The same clip of a video with another id."""
    return replace(clip, video_id=video, clip_id=video + clip.clip_id.removeprefix(clip.video_id))


@lru_cache(maxsize=4096)
def _digest(video: Path, size: int, changed_ns: int) -> str | None:
    try:
        return sha256_of(video)
    except OSError:  # decoding will say so
        return None
