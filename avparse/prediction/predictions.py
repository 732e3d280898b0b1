"""Predictions of all seeds of an experiment, and the HDF5 files that store them."""

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
"""The modalities that each task distinguishes, in display order."""

_ATTENTION = "attention_"
"""Prefix of attention arrays in a file. They are stored in half precision, enough for display."""


@dataclass(frozen=True)
class Predictions:
    """Predictions of the models of one experiment for N clips.

    Attributes:
        experiment, task, classes, seeds: of the models.
        clips: N clips.
        arrays: name -> (N, S, ...), S the number of seeds; names as in
            :func:`avparse.prediction.inference.predict`.
        attention: name -> (N, ...), averaged over seeds, with the names of
            :mod:`avparse.models._attention`; empty unless it was read.
        views: of each clip, the key of the view of the frames that models attend to; empty if
            unknown.
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
        """The predictions of some clips, in the given order."""
        chosen = list(rows)
        return replace(
            self,
            clips=[self.clips[row] for row in chosen],
            arrays={name: array[chosen] for name, array in self.arrays.items()},
            attention={name: array[chosen] for name, array in self.attention.items()},
            views=tuple(self.views[row] for row in chosen) if self.views else (),
        )

    def write(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the predictions as a shard, whose clips share one view."""
        provenance = {
            **provenance,
            "stage": "predict",
            "experiment": self.experiment,
            "task": self.task,
            "classes": list(self.classes),
            "seeds": list(self.seeds),
            "view": self.views[0] if self.views else "",
        }
        maps = {_ATTENTION + k: v.astype(np.float16) for k, v in self.attention.items()}
        with write_shard(path, provenance) as shard:
            for row, clip in enumerate(self.clips):
                shard.append(clip, {k: v[row] for k, v in (self.arrays | maps).items()})


def read(paths: Sequence[Path], attention: bool = False) -> Predictions:
    """Read the prediction shards of one experiment.

    Args:
        attention: whether to read the attention, too.
    Raises:
        DataError: a file holds no predictions, or the files belong to several experiments.
    """
    if not paths:
        raise DataError("no prediction files", "give at least one")
    clips: list[Clip] = []
    parts: dict[str, list[NDArray[Any]]] = defaultdict(list)
    cards = []
    views: list[str] = []
    for path in paths:
        with Shard(path) as shard:
            provenance = shard.provenance
            if provenance.get("stage") != "predict":
                raise DataError(f"{path} holds no predictions", "give files of `avparse predict`")
            cards.append(
                tuple(str(provenance[k]) for k in ("experiment", "task", "classes", "seeds"))
            )
            if shard.clips:
                clips += shard.clips
                views += [provenance.get("view", "")] * len(shard.clips)
                for name in shard.names():
                    if attention or not name.startswith(_ATTENTION):
                        parts[name].append(shard.array(name)[:])
    if len(set(cards)) != 1:
        raise DataError(
            f"{paths[0]} and others hold predictions of several experiments",
            "give the files of one",
        )
    arrays = {name: np.concatenate(blocks) for name, blocks in parts.items()}
    return Predictions(
        provenance["experiment"],
        provenance["task"],
        tuple(provenance["classes"]),
        tuple(provenance["seeds"]),
        clips,
        {k: v for k, v in arrays.items() if not k.startswith(_ATTENTION)},
        {
            k.removeprefix(_ATTENTION): v
            for k, v in arrays.items()
            if k.startswith(_ATTENTION) and len(v) == len(clips)  # unless older shards lack it
        },
        tuple(views),
    )


def read_attention(path: Path, clip_id: str) -> dict[str, NDArray[Any]]:
    """Read the attention of one clip from a prediction shard.

    Returns:
        Name -> (1, ...), as in :class:`Predictions`; empty if the shard has none for the clip.
    """
    with Shard(path) as shard:
        rows = [row for row, clip in enumerate(shard.clips) if clip.clip_id == clip_id]
        return {
            name.removeprefix(_ATTENTION): shard.array(name)[rows]
            for name in (shard.names() if rows else ())
            if name.startswith(_ATTENTION)
        }


def prediction_file(results: Path, experiment: str, shard: str) -> Path:
    """The file with the predictions of an experiment for one shard."""
    return results / "predictions" / experiment / f"{shard}.h5"
