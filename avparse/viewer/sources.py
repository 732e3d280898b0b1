"""The video file of each page: the original, a copy, or a light copy that browsers can play."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from avparse.config.settings import Settings
from avparse.core.errors import MediaError
from avparse.core.files import aside, state_of
from avparse.core.progress import track
from avparse.media.sandbox import run_all
from avparse.media.transcode import write_proxy
from avparse.viewer.thumbnails import Thumbnails


@dataclass(frozen=True)
class Source:
    """The video that a page plays.

    Attributes:
        url: relative to the page; empty if there is no video.
        note: why there is no video, or empty.
        file: path of a copy, relative to the viewer's folder; empty for an original.
    """

    url: str = ""
    note: str = ""
    file: str = ""


def sources(
    settings: Settings,
    files: Mapping[str, tuple[Path, float]],
    thumbnails: Thumbnails,
    folder: Path,
) -> dict[str, Source]:
    """Find or write the videos that the pages play.

    Args:
        files: page -> video and its length in seconds.
        folder: of the viewer; copies go to its ``media``.
    """
    source_of: dict[str, Source] = {}
    light: dict[str, tuple[Path, Path]] = {}
    for page, (path, _) in files.items():
        strip = thumbnails.read(page)
        at = (folder / f"videos/{page}.html").parent
        if strip is None:
            source_of[page] = Source(note=thumbnails.failed.get(page, f"{path} cannot be played"))
        elif not strip["playable"]:
            light[page] = (path, folder / f"media/{page}.mp4")
            source_of[page] = Source(url(light[page][1], at), "", f"media/{page}.mp4")
        elif settings.viewer.videos == "copy":
            name = f"media/{page}{path.suffix.lower()}"
            copy(path, folder / name)
            source_of[page] = Source(url(folder / name, at), "", name)
        else:
            source_of[page] = Source(url(path, at))
    lengths = {page: files[page][1] for page in light}
    failed = proxies(settings, light, lengths)
    return source_of | {page: Source(note=reason) for page, reason in failed.items()}


def url(target: Path, folder: Path) -> str:
    """The percent-encoded URL of a file, relative to a page in a folder."""
    relative = os.path.relpath(target.parent.resolve() / target.name, folder.resolve())
    return quote(os.fsencode(Path(relative).as_posix()))


def copy(source: Path, target: Path) -> None:
    """Copy a video with its time stamp, unless the copy is up to date."""
    if state_of(source) != state_of(target):
        with aside(target) as temporary:
            shutil.copy2(source, temporary)


def proxies(
    settings: Settings, copies: Mapping[str, tuple[Path, Path]], lengths_s: Mapping[str, float]
) -> dict[str, str]:
    """Write light copies of videos that browsers cannot play, in child processes.

    A copy with the time stamp of its source is kept.

    Args:
        copies: page -> source and copy.
        lengths_s: page -> length in seconds, which is added to the time limit of a clip.
    Returns:
        Page -> why there is no copy.
    """
    stale = [
        page
        for page, (source, target) in copies.items()
        if state_of(target)[1:] != state_of(source)[1:]
    ]
    if not stale:
        return {}
    d, workers = settings.decode, settings.runtime.decode_workers
    limits = {copies[page]: d.timeout_s + lengths_s[page] for page in stale}
    outcomes = run_all(write_proxy, list(limits), workers, limits.__getitem__, d.memory_mb)
    failed = {}
    tracked = track(outcomes, "viewer", len(stale), "light copies")
    for page, ((_, target), outcome) in zip(stale, tracked, strict=True):
        if isinstance(outcome, MediaError):
            target.unlink(missing_ok=True)
            failed[page] = str(outcome)
    return failed
