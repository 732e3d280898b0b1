"""decode: the frames and the sound of a shard, once for all its extractors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avparse import frames
from avparse.clips import Clip
from avparse.config import Settings
from avparse.decoding import decode, status_row, way
from avparse.files import write_tsv
from avparse.media.views import View
from avparse.progress import say
from avparse.shelf import Shelf, renamed
from avparse.store import Shard
from avparse.tables import STATUS


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
        out: the shard, see :func:`avparse.decoding.decode`. Videos whose clips the store knows are
            not in it: their features are likely to be there, too.
        status: a table with a row for each clip.
        readers: extractors that will read the shard; the last of them deletes it. If there are
            none, it stays.
    """
    shelf = _shelf(settings) if readers else None
    known = _known(shelf, videos) if shelf else {}
    rest = {video: path for video, path in videos.items() if video not in known}
    rows = decode(settings, rest, views, out)
    frames.claim(out, readers)
    if shelf:
        with Shard(out) as shard:
            shelf.keep(shard, rest)
    if status is not None:
        rows += [status_row(clip, "ok") for clips in known.values() for clip in clips]
        order = {video: number for number, video in enumerate(videos)}
        write_tsv(status, STATUS, sorted(rows, key=lambda row: order[str(row["video"])]))
    if failed := sum(row["status"] == "failed" for row in rows):
        say(f"decode: {failed} of {len(rows)} clips failed")


def _shelf(settings: Settings) -> Shelf | None:
    if settings.features.store is None:
        return None
    return Shelf(Path(settings.features.store), "decode", way(settings))


def _known(shelf: Shelf, videos: Mapping[str, Path]) -> dict[str, list[Clip]]:
    """The clips of videos that someone decoded before."""
    found = {}
    for video, path in videos.items():
        if entry := shelf.find(path):
            with Shard(entry) as shard:
                found[video] = [renamed(clip, video) for clip in shard.clips]
    return found
