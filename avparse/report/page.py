"""Render report pages. All values are escaped except the drawings made by avparse."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from avparse.core.files import write_text
from avparse.core.provenance import versions
from avparse.report.templates import templates

_SCRIPTS = ("vendor/sortable.min.js", "vendor/sortable.a11y.min.js", "page.js")

Table = list[list[str]]
"""Rows of cells; the first row is the header."""


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption; figures that are not wide may stand side by side."""

    svg: Markup
    caption: str
    wide: bool = True


@dataclass(frozen=True)
class Scores:
    """The scores of one experiment.

    Attributes:
        main: index of the highlighted row, not counting the header.
    """

    name: str
    about: str
    rows: Table
    main: int | None = None
    figures: list[Figure] = field(default_factory=list)


@dataclass(frozen=True)
class Gallery:
    """A section with figures."""

    title: str
    about: str
    figures: list[Figure]


@dataclass(frozen=True)
class Page:
    """The content of a page. Empty parts are left out; tables without rows show "None."."""

    title: str
    lead: str
    cards: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    sections: list[Gallery] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    settings: str = ""


def drawing(svg: str) -> Markup:
    """Mark an SVG drawing by avparse as safe; its texts are already escaped."""
    return Markup(svg)


def write(page: Page, path: Path) -> None:
    """Render a page into one self-contained HTML file."""
    titles = [s.name for s in page.scores] + [s.title for s in page.sections] + [*page.tables]
    values = {
        "ids": {title: f"part-{number}" for number, title in enumerate(titles)},
        "versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
        "css": Markup(_resource("page.css")),
        "js": Markup("\n".join(map(_resource, _SCRIPTS))),
    }
    template = templates("report").get_template("page.html.jinja")
    write_text(path, template.render(vars(page) | values))


def _resource(name: str) -> str:
    """The text of a file in this folder."""
    return (files("avparse.report") / name).read_text("utf-8")
