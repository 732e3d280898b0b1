"""The folder of the viewer: an index, a page for each video, and the files that pages use."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from avparse.config.settings import Settings
from avparse.core.files import read_json, write_json, write_text
from avparse.core.progress import say
from avparse.report.templates import templates
from avparse.viewer.pages import ROOT, ExperimentPredictions, Page, gather
from avparse.viewer.sources import Source, sources
from avparse.viewer.thumbnails import Thumbnails
from avparse.viewer.videos import PageVideo

_ASSETS = Path(__file__).parent / "assets"
_FILES = "files.json"
"""Lists the written files, so that the next run knows which files it may delete."""


def write(
    settings: Settings,
    videos: Sequence[PageVideo],
    experiments: Iterable[ExperimentPredictions],
    folder: Path,
) -> None:
    """Write a page for each video with predictions of any experiment, and an index.

    Thumbnails, copies and light copies of unchanged videos are kept. Files of an earlier run that
    this run does not write are deleted.

    Args:
        videos: in the order of the index.
        folder: gets ``index.html``.
    """
    pages = gather(videos, experiments)
    lengths = {name: (page.file, page.duration_s) for name, page in pages.items()}
    files = {name: (path, length) for name, (path, length) in lengths.items() if path}
    thumbnails = Thumbnails(folder / "thumbnails", files)
    thumbnails.refresh(settings)
    source_of = sources(settings, files, thumbnails, folder)
    written = _assets(folder)
    environment = templates("viewer")
    order = list(pages)
    rows = []
    for number, (name, page) in enumerate(pages.items()):
        source = source_of.get(name, Source(note="The video file is missing."))
        strip = thumbnails.read(name)
        text = environment.get_template("video.html.jinja").render(
            root=ROOT,
            page=page,
            note=source.note,
            before=order[number - 1] if number else "",
            after=order[number + 1] if number + 1 < len(order) else "",
            data=page.data(strip, source),
        )
        write_text(folder / f"videos/{name}.html", text)
        rows.append(page.row(strip))
        written.append(f"videos/{name}.html")
        written += [f"thumbnails/{name}.jpg", f"thumbnails/{name}.json"] if strip else []
        written += [source.file] if source.file else []
    index = environment.get_template("index.html.jinja")
    write_text(folder / "index.html", index.render(root="", data=_index(pages, rows)))
    _delete_stale(folder, written)
    say(f"viewer: {len(pages)} videos in {folder / 'index.html'}")


def _index(pages: dict[str, Page], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON data of the index."""
    scored = {
        e["name"]: None
        for page in pages.values()
        for e in page.experiments
        if e["score"] is not None
    }
    return {"scored": list(scored), "videos": rows}


def _assets(folder: Path) -> list[str]:
    """Write the style sheet and the scripts; returns their names."""
    files = sorted(_ASSETS.iterdir())
    for file in files:
        write_text(folder / "assets" / file.name, file.read_text("utf-8"))
    return [f"assets/{file.name}" for file in files]


def _delete_stale(folder: Path, written: Sequence[str]) -> None:
    """Delete the files that an earlier run wrote and this run did not, and nothing else."""
    listed = folder / _FILES
    before = read_json(listed) if listed.is_file() else []
    for name in sorted(set(before) - set(written)):
        file = folder / name
        if file.resolve().is_relative_to(folder.resolve()):
            file.unlink(missing_ok=True)
    write_json(listed, sorted(written))
