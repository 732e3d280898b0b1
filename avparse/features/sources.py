"""Features wherever they are: our own files, and the archives published with AVE and LLP.

    ours        {extractor}/{shard}.h5, one such folder, or one such file
    AVE         audio_feature.h5, visual_feature.h5: (rows, 10, ...), a row for each annotation
    LLP         vggish/ID.npy, res152/ID.npy, r2plus1d_18/ID.npy, ID the first 11 characters

Rows and files are read one at a time, whatever their number; nothing is unpickled.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.core.hdf5 import Shard, open_rows
from avparse.datasets.archive import AVE_ARRAYS, LLP_FOLDERS, read_npy
from avparse.datasets.ave_tables import read_rows
from avparse.datasets.base import YOUTUBE_ID
from avparse.features.reader import ARRAY

_LLP_EXTRACTORS = {folder: extractor for extractor, folder in LLP_FOLDERS.items()}
_AVE_WIDTHS = {
    "audio_feature.h5": {128: "vggish"},
    "visual_feature.h5": {512: "vgg19", 2048: "resnet152"},
}
"""File of the published AVE archive -> width of a feature -> our extractor."""

Reader = Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Source:
    """The features of one extractor.

    Attributes:
        name: of the extractor.
        where: the file or folder.
        clips: kind of key (``clip``, ``youtube``, ``row``) -> key -> what reads that clip's
            (T, ...) features.
    """

    name: str
    where: Path
    clips: Mapping[str, Mapping[str, Reader]]


def find(path: Path, annotations: Path | None = None) -> dict[str, Source]:
    """The features in a file or folder, by extractor.

    Args:
        annotations: AVE's Annotations.txt, which tells the video of each row of AVE's files.
    Raises:
        DataError: there are none, or a file is damaged.
    """
    if not path.exists():
        raise DataError(f"no features at {path}", "give a file or folder")
    found = {source.name: source for source in _sources(path, annotations)}
    if not found:
        raise DataError(f"no features in {path}", "expected our files, or AVE's or LLP's archive")
    return found


def _sources(path: Path, annotations: Path | None) -> Iterator[Source]:
    if path.name in _AVE_WIDTHS:
        yield _ave(path, annotations)
    elif path.is_file():
        yield _ours(path.parent.name, path, [path])
    elif any(path.glob("*.npy")):
        yield _llp(path)
    elif known := [path / name for name in _AVE_WIDTHS if (path / name).is_file()]:
        yield from (_ave(file, annotations) for file in known)
    elif shards := sorted(path.glob("*.h5")):
        yield _ours(path.name, path, shards)
    else:
        for folder in sorted(child for child in path.iterdir() if child.is_dir()):
            if any(folder.glob("*.npy")):
                yield _llp(folder)
            elif shards := sorted(folder.glob("*.h5")):
                yield _ours(folder.name, folder, shards)


def _ours(name: str, where: Path, shards: list[Path]) -> Source:
    clips: dict[str, Reader] = {}
    youtube: dict[str, Reader] = {}
    for path in shards:
        with Shard(path) as shard:
            name = shard.provenance.get("extractor", name)
            for row, clip in enumerate(shard.clips):
                clips[clip.clip_id] = _row(path, (ARRAY,), row)
                if clip.start_s == 0:
                    youtube[clip.video_id[:YOUTUBE_ID]] = clips[clip.clip_id]
    return Source(name, where, {"clip": clips, "youtube": youtube})


def _row(path: Path, names: tuple[str, ...], row: int) -> Reader:
    def read() -> NDArray[Any]:
        with open_rows(path, names) as array:
            values: NDArray[Any] = array[row]
            return values

    return read


def _llp(folder: Path) -> Source:
    paths = sorted(folder.glob("*.npy"))
    files = {path.stem[:YOUTUBE_ID]: partial(read_npy, path) for path in paths}
    return Source(_LLP_EXTRACTORS.get(folder.name, folder.name), folder, {"youtube": files})


def _ave(path: Path, annotations: Path | None) -> Source:
    with open_rows(path, AVE_ARRAYS) as array:
        count, width = array.shape[0], array.shape[-1]

    rows = {str(row): _row(path, AVE_ARRAYS, row) for row in range(count)}
    clips: dict[str, Mapping[str, Reader]] = {"row": rows}
    if annotations:
        ids = [row.video for row in read_rows(annotations)]
        if len(ids) != count:
            raise DataError(
                f"{path} has {count} rows, {annotations} {len(ids)}",
                "give those of one release",
            )
        # A video with several rows has the same features in each.
        clips["youtube"] = {video: rows[str(row)] for row, video in reversed([*enumerate(ids)])}
    return Source(_AVE_WIDTHS[path.name].get(width, path.stem), path, clips)
