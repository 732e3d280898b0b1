"""Refine clip labels into per-modality labels by exchanging tracks between clips.

Wu, Yang, "Exploring heterogeneous clues for weakly-supervised audio-visual video parsing", CVPR
2021 (MA), step 2. https://github.com/Yu-Wu/Modaily-Aware-Audio-Visual-Video-Parsing

Each clip is paired with a clip that shares no label with it. The model sees the visual track of the
clip with the audio track of the other. If neither branch of the model then predicts a label of the
clip, the label is removed from the visual modality; and likewise for audio.
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
_THRESHOLD = 0.5
_ATTEMPTS = 100


def refine(
    model: Model, inputs: Mapping[str, Tensor], labels: LabelledClips, seed: int
) -> NDArray[np.bool_]:
    """Labels of the training clips to remove from each modality.

    Args:
        model: trained for parsing; all inputs but ``audio`` are visual.
        inputs: argument -> (N, T, ...) features, on the model's device.
        labels: of N' labelled clips; only the training split is refined.
        seed: of the pairing.
    Returns:
        (N', 2, C): audio, visual.
    """
    train = labels.where("train")
    known = labels.clip_labels[train] > 0
    other, paired = unrelated(known, np.random.default_rng([seed, 2]))
    rows_own = torch.from_numpy(labels.rows[train])
    rows_other = rows_own[torch.from_numpy(other)]
    original = _probabilities(model, inputs, rows_own, rows_own, "refine: original")
    audio_exchanged = _probabilities(model, inputs, rows_other, rows_own, "refine: audio exchanged")
    visual_exchanged = _probabilities(
        model, inputs, rows_own, rows_other, "refine: visual exchanged"
    )
    error = ((original > _THRESHOLD) != known[:, None]).mean(0)
    trust = error / np.maximum(error.max(1, keepdims=True), 1e-12)
    removed = np.zeros((len(labels.rows), 2, known.shape[1]), bool)
    for modality, prob in ((AUDIO, visual_exchanged), (VISUAL, audio_exchanged)):
        # A class with few errors has a low threshold, so its labels are rarely removed.
        low = (prob < _THRESHOLD * trust[modality]).all(1)
        removed[train, modality] = low & known & paired[:, None]
    return removed


def unrelated(
    known: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Pair each clip with a random clip that shares no label with it.

    Args:
        known: (N, C) labels.
    Returns:
        (N,) indices of the other clips, and whether there is one after a hundred draws.
    """
    count = len(known)
    other = np.arange(count)
    unpaired = np.arange(count)
    for _ in range(_ATTEMPTS):
        drawn = rng.integers(0, count, len(unpaired))
        fits = ~(known[unpaired] & known[drawn]).any(1) & (drawn != unpaired)
        other[unpaired[fits]] = drawn[fits]
        unpaired = unpaired[~fits]
        if not len(unpaired):
            break
    paired = np.ones(count, bool)
    paired[unpaired] = False
    return other, paired


@torch.no_grad()
def _probabilities(
    model: Model, inputs: Mapping[str, Tensor], audio_rows: Tensor, visual_rows: Tensor, title: str
) -> NDArray[np.float32]:
    """(N, 2, C) pooled probabilities of the audio and visual tracks of those rows."""
    model.eval()
    parts = []
    pairs = list(zip(audio_rows.split(_BATCH), visual_rows.split(_BATCH), strict=True))
    for audio, visual in track(pairs, title, len(pairs), "batches"):
        output = model(**{n: x[audio if n == "audio" else visual] for n, x in inputs.items()})
        parts.append(output.modality_prob.float().cpu().numpy())
    return np.concatenate(parts)


def rows(
    removed: NDArray[np.bool_], labels: LabelledClips, clips: list[Clip], classes: list[str]
) -> Iterable[dict[str, str]]:
    """The rows of a table of removed labels: clip, label, modality."""
    for number, modality, index in np.argwhere(removed):
        clip = clips[labels.rows[number]]
        yield {"clip": clip.clip_id, "label": classes[index], "modality": NAMES[modality]}


def apply(
    table: Path, labels: LabelledClips, clips: list[Clip], classes: tuple[str, ...]
) -> LabelledClips:
    """Apply a table of removed labels to labelled clips.

    Raises:
        DataError: the table names an unknown class or modality.
    """
    refined = np.repeat(labels.clip_labels[:, None], 2, axis=1)
    of_clip = {clips[row].clip_id: number for number, row in enumerate(labels.rows)}
    for line, row in enumerate(read_tsv(table, REMOVED), 2):
        if row["label"] not in classes or row["modality"] not in NAMES:
            hint = "create the table again with `avparse refine`"
            raise DataError(f"line {line} of {table}: {row['label']!r}, {row['modality']!r}", hint)
        number = of_clip.get(row["clip"])
        if number is not None:
            refined[number, NAMES.index(row["modality"]), classes.index(row["label"])] = 0
    return replace(labels, modality_labels=refined)
