"""The features published with AVE and LLP, row by row; whatever their size, a few at a time.

AVE     audio_feature.h5, visual_feature.h5          (4143, 10, ...), a row for each annotation
        audio_feature_noisy.h5, ..._noisy.h5         (178, 10, ...), the background videos
LLP     vggish/ID.npy, res152/ID.npy, r2plus1d_18/ID.npy     ID the first 11 characters
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.datasets.ave import AVEDataset
from avparse.datasets.base import YOUTUBE_ID, Dataset
from avparse.datasets.llp import LLPDataset
from avparse.errors import DataError
from avparse.store import open_rows

AVE_FILES = {"vggish": "audio_feature.h5", "vgg19": "visual_feature.h5"}
"""Extractor -> file of AVE's archive; another visual one is in the file of VGG-19's."""
LLP_FOLDERS = {"vggish": "vggish", "resnet152": "res152", "r2plus1d_18": "r2plus1d_18"}
"""Extractor -> folder of LLP's archive."""
AVE_ARRAYS = ("avadataset", "dataset")
"""What the array of AVE's files is called: as released, as the authors' own scripts write it."""
_BLOCK = 16
_EXPECTED = "expected AVE's audio_feature.h5, visual_feature.h5, or LLP's vggish, res152, ..."


@dataclass(frozen=True)
class Row:
    """What an archive holds for one sample.

    Attributes:
        name: its video's, or the row's own where a video has several.
        values: (S, ...) features in time order, or None.
        reason: why there are none.
    """

    name: str
    values: NDArray[Any] | None
    reason: str = ""


def extractors(kind: str, folder: Path) -> list[str]:
    """The extractors whose features an archive of a kind holds.

    Raises:
        DataError: none.
    """
    known = {"ave": AVE_FILES, "llp": LLP_FOLDERS}.get(kind, {})
    found = [name for name, part in known.items() if (folder / part).exists()]
    if not found:
        raise DataError(f"no published features of {kind!r} in {folder}", _EXPECTED)
    return found


def parts(kind: str, folder: Path, extractor: str) -> list[Path]:
    """The files or the folder of an archive that hold an extractor's features.

    Args:
        kind: of the data set, ``ave`` or ``llp``.
        folder: of the archive.
    Raises:
        DataError: that kind has no archive, or it is not there.
    """
    if kind == "llp":
        path = folder / LLP_FOLDERS.get(extractor, extractor)
        if not path.is_dir():
            raise DataError(f"no folder {path} of .npy files", "unpack LLP's features there")
        return [path]
    if kind != "ave":
        raise DataError(f"no published features of a data set of kind {kind!r}", "known: ave, llp")
    path = folder / AVE_FILES.get(extractor, AVE_FILES["vgg19"])
    if not path.is_file():
        raise DataError(f"no file {path}", "put AVE's features there")
    noisy = _noisy(path)
    return [path, noisy] if noisy.is_file() else [path]


def rows(dataset: Dataset, folder: Path, extractor: str) -> Iterator[Row]:
    """The features of every sample of a data set, in its order.

    Raises:
        DataError: the archive is missing, damaged, or of another release.
    """
    if isinstance(dataset, AVEDataset):
        yield from _ave(dataset, parts("ave", folder, extractor)[0])
    elif isinstance(dataset, LLPDataset):
        yield from _llp(dataset, parts("llp", folder, extractor)[0])
    else:
        kind = type(dataset).__name__.removesuffix("Dataset").lower()
        parts(kind, folder, extractor)


def count(dataset: Dataset) -> int:
    """How many rows :func:`rows` gives at most."""
    return len(dataset.samples(dataset.tasks[0]))


def _ave(dataset: AVEDataset, path: Path) -> Iterator[Row]:
    yield from _blocks(path, dataset.row_ids)
    noisy = _noisy(path)
    if noisy.is_file():
        with open_rows(noisy, AVE_ARRAYS) as array:
            names = [f"background-{number:03d}" for number in range(array.shape[0])]
        yield from _blocks(noisy, names)
    elif dataset.background:
        yield Row("background", None, f"no file {noisy}: weak models train without background")


def _blocks(path: Path, names: list[str]) -> Iterator[Row]:
    with open_rows(path, AVE_ARRAYS) as array:
        if array.ndim < 2 or array.shape[0] != len(names):
            raise DataError(
                f"{path} holds {array.shape} for {len(names)} rows", "give files of one release"
            )
        for first in range(0, len(names), _BLOCK):
            block = array[first : first + _BLOCK]
            for name, values in zip(names[first : first + _BLOCK], block, strict=True):
                yield Row(name, values)


def _noisy(path: Path) -> Path:
    return path.with_name(f"{path.stem}_noisy{path.suffix}")


def _llp(dataset: LLPDataset, folder: Path) -> Iterator[Row]:
    for names in dataset.weak.values():
        for name in names:
            path = folder / f"{name[:YOUTUBE_ID]}.npy"
            try:
                values = read_npy(path)
            except DataError as error:
                yield Row(name[:YOUTUBE_ID], None, str(error))
            else:
                yield Row(name[:YOUTUBE_ID], values)


def read_npy(path: Path) -> NDArray[Any]:
    """An array from a .npy file; nothing is unpickled.

    Raises:
        DataError: the file is missing, damaged or holds none.
    """
    if not path.is_file():
        raise DataError(f"no file {path}", "missing in the archive")
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"cannot read {path}", str(error)) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path} holds no array", "use a plain .npy file")
    return array
