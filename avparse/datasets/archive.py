"""Read the features released with AVE and LLP, a block of rows at a time.

AVE     audio_feature.h5, visual_feature.h5          (4143, 10, ...), a row for each annotation
        audio_feature_noisy.h5, ..._noisy.h5         (178, 10, ...), the background videos
LLP     vggish/ID.npy, res152/ID.npy, r2plus1d_18/ID.npy     ID: YouTube id (11 characters)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.core.hdf5 import open_rows
from avparse.datasets.ave import AVEDataset
from avparse.datasets.base import YOUTUBE_ID, Dataset
from avparse.datasets.llp import LLPDataset

AVE_FILES = {"vggish": "audio_feature.h5", "vgg19": "visual_feature.h5"}
"""Extractor -> file of AVE's archive; other visual extractors use the same file as VGG-19."""
LLP_FOLDERS = {"vggish": "vggish", "resnet152": "res152", "r2plus1d_18": "r2plus1d_18"}
"""Extractor -> folder of LLP's archive."""
AVE_ARRAYS = ("avadataset", "dataset")
"""Name of the array in AVE's files: in the release, and as written by the authors' scripts."""
PER_SECOND = {"resnet152": (1, 8)}
"""Network -> allowed numbers of features per second; 1 for all other networks."""
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_BLOCK = 16
_EXPECTED = "expected AVE's audio_feature.h5, visual_feature.h5, or LLP's vggish, res152, ..."


@dataclass(frozen=True)
class Row:
    """The features of a sample.

    Attributes:
        name: video id, or name of the row if the video has several.
        values: (S, ...) features in time order, or None if they are missing.
        reason: why they are missing.
    """

    name: str
    values: NDArray[Any] | None
    reason: str = ""


def extractors(kind: str, folder: Path) -> list[str]:
    """The extractors whose features an archive contains.

    Raises:
        DataError: if there are none.
    """
    known = {"ave": AVE_FILES, "llp": LLP_FOLDERS}.get(kind, {})
    names = [name for name, part in known.items() if (folder / part).exists()]
    if not names:
        raise DataError(f"no released features of {kind!r} in {folder}", _EXPECTED)
    return names


def parts(kind: str, folder: Path, network: str) -> list[Path]:
    """The files or folder of an archive with the features of a network.

    Args:
        kind: kind of data set, ``ave`` or ``llp``.
        folder: folder of the archive.
    Raises:
        DataError: if the kind has no archive, or it is missing.
    """
    if kind == "llp":
        path = folder / LLP_FOLDERS.get(network, network)
        if not path.is_dir():
            raise DataError(f"no folder {path} of .npy files", "unpack LLP's features there")
        return [path]
    if kind != "ave":
        raise DataError(f"no released features for data sets of kind {kind!r}", "known: ave, llp")
    path = folder / AVE_FILES.get(network, AVE_FILES["vgg19"])
    if not path.is_file():
        raise DataError(f"no file {path}", "put AVE's features there")
    noisy = _noisy(path)
    return [path, noisy] if noisy.is_file() else [path]


def rows(dataset: Dataset, folder: Path, network: str, shape: tuple[int, ...]) -> Iterator[Row]:
    """Read the features of all samples of a data set in order.

    Args:
        network: network that computed the features.
        shape: expected shape (T, ...) of a row in AVE's files; other shapes are rejected unread.
    Raises:
        DataError: if the archive is missing, damaged, or from another release.
    """
    if isinstance(dataset, AVEDataset):
        yield from _ave(dataset, parts("ave", folder, network)[0], shape)
    elif isinstance(dataset, LLPDataset):
        yield from _llp(dataset, parts("llp", folder, network)[0])
    else:
        kind = type(dataset).__name__.removesuffix("Dataset").lower()
        parts(kind, folder, network)


def count(dataset: Dataset) -> int:
    """Largest number of rows that :func:`rows` yields."""
    return len(dataset.samples(dataset.tasks[0]))


def _ave(dataset: AVEDataset, path: Path, shape: tuple[int, ...]) -> Iterator[Row]:
    yield from _blocks(path, dataset.row_ids, shape)
    noisy = _noisy(path)
    if noisy.is_file():
        with open_rows(noisy, AVE_ARRAYS) as array:
            names = [f"background-{number:03d}" for number in range(array.shape[0])]
        yield from _blocks(noisy, names, shape)
    else:
        for number in range(dataset.background):
            yield Row(f"background-{number:03d}", None, f"no file {noisy}")


def _blocks(path: Path, names: list[str], shape: tuple[int, ...]) -> Iterator[Row]:
    with open_rows(path, AVE_ARRAYS) as array:
        expected = (len(names), *shape)
        if array.shape != expected or array.dtype.kind != "f":
            raise DataError(
                f"{path} has shape {array.shape} and type {array.dtype}",
                f"expected floats of shape {expected}: use files of the same release",
            )
        for first in range(0, len(names), _BLOCK):
            block = array[first : first + _BLOCK]
            for name, values in zip(names[first : first + _BLOCK], block, strict=True):
                yield Row(name, values)


def _noisy(path: Path) -> Path:
    return path.with_name(f"{path.stem}_noisy{path.suffix}")


def _llp(dataset: LLPDataset, folder: Path) -> Iterator[Row]:
    names = (name[:YOUTUBE_ID] for rows in dataset.weak.values() for name in rows)
    for name in dict.fromkeys(names):  # the archive has one file per video
        if not _ID.fullmatch(name):
            yield Row(name, None, "not a YouTube id")
            continue
        try:
            values = read_npy(folder / f"{name}.npy")
        except DataError as error:
            yield Row(name, None, str(error))
        else:
            yield Row(name, values)


def read_npy(path: Path) -> NDArray[Any]:
    """Read an array from a .npy file, without unpickling.

    Raises:
        DataError: if the file is missing, damaged or does not contain an array.
    """
    if not path.is_file():
        raise DataError(f"no file {path}", "it is missing in the archive")
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except Exception as error:  # numpy raises many types of errors for damaged headers
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"cannot read {path}", reason) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path} does not contain an array", "use a plain .npy file")
    return array
