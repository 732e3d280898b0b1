"""How all drawings look, and how a figure becomes inline SVG.

None belongs to pyplot, whose windows and backend are the user's.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

INK = "#010203"
"""Text and axes: in the page it becomes the colour of the page's own text, light or dark."""

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "avparse",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "savefig.transparent": True,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
}


class Drawing(Figure):
    """A figure that notebooks show, though it is none of pyplot's."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


@contextmanager
def styled() -> Iterator[None]:
    """Inside, figures are made in one style, the same bytes each time."""
    with mpl.rc_context(_STYLE):
        yield


def pale(index: int) -> tuple[float, float, float, float]:
    """Of a class whose name is written upon it; twenty of them, then again."""
    return _tab20((index + 10) % 20)


def strong(index: int) -> tuple[float, float, float, float]:
    """Of a line, a bar or a point; twenty of them, then again."""
    return _tab20(index % 20)


def _tab20(place: int) -> tuple[float, float, float, float]:
    """The ten strong ones first, then the ten pale ones."""
    red, green, blue, _ = mpl.colormaps["tab20"](2 * (place % 10) + place // 10)
    return red, green, blue, 1.0


def literal(text: str) -> str:
    """A text in which dollars are dollars, not the ends of a formula."""
    return text.replace("$", r"\$")


def svg(figure: Figure) -> str:
    """The figure as inline SVG, without the XML prologue and the date."""
    text = io.StringIO()
    with styled():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawn = text.getvalue().replace(INK, "currentColor")
    return re.sub(
        r'(<svg[^>]*?) width="[^"]*pt" height="[^"]*pt"|(<svg[^>]*?) height="[^"]*" width="[^"]*"',
        r"\1\2",
        drawn[drawn.index("<svg") :],
        count=1,
    )
