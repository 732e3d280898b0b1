"""The page itself: values into the template, everything escaped but our own drawings."""

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from avparse.files import write_text
from avparse.provenance import versions


@dataclass(frozen=True)
class Row:
    """A row of a score table; the main score stands out."""

    cells: list[str]
    main: bool = False


@dataclass(frozen=True)
class ScoreTable:
    """The scores of one experiment."""

    name: str
    about: str
    head: list[str]
    rows: list[Row]
    curves: Markup | None = None


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption."""

    svg: Markup
    caption: str


@dataclass(frozen=True)
class Gallery:
    """A section of drawings."""

    title: str
    about: str
    figures: list[Figure]


@dataclass(frozen=True)
class Page:
    """All a page shows; empty parts are left out."""

    title: str
    lead: str
    cards: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    scores: list[ScoreTable] = field(default_factory=list)
    sections: list[Gallery] = field(default_factory=list)
    failures: list[dict[str, str]] | None = None
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    settings: str = ""


def drawing(svg: str) -> Markup:
    """Mark a drawing of ours as safe to put in as it is (its texts are escaped already)."""
    return Markup(svg)


def write(page: Page, path: Path) -> None:
    """Render a page into one self-contained HTML file."""
    environment = Environment(
        loader=PackageLoader("avparse", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made_by = ", ".join(f"{name} {version}" for name, version in versions().items())
    template = environment.get_template("page.html.jinja")
    write_text(path, template.render(vars(page) | {"versions": made_by}))
