"""decode: the frames and the sound of a shard, once for all its extractors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avparse import frames
from avparse.config import Settings
from avparse.decoding import decode
from avparse.files import write_tsv
from avparse.media.views import View
from avparse.progress import say
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
        out: the shard, see :func:`avparse.decoding.decode`.
        status: a table with a row for each clip.
        readers: extractors that will read the shard; the last of them deletes it. If there are
            none, it stays.
    """
    rows = decode(settings, videos, views, out)
    frames.claim(out, readers)
    if status is not None:
        write_tsv(status, STATUS, rows)
    if failed := sum(row["status"] == "failed" for row in rows):
        say(f"decode: {failed} of {len(rows)} clips failed")
