"""import: published features of a labelled data set, as files like those extraction makes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse import datasets, features
from avparse.config.data import ExtractorSettings
from avparse.config.settings import Settings
from avparse.core.clips import Clip, clip_id
from avparse.core.files import write_tsv
from avparse.core.hdf5 import write_shard
from avparse.core.progress import say, track
from avparse.core.provenance import versions
from avparse.core.tables import STATUS
from avparse.datasets import archive
from avparse.datasets.archive import Row
from avparse.datasets.base import Dataset
from avparse.features.reader import ARRAY, RELEASED, feature_file


def run(
    settings: Settings, name: str, folder: Path, extractors: list[str], out: Path, status: Path
) -> None:
    """Import what an archive holds of a data set's samples.

    Args:
        name: of the data set; also of the shard.
        folder: of the archive, see :mod:`avparse.datasets.archive`.
        extractors: whose features; each becomes ``out/{extractor}/{name}.h5``, in which samples
            that are missing, misshapen or not finite are listed as failed.
        status: gets a row for each clip.
    Raises:
        DataError: the archive is missing, or of another release.
    """
    source = settings.datasets[name]
    dataset = datasets.load(source)
    seconds = settings.clips.seconds
    clips: dict[str, Clip] = {}
    for extractor in extractors:
        wanted = settings.extractors[extractor]
        shape = features.create(extractor, wanted).shape
        network = wanted.network or extractor
        found = archive.rows(dataset, folder, network, (seconds, *shape))
        made = _provenance(
            archive.parts(source.kind, folder, network), source.kind, extractor, wanted
        )
        each = archive.PER_SECOND.get(network, (1,))
        failed = 0
        with write_shard(feature_file(out, extractor, name), made) as writer:
            for row in track(found, f"import {extractor}", archive.count(dataset), "clips"):
                clip = Clip(clip_id(row.name, 0, seconds), row.name, 0.0, float(seconds), seconds)
                values = _checked(row, (seconds, *shape), each, wanted.average)
                if isinstance(values, str):
                    failed += 1
                    writer.fail(clip.clip_id, f"{extractor}: {values}")
                else:
                    writer.append(clip, {ARRAY: values})
                    clips[row.name] = clip
        say(f"import: {extractor}, {failed} missing or wrong")
    write_tsv(status, STATUS, _statuses(dataset, clips, seconds))


def _checked(
    row: Row, shape: tuple[int, ...], each: tuple[int, ...], average: bool
) -> NDArray[np.float32] | str:
    """A row as (T, ...) float32, or what is wrong with it; several a second are averaged.

    Args:
        each: how many a second there may be; all of them are kept only at the largest.
    """
    values = row.values
    if values is None:
        return row.reason
    if values.dtype.kind not in "fiu":
        return f"{values.dtype} are no numbers"
    shapes = [(n * shape[0], *shape[1:]) for n in each]
    if values.shape not in (shapes if average else shapes[-1:]):
        return f"shape {values.shape} instead of {shape}"
    values = values.astype(np.float32)
    if average and values.shape != shape:
        values = values.reshape(shape[0], -1, *shape[1:]).mean(1)
    return values if np.isfinite(values).all() else "numbers that are not finite"


def _provenance(
    paths: list[Path], kind: str, extractor: str, wanted: ExtractorSettings
) -> dict[str, Any]:
    return {
        "stage": "import",
        "extractor": extractor,
        "settings": wanted.model_dump(mode="json"),
        "weights": {"kind": RELEASED, "source": f"features published with {kind.upper()}"},
        "files": {path.name: path.stat().st_size for path in paths},
        "view": RELEASED,
        "precision": "fp32",
        "versions": versions(),
    }


def _statuses(dataset: Dataset, clips: dict[str, Clip], seconds: int) -> Iterator[dict[str, Any]]:
    """A row for each clip of which something is there, and for each sample of which nothing is."""
    names = {s.row_id or s.video_id: None for s in dataset.samples(dataset.tasks[0])}
    for name in dict.fromkeys([*names, *clips]):
        clip = clips.get(name)
        yield {
            "clip": clip_id(name, 0, seconds),
            "video": name,
            "start_s": "0",
            "duration_s": str(seconds),
            "num_segments": str(seconds),
            "missing": "",
            "status": "ok" if clip else "failed",
            "note": "" if clip else "nothing of use in the archive",
        }
