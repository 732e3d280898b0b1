"""decode: the frames and the sound of a shard, once for all its extractors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avparse.config.settings import Settings
from avparse.core.cache import FeatureCache, renamed
from avparse.core.clips import Clip
from avparse.core.files import write_tsv
from avparse.core.hdf5 import Shard
from avparse.core.progress import say
from avparse.core.tables import STATUS
from avparse.media import frame_cache
from avparse.media.shards import decode, status_row, way
from avparse.media.views import View


def run(
    settings: Settings,
    videos: Mapping[str, Path],
    views: Sequence[View],
    out: Path,
    status: Path | None = None,
    readers: Sequence[str] = (),
) -> None:
    """Decode videos into one shard.

    Args:
        videos: id -> file.
        views: what to make of the frames.
        out: the shard, see :func:`avparse.media.shards.decode`. Videos whose clips are in the cache
            are left out, because their features are likely to be cached, too.
        status: a table with a row for each clip.
        readers: extractors that will read the shard; the last of them deletes it. If there are
            none, it stays.
    """
    cache = _cache(settings) if readers else None
    known = _known(cache, videos) if cache else {}
    rest = {video: path for video, path in videos.items() if video not in known}
    rows = decode(settings, rest, views, out)
    frame_cache.claim(out, readers)
    if cache:
        with Shard(out) as shard:
            cache.keep(shard, rest)
    if status is not None:
        rows += [status_row(clip, "ok") for clips in known.values() for clip in clips]
        order = {video: number for number, video in enumerate(videos)}
        write_tsv(status, STATUS, sorted(rows, key=lambda row: order[str(row["video"])]))
    if failed := sum(row["status"] == "failed" for row in rows):
        say(f"decode: {failed} of {len(rows)} clips failed")


def _cache(settings: Settings) -> FeatureCache | None:
    if settings.features.cache is None:
        return None
    return FeatureCache(Path(settings.features.cache), "decode", way(settings))


def _known(cache: FeatureCache, videos: Mapping[str, Path]) -> dict[str, list[Clip]]:
    """The clips of videos that someone decoded before."""
    found = {}
    for video, path in videos.items():
        if entry := cache.find(path):
            with Shard(entry) as shard:
                found[video] = [renamed(clip, video) for clip in shard.clips]
    return found
