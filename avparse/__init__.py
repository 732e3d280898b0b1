"""avparse: raw videos to audio-visual event timelines.

Importing the package loads nothing heavy; the families below load torch when first used:
``avparse.models.create``, ``avparse.features.create``, ``avparse.metrics.parsing_scores``.
"""

import importlib
from types import ModuleType

__version__ = "0.1.0"

_FAMILIES = ("datasets", "export", "features", "metrics", "models", "timeline")


def __getattr__(name: str) -> ModuleType:
    if name in _FAMILIES:
        return importlib.import_module(f"avparse.{name}")
    raise AttributeError(f"module 'avparse' has no attribute {name!r}")
