"""The features a model reads, from the files of its extractors, clip by clip in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.clips import Clip
from avparse.errors import DataError
from avparse.store import read_arrays

ARRAY = "features"
"""The name of the array in a feature file: (N, T, *shape) float32."""


RELEASED = "released"
"""The kind of weights of features that others made and published."""


@dataclass(frozen=True)
class FeatureSet:
    """Features of N clips.

    Attributes:
        clips: that every input has, in the order of the first input's files.
        inputs: argument of a model -> (N, T, ...) float32.
        provenance: argument -> what made it.
    """

    clips: list[Clip]
    inputs: dict[str, Tensor]
    provenance: dict[str, dict[str, Any]]


def feature_file(folder: Path, extractor: str, shard: str) -> Path:
    """Where the features of a shard are."""
    return folder / extractor / f"{shard}.h5"


def load(folder: Path, extractors: Mapping[str, str], shards: Sequence[str]) -> FeatureSet:
    """Read the features of shards into memory; a clip that lacks one is left out.

    Args:
        folder: with ``{extractor}/{shard}.h5``.
        extractors: argument of a model -> extractor.
    Returns:
        The features; without any clip where every clip failed.
    Raises:
        DataError: a file is missing or damaged, or shards were made differently.
    """
    read = {
        argument: read_arrays([feature_file(folder, name, s) for s in shards], ARRAY)
        for argument, name in extractors.items()
    }
    for argument, (_, _, made) in read.items():
        for shard, one in zip(shards, made, strict=True):
            if any(one.get(key) != made[0].get(key) for key in ("settings", "weights")):
                raise DataError(
                    f"{feature_file(folder, extractors[argument], shard)} was made with other "
                    f"settings or weights than shard {shards[0]}",
                    "extract it again",
                )
    rows = {
        argument: {clip.clip_id: row for row, clip in enumerate(clips)}
        for argument, (clips, _, _) in read.items()
    }
    first = next(iter(read.values()))[0]
    clips = [clip for clip in first if all(clip.clip_id in known for known in rows.values())]
    inputs = {
        argument: _rows(array, [rows[argument][clip.clip_id] for clip in clips])
        for argument, (_, array, _) in read.items()
        if array is not None
    }
    return FeatureSet(clips, inputs, {a: made[0] for a, (_, _, made) in read.items()})


def _rows(array: NDArray[Any], chosen: list[int]) -> Tensor:
    """Those rows of an array, without a copy where it is all of them."""
    whole = chosen == list(range(len(array)))
    return torch.from_numpy(array if whole else array[chosen])
