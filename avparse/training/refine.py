"""Labels for each modality from labels of the clip, by showing a model tracks of strangers.

Wu, Yang, "Exploring heterogeneous clues for weakly-supervised audio-visual video parsing", CVPR
2021 (MA), step 2. https://github.com/Yu-Wu/Modaily-Aware-Audio-Visual-Video-Parsing

If a clip's pictures, with the sound of a clip that shares no label with it, let neither branch of
the model say "dog", the dog is not to be seen; and the other way about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.files import read_tsv
from avparse.core.progress import track
from avparse.core.tables import REMOVED
from avparse.datasets.labels import LabelledClips
from avparse.models.base import Model

AUDIO, VISUAL = 0, 1
NAMES = ("audio", "visual")
_BATCH = 64
_SURE = 0.5
_ATTEMPTS = 100


def refine(
    model: Model, inputs: Mapping[str, Tensor], labels: LabelledClips, seed: int
) -> NDArray[np.bool_]:
    """Which labels of the training clips each modality loses.

    Args:
        model: for parsing, trained; its ``forward`` takes ``audio`` and what is seen.
        inputs: argument -> (N, T, ...) features, on the model's device.
        labels: of N' labelled clips; only those of the training split are looked at.
        seed: of the choice of strangers.
    Returns:
        (N', 2, C): audio, visual.
    """
    train = labels.where("train")
    known = labels.clip_labels[train] > 0
    other, found = strangers(known, np.random.default_rng([seed, 2]))
    own = torch.from_numpy(labels.rows[train])
    foreign = own[torch.from_numpy(other)]
    real = _probabilities(model, inputs, own, own, "refine: original")
    strange_sound = _probabilities(model, inputs, foreign, own, "refine: sound exchanged")
    strange_sight = _probabilities(model, inputs, own, foreign, "refine: pictures exchanged")
    error = ((real > _SURE) != known[:, None]).mean(0)
    trust = error / np.maximum(error.max(1, keepdims=True), 1e-12)
    removed = np.zeros((len(labels.rows), 2, known.shape[1]), bool)
    for modality, seen in ((AUDIO, strange_sight), (VISUAL, strange_sound)):
        # A class with few errors has a small share: its labels are hardly ever taken away.
        low = (seen < _SURE * trust[modality]).all(1)
        removed[train, modality] = low & known & found[:, None]
    return removed


def strangers(
    known: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each clip another that shares no label with it, at random.

    Args:
        known: (N, C) labels.
    Returns:
        (N,) indices, and whether one was found within a hundred draws.
    """
    count = len(known)
    other = np.arange(count)
    open_ = np.arange(count)
    for _ in range(_ATTEMPTS):
        drawn = rng.integers(0, count, len(open_))
        fits = ~(known[open_] & known[drawn]).any(1) & (drawn != open_)
        other[open_[fits]] = drawn[fits]
        open_ = open_[~fits]
        if not len(open_):
            break
    found = np.ones(count, bool)
    found[open_] = False
    return other, found


@torch.no_grad()
def _probabilities(
    model: Model, inputs: Mapping[str, Tensor], heard: Tensor, seen: Tensor, title: str
) -> NDArray[np.float32]:
    """(N, 2, C) pooled probabilities of sounds and pictures of those rows."""
    model.eval()
    parts = []
    pairs = list(zip(heard.split(_BATCH), seen.split(_BATCH), strict=True))
    for sound, sight in track(pairs, title, len(pairs), "batches"):
        output = model(**{n: x[sound if n == "audio" else sight] for n, x in inputs.items()})
        parts.append(output.modality_prob.float().cpu().numpy())
    return np.concatenate(parts)


def rows(
    removed: NDArray[np.bool_], labels: LabelledClips, clips: list[Clip], classes: list[str]
) -> Iterable[dict[str, str]]:
    """A table of them: clip, label, modality."""
    for number, modality, index in np.argwhere(removed):
        clip = clips[labels.rows[number]]
        yield {"clip": clip.clip_id, "label": classes[index], "modality": NAMES[modality]}


def apply(
    table: Path, labels: LabelledClips, clips: list[Clip], classes: tuple[str, ...]
) -> LabelledClips:
    """Labelled clips whose modalities lack what a table takes away.

    Raises:
        DataError: the table names an unknown class or modality.
    """
    refined = np.repeat(labels.clip_labels[:, None], 2, axis=1)
    of_clip = {clips[row].clip_id: number for number, row in enumerate(labels.rows)}
    for line, row in enumerate(read_tsv(table, REMOVED), 2):
        if row["label"] not in classes or row["modality"] not in NAMES:
            hint = "make the table again with `avparse refine`"
            raise DataError(f"line {line} of {table}: {row['label']!r}, {row['modality']!r}", hint)
        number = of_clip.get(row["clip"])
        if number is not None:
            refined[number, NAMES.index(row["modality"]), classes.index(row["label"])] = 0
    return replace(labels, modality_labels=refined)
