"""avparse: raw videos to audio-visual event timelines.

Importing the package loads nothing heavy; ``avparse.parse``, videos to timelines, and the families
below load torch when first used: ``avparse.models.create``, ``avparse.features.create``,
``avparse.metrics.parsing_scores``.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avparse.api import parse as parse

__version__ = "0.1.0"

_FAMILIES = ("datasets", "export", "features", "metrics", "models", "timeline")


def __getattr__(name: str) -> Any:
    if name == "parse":
        return importlib.import_module("avparse.api").parse
    if name in _FAMILIES:
        return importlib.import_module(f"avparse.{name}")
    raise AttributeError(f"module 'avparse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FAMILIES, "parse"})
