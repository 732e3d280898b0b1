"""Cache of per-video results, shared between checkouts, experiments and users.

    CACHE/extract-vgg19-0123456789abcdef/made.json      provenance of all results in the folder
    CACHE/extract-vgg19-0123456789abcdef/5f/5f3c….h5    results of a video, by its SHA-256

The folder name contains a digest of everything that can change a result: settings, weights, code
and versions. Entries therefore never become outdated, and folders can be deleted whenever no job is
running. Files are written atomically. Without write access, the cache is read-only.
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
    """Cache for the results of a stage with fixed settings, weights and code.

    Args:
        cache: root folder of the cache.
        name: readable prefix of the folder, such as ``extract-vgg19``.
        provenance: everything that the results depend on except the video.
    """

    def __init__(self, cache: Path, name: str, provenance: Mapping[str, Any]) -> None:
        self.folder = cache / f"{name}-{digest_of(provenance)}"
        self._provenance = provenance
        self._writable = True
        self._places: dict[Path, tuple[list[int], Path]] = {}

    def find(self, video: Path) -> Path | None:
        """Return the cached file of a video, or None if there is none or it is damaged.

        :meth:`keep` later stores results only for videos that have not changed since.
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
        """Add the videos of a shard to the cache.

        Skips videos with failed clips and videos that have changed since :meth:`find`.

        Args:
            videos: id -> file.
            arrays: names of the arrays to keep for each clip.
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
                write_json(self.folder / "made.json", self._provenance)
            with write_shard(path, self._provenance) as writer:
                _append(writer, shard, rows, arrays)
        except OSError as error:
            self._writable = False
            say(
                f"features.cache: cannot write to {self.folder} ({error.strerror or error}); "
                "using it read-only"
            )


def join(shard: Shard, entries: Mapping[str, Path | None], writer: ShardWriter) -> None:
    """Write the results of all videos in order, from a shard or from cached files.

    Args:
        entries: id -> cached file of the video (its id there may differ), or None if the video is
            in the shard.
    """
    rows = by_video(shard)
    for clip, reason in shard.failed:
        writer.fail(clip, reason)
    for video, entry in entries.items():
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
    """Copy clips; if ``video`` is given, rename their video to it."""
    arrays = {name: shard.array(name) for name in names}
    for row in rows:
        clip = renamed(shard.clips[row], video) if video else shard.clips[row]
        writer.append(clip, {name: array[row] for name, array in arrays.items()})


def by_video(shard: Shard) -> dict[str, list[int]]:
    """Map each video id to the rows of its clips."""
    rows: dict[str, list[int]] = {}
    for row, clip in enumerate(shard.clips):
        rows.setdefault(clip.video_id, []).append(row)
    return rows


def renamed(clip: Clip, video: str) -> Clip:
    """Return the clip with another video id."""
    return replace(clip, video_id=video, clip_id=video + clip.clip_id.removeprefix(clip.video_id))


@lru_cache(maxsize=4096)
def _digest(video: Path, size: int, changed_ns: int) -> str | None:
    try:
        return sha256_of(video)
    except OSError:  # decoding reports the error
        return None
