"""Audio-visual event timelines from raw videos.

Importing the package loads nothing heavy. ``avparse.parse`` and the modules below import torch when
they are first used: ``avparse.models.create``, ``avparse.features.create``,
``avparse.datasets.create``, ``avparse.metrics.parsing_scores``.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avparse.api import parse as parse

__version__ = "0.1.0"

_MODULES = {
    "datasets": "avparse.datasets",
    "features": "avparse.features",
    "formats": "avparse.formats",
    "metrics": "avparse.evaluation.metrics",
    "models": "avparse.models",
}


def __getattr__(name: str) -> Any:
    if name == "parse":
        return importlib.import_module("avparse.api").parse
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    raise AttributeError(f"module 'avparse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, "parse"})
