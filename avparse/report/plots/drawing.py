"""The style of all drawings, and the conversion of figures to inline SVG.

Figures are created without pyplot, so that the user's windows and backend stay untouched.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

INK = "#010203"
"""Colour of text and axes; pages replace it by their text colour, light or dark."""

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
    """A figure that notebooks display without pyplot."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


@contextmanager
def styled() -> Iterator[None]:
    """Create figures in one style inside this context, with reproducible bytes."""
    with mpl.rc_context(_STYLE):
        yield


def pale(index: int) -> tuple[float, float, float, float]:
    """Colour of a class as a background for its name; repeats after twenty."""
    return _tab20((index + 10) % 20)


def strong(index: int) -> tuple[float, float, float, float]:
    """Colour of a line, a bar or a point; repeats after twenty."""
    return _tab20(index % 20)


def _tab20(place: int) -> tuple[float, float, float, float]:
    """Matplotlib's tab20 with the ten strong colours first, then the ten pale ones."""
    red, green, blue, _ = mpl.colormaps["tab20"](2 * (place % 10) + place // 10)
    return red, green, blue, 1.0


def literal(text: str) -> str:
    """Escape dollar signs, which would start a formula."""
    return text.replace("$", r"\$")


def svg(figure: Figure) -> str:
    """Convert a figure to inline SVG, without XML prologue, date and size."""
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
