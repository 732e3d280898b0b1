"""Predictions of all seeds of an experiment, and the files they are kept in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.events import Modality
from avparse.core.hdf5 import Shard, write_shard

LANES = {
    "parsing": (Modality.AUDIO, Modality.VISUAL, Modality.AUDIO_VISUAL),
    "localization": (Modality.AUDIO_VISUAL,),
}
"""The modalities a task tells apart, in the order they are shown."""

_ATTENTION = "attention_"
"""Before the names of such arrays in a file; half precision is enough to look at."""


@dataclass(frozen=True)
class Predictions:
    """What the models of one experiment say about N clips.

    Attributes:
        experiment, task, classes, seeds: of the models.
        clips: N clips.
        arrays: name -> (N, S, ...), S the seeds; names as in
            :func:`avparse.prediction.inference.predict`.
        attention: name -> (N, ...), of what :mod:`avparse.models._attention` names, averaged over
            seeds; empty where it was not read.
        views: of each clip, the key of the pictures that models look at; empty if not known.
    """

    experiment: str
    task: str
    classes: tuple[str, ...]
    seeds: tuple[int, ...]
    clips: list[Clip]
    arrays: dict[str, NDArray[Any]]
    attention: dict[str, NDArray[Any]] = field(default_factory=dict)
    views: tuple[str, ...] = ()

    def of_seed(self, index: int) -> dict[str, NDArray[Any]]:
        """The arrays of one seed: name -> (N, ...)."""
        return {name: array[:, index] for name, array in self.arrays.items()}

    def mean(self) -> dict[str, NDArray[Any]]:
        """The arrays averaged over seeds: name -> (N, ...)."""
        return {name: array.mean(1) for name, array in self.arrays.items()}

    def only(self, rows: Sequence[int]) -> Self:
        """Those of some clips, in the order given."""
        chosen = list(rows)
        return replace(
            self,
            clips=[self.clips[row] for row in chosen],
            arrays={name: array[chosen] for name, array in self.arrays.items()},
            attention={name: array[chosen] for name, array in self.attention.items()},
            views=tuple(self.views[row] for row in chosen) if self.views else (),
        )

    def write(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write them as a shard; its clips have one view."""
        made = {
            **provenance,
            "stage": "predict",
            "experiment": self.experiment,
            "task": self.task,
            "classes": list(self.classes),
            "seeds": list(self.seeds),
            "view": self.views[0] if self.views else "",
        }
        looks = {_ATTENTION + k: v.astype(np.float16) for k, v in self.attention.items()}
        with write_shard(path, made) as shard:
            for row, clip in enumerate(self.clips):
                shard.append(clip, {k: v[row] for k, v in (self.arrays | looks).items()})


def read(paths: Sequence[Path], attention: bool = False) -> Predictions:
    """Read the prediction shards of one experiment.

    Args:
        attention: whether to read that too; few need it.
    Raises:
        DataError: they are not predictions, or not of one experiment.
    """
    if not paths:
        raise DataError("no prediction files", "give at least one")
    clips: list[Clip] = []
    parts: dict[str, list[NDArray[Any]]] = defaultdict(list)
    cards = []
    views: list[str] = []
    for path in paths:
        with Shard(path) as shard:
            made = shard.provenance
            if made.get("stage") != "predict":
                raise DataError(f"{path} holds no predictions", "give files of `avparse predict`")
            cards.append(tuple(str(made[k]) for k in ("experiment", "task", "classes", "seeds")))
            if shard.clips:
                clips += shard.clips
                views += [made.get("view", "")] * len(shard.clips)
                for name in shard.names():
                    if attention or not name.startswith(_ATTENTION):
                        parts[name].append(shard.array(name)[:])
    if len(set(cards)) != 1:
        raise DataError(f"{paths[0]} and others", "predictions of several experiments: give one's")
    arrays = {name: np.concatenate(blocks) for name, blocks in parts.items()}
    return Predictions(
        made["experiment"],
        made["task"],
        tuple(made["classes"]),
        tuple(made["seeds"]),
        clips,
        {k: v for k, v in arrays.items() if not k.startswith(_ATTENTION)},
        {
            k.removeprefix(_ATTENTION): v
            for k, v in arrays.items()
            if k.startswith(_ATTENTION) and len(v) == len(clips)  # not of older shards beside it
        },
        tuple(views),
    )


def prediction_file(results: Path, experiment: str, shard: str) -> Path:
    """Where the predictions of an experiment for one shard are written."""
    return results / "predictions" / experiment / f"{shard}.h5"
