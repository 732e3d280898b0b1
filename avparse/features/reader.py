"""The features a model reads, from the files of its extractors, clip by clip in one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avparse.config.data import ExtractorSettings
from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.hdf5 import read_clips, read_rows

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


def settings_of(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The extractor settings that a feature file was made with.

    Settings that were added since have their defaults.
    """
    return {**ExtractorSettings().model_dump(mode="json"), **provenance.get("settings", {})}


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
    paths = {a: [feature_file(folder, name, s) for s in shards] for a, name in extractors.items()}
    read = {argument: read_clips(files) for argument, files in paths.items()}
    for argument, (_, made) in read.items():
        for path, one in zip(paths[argument], made, strict=True):
            same_weights = one.get("weights") == made[0].get("weights")
            if not same_weights or settings_of(one) != settings_of(made[0]):
                raise DataError(
                    f"{path} was made with other settings or weights than shard {shards[0]}",
                    "extract it again",
                )
    known = [{clip.clip_id for part in parts for clip in part} for parts, _ in read.values()]
    first = next(iter(read.values()))[0]
    lost = _missing([clip for parts, _ in read.values() for part in parts for clip in part])
    clips = [
        replace(c, missing=lost[c.clip_id])
        for part in first
        for c in part
        if all(c.clip_id in ids for ids in known)
    ]
    place = {clip.clip_id: number for number, clip in enumerate(clips)}
    if len(place) < len(clips):
        raise DataError(f"a clip is twice in {', '.join(shards)}", "extract or import it again")
    inputs = {}
    for argument, (parts, _) in read.items():
        places = [[place.get(clip.clip_id) for clip in part] for part in parts]
        array = read_rows(paths[argument], ARRAY, places, len(clips))
        if array is not None:
            inputs[argument] = torch.from_numpy(array)
    return FeatureSet(clips, inputs, {a: made[0] for a, (_, made) in read.items()})


def _missing(clips: Sequence[Clip]) -> dict[str, tuple[int, ...]]:
    """The segments of each clip that any input lacks: who decodes sound alone sees no damage of
    the pictures."""
    found: dict[str, tuple[int, ...]] = {}
    for clip in clips:
        found[clip.clip_id] = tuple(sorted({*found.get(clip.clip_id, ()), *clip.missing}))
    return found
