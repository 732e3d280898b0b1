"""The folder of the viewer: an index, a page for each video, and what they show."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from avparse.config.settings import Settings
from avparse.core.files import read_json, write_json, write_text
from avparse.core.progress import say
from avparse.report.templates import templates
from avparse.viewer.pages import ROOT, Page, Told, gather
from avparse.viewer.sources import Source, sources
from avparse.viewer.thumbnails import Looks
from avparse.viewer.videos import Shown

_ASSETS = Path(__file__).parent / "assets"
_MADE = "files.json"
"""Lists what was written, so that the next run knows what it may delete."""


def write(settings: Settings, shown: Sequence[Shown], told: Iterable[Told], folder: Path) -> None:
    """Write a page for each video that some experiment has predictions of, and an index.

    Pictures, copies and light copies of videos that did not change are kept; what an earlier run
    wrote and this one does not is deleted.

    Args:
        shown: in the order of the index.
        told: by experiment.
        folder: gets ``index.html``.
    """
    pages = gather(shown, told)
    files = {name: (page.file, page.duration_s) for name, page in pages.items()}
    there = {name: (path, length) for name, (path, length) in files.items() if path}
    looks = Looks(folder / "looks", there)
    looks.refresh(settings)
    played = sources(settings, there, looks, folder)
    made = _assets(folder)
    of_viewer = templates("viewer")
    order = list(pages)
    rows = []
    for number, (name, page) in enumerate(pages.items()):
        source = played.get(name, Source(note="The video is not there."))
        look = looks.told(name)
        text = of_viewer.get_template("video.html.jinja").render(
            root=ROOT,
            page=page,
            note=source.note,
            before=order[number - 1] if number else "",
            after=order[number + 1] if number + 1 < len(order) else "",
            data=page.data(look, source),
        )
        write_text(folder / f"videos/{name}.html", text)
        rows.append(page.row(look))
        made.append(f"videos/{name}.html")
        made += [f"looks/{name}.jpg", f"looks/{name}.json"] if look else []
        made += [source.made] if source.made else []
    index = of_viewer.get_template("index.html.jinja")
    write_text(folder / "index.html", index.render(root="", data=_index(pages, rows)))
    _forget(folder, made)
    say(f"viewer: {len(pages)} videos in {folder / 'index.html'}")


def _index(pages: dict[str, Page], rows: list[dict[str, Any]]) -> dict[str, Any]:
    scored = {
        e["name"]: None
        for page in pages.values()
        for e in page.experiments
        if e["score"] is not None
    }
    return {"scored": list(scored), "videos": rows}


def _assets(folder: Path) -> list[str]:
    """Write the style and the scripts; returns their names."""
    files = sorted(_ASSETS.iterdir())
    for file in files:
        write_text(folder / "assets" / file.name, file.read_text("utf-8"))
    return [f"assets/{file.name}" for file in files]


def _forget(folder: Path, made: Sequence[str]) -> None:
    """Delete what an earlier run wrote and this one did not; never anything else."""
    listed = folder / _MADE
    before = read_json(listed) if listed.is_file() else []
    for name in sorted(set(before) - set(made)):
        file = folder / name
        if file.resolve().is_relative_to(folder.resolve()):
            file.unlink(missing_ok=True)
    write_json(listed, sorted(made))
