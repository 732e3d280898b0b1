"""The page itself: values into the template, everything escaped but our own drawings."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from avparse.core.files import write_text
from avparse.core.provenance import versions
from avparse.report.templates import templates

_SCRIPTS = ("vendor/sortable.min.js", "vendor/sortable.a11y.min.js", "page.js")

Table = list[list[str]]
"""Rows of cells, the head first."""


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption; one that is not wide may stand beside another."""

    svg: Markup
    caption: str
    wide: bool = True


@dataclass(frozen=True)
class Scores:
    """The scores of one experiment.

    Attributes:
        main: the row that stands out, the head not counted.
    """

    name: str
    about: str
    rows: Table
    main: int | None = None
    figures: list[Figure] = field(default_factory=list)


@dataclass(frozen=True)
class Gallery:
    """A section of drawings."""

    title: str
    about: str
    figures: list[Figure]


@dataclass(frozen=True)
class Page:
    """All a page shows; empty parts are left out, but a table without rows says so."""

    title: str
    lead: str
    cards: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    sections: list[Gallery] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    settings: str = ""


def drawing(svg: str) -> Markup:
    """Mark a drawing of ours as safe to put in as it is (its texts are escaped already)."""
    return Markup(svg)


def write(page: Page, path: Path) -> None:
    """Render a page into one self-contained HTML file."""
    titles = [s.name for s in page.scores] + [s.title for s in page.sections] + [*page.tables]
    values = {
        "ids": {title: f"part-{number}" for number, title in enumerate(titles)},
        "versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
        "css": Markup(_own("page.css")),
        "js": Markup("\n".join(map(_own, _SCRIPTS))),
    }
    template = templates("report").get_template("page.html.jinja")
    write_text(path, template.render(vars(page) | values))


def _own(name: str) -> str:
    """A file of this folder."""
    return (files("avparse.report") / name).read_text("utf-8")
