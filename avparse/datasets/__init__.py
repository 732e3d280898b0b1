"""Labelled data sets by kind; each is one file and one line here."""

from typing import Any

from avparse.registry import Registry

DATASETS = Registry("dataset kind", {"synth": "avparse.datasets.synth:SynthDataset"})


def create(kind: str, path: Any) -> Any:
    """Open a data set.

    Args:
        kind: one of the table above.
        path: its folder.
    Returns:
        An :class:`avparse.datasets.base.Dataset`.
    Raises:
        UnknownNameError: no such kind; names the nearest.
    """
    return DATASETS.create(kind, path=path)
