"""Labelled data sets by kind. To add one, write a module and add it to the registry here."""

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
        kind: name in the registry above.
        path: folder with the annotation tables.
        videos: folder with the videos; by default the subfolder ``videos`` of ``path``.
    Returns:
        An :class:`avparse.datasets.base.Dataset`.
    Raises:
        UnknownNameError: if the kind is unknown; suggests the most similar one.
    """
    return DATASETS.create(kind, path=path, videos=videos)


def load(source: Any) -> Any:
    """Open a data set from its settings (``kind``, ``path`` and ``videos``)."""
    return create(source.kind, source.path, source.videos)
