"""Labelled data sets by kind; each is one file and one line here."""

from typing import Any

from avparse.core.registry import Registry

DATASETS = Registry(
    "dataset kind",
    {
        "synth": "avparse.datasets.synth.dataset:SynthDataset",
        "ave": "avparse.datasets.ave:AVEDataset",
        "llp": "avparse.datasets.llp:LLPDataset",
        "folder": "avparse.datasets.folder:FolderDataset",
    },
)


def create(kind: str, path: Any, videos: Any = None) -> Any:
    """Open a data set.

    Args:
        kind: one of the table above.
        path: the folder of its tables.
        videos: the folder of its videos; ``videos`` in ``path`` if not given.
    Returns:
        An :class:`avparse.datasets.base.Dataset`.
    Raises:
        UnknownNameError: no such kind; names the nearest.
    """
    return DATASETS.create(kind, path=path, videos=videos)


def load(source: Any) -> Any:
    """Open a data set of the settings: its ``kind``, ``path`` and ``videos``."""
    return create(source.kind, source.path, source.videos)
