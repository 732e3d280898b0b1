"""What a page plays: the video from where it is, a copy, or a light copy that browsers play."""

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
from avparse.viewer.thumbnails import Looks


@dataclass(frozen=True)
class Source:
    """What a page plays.

    Attributes:
        url: relative to the page; empty for nothing.
        note: why nothing, or empty.
        made: the file of ours that it is, relative to the viewer's folder, or empty.
    """

    url: str = ""
    note: str = ""
    made: str = ""


def sources(
    settings: Settings, files: Mapping[str, tuple[Path, float]], looks: Looks, folder: Path
) -> dict[str, Source]:
    """Find or make what the pages play.

    Args:
        files: page -> video and its length in seconds.
        folder: of the viewer; copies go into its ``media``.
    """
    found: dict[str, Source] = {}
    light: dict[str, tuple[Path, Path]] = {}
    for page, (path, _) in files.items():
        look = looks.told(page)
        at = (folder / f"videos/{page}.html").parent
        if look is None:
            found[page] = Source(note=looks.failed.get(page, f"{path} cannot be played"))
        elif not look["playable"]:
            light[page] = (path, folder / f"media/{page}.mp4")
            found[page] = Source(url(light[page][1], at), "", f"media/{page}.mp4")
        elif settings.viewer.videos == "copy":
            made = f"media/{page}{path.suffix.lower()}"
            copy(path, folder / made)
            found[page] = Source(url(folder / made, at), "", made)
        else:
            found[page] = Source(url(path, at))
    lengths = {page: files[page][1] for page in light}
    failed = proxies(settings, light, lengths)
    return found | {page: Source(note=reason) for page, reason in failed.items()}


def url(target: Path, folder: Path) -> str:
    """The address of a file, seen from a page in a folder; odd characters are percent-encoded."""
    relative = os.path.relpath(target.parent.resolve() / target.name, folder.resolve())
    return quote(os.fsencode(Path(relative).as_posix()))


def copy(source: Path, target: Path) -> None:
    """Copy a video, unless its copy is there; a copy has the time stamp of its source."""
    if state_of(source) != state_of(target):
        with aside(target) as temporary:
            shutil.copy2(source, temporary)


def proxies(
    settings: Settings, wanted: Mapping[str, tuple[Path, Path]], lengths_s: Mapping[str, float]
) -> dict[str, str]:
    """Write light copies of videos that no browser plays, in child processes.

    A copy that has the time stamp of its source is kept.

    Args:
        wanted: page -> source and copy.
        lengths_s: page -> its length in seconds; a copy may take so much longer than a clip.
    Returns:
        Page -> why there is no copy.
    """
    stale = [
        page
        for page, (source, target) in wanted.items()
        if state_of(target)[1:] != state_of(source)[1:]
    ]
    if not stale:
        return {}
    d, workers = settings.decode, settings.runtime.decode_workers
    limits = {wanted[page]: d.timeout_s + lengths_s[page] for page in stale}
    outcomes = run_all(write_proxy, list(limits), workers, limits.__getitem__, d.memory_mb)
    failed = {}
    shown = track(outcomes, "viewer", len(stale), "light copies")
    for page, ((_, target), made) in zip(stale, shown, strict=True):
        if isinstance(made, MediaError):
            target.unlink(missing_ok=True)
            failed[page] = str(made)
    return failed
