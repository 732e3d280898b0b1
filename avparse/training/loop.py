"""The training loop of all models: features in memory, batches by index, seeded."""

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avparse.config.settings import TrainingSettings
from avparse.core.progress import track
from avparse.datasets.labels import LabelledClips
from avparse.evaluation.scoring import MAIN, score
from avparse.models.base import Model, Recipe, Targets
from avparse.prediction.inference import predict

SELECTION_THRESHOLD = 0.5
"""Decision threshold of the score that selects the epoch, as published."""


@dataclass(frozen=True)
class Epoch:
    """One row of a training's history.

    Attributes:
        epoch: from 1.
        loss: mean training loss.
        learning_rate: during this epoch.
        score: main score on the selection split, percent; NaN when selecting the last epoch.
        seconds: duration.
    """

    epoch: int
    loss: float
    learning_rate: float
    score: float
    seconds: float


def adjusted(recipe: Recipe, training: TrainingSettings) -> Recipe:
    """A published recipe with the changes of the settings."""
    names = ("epochs", "batch_size", "learning_rate", "gamma", "clip_norm")
    changed: dict[str, Any] = {n: v for n in names if (v := getattr(training, n)) is not None}
    if training.milestones is not None:
        changed["milestones"] = tuple(training.milestones)
    return replace(recipe, **changed)


def seed_everything(seed: int) -> None:
    """Seed the generators of initialization, dropout and shuffling."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)


def fit(
    model: Model,
    inputs: Mapping[str, Tensor],
    labels: LabelledClips,
    recipe: Recipe,
    selection: str,
    title: str,
    precision: str = "fp32",
) -> tuple[list[Epoch], Epoch]:
    """Train a model in place, and restore the parameters of the selected epoch.

    Args:
        inputs: argument of ``forward`` -> (clips, T, ...) features, on the model's device.
        labels: of those clips.
        selection: ``"val"``, ``"test"`` or ``"last"``; the latest epoch in case of a tie.
        title: for the progress display.
        precision: ``fp32`` or ``bf16``, of the training steps.
    Returns:
        All epochs, and the selected one.
    """
    device = next(model.parameters()).device
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.MultiStepLR(
        optimizer, list(recipe.milestones), recipe.gamma
    )
    chosen = labels.scorable(selection) if selection != "last" else np.zeros(0, np.int64)
    targets = _targets(labels, device)
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
    history: list[Epoch] = []
    best, best_state = -1.0, model.state_dict()
    selected = 0
    for epoch in track(range(1, recipe.epochs + 1), title, recipe.epochs, "epochs"):
        started = time.perf_counter()
        rate = float(schedule.get_last_lr()[0])
        model.epoch = epoch
        loss = _epoch(model, inputs, labels, targets, optimizer, recipe, autocast)
        schedule.step()
        reached = _score(model, inputs, labels, chosen)
        if not reached < best:
            best = reached if len(chosen) else best
            best_state = copy.deepcopy(model.state_dict())
            selected = epoch - 1
        history.append(Epoch(epoch, loss, rate, reached, time.perf_counter() - started))
    model.load_state_dict(best_state)
    return history, history[selected]


def _score(
    model: Model, inputs: Mapping[str, Tensor], labels: LabelledClips, chosen: NDArray[np.int64]
) -> float:
    """The main score on the selection split; NaN without one."""
    if not len(chosen):
        return float("nan")
    arrays = predict(model, inputs, torch.from_numpy(labels.rows[chosen]))
    order = np.arange(len(chosen))
    chosen_labels = replace(labels.only(chosen), rows=order)
    scores = score(model.task, arrays, chosen_labels, order, SELECTION_THRESHOLD)
    return scores[MAIN[model.task]]


def _epoch(
    model: Model,
    inputs: Mapping[str, Tensor],
    labels: LabelledClips,
    targets: Targets,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    autocast: torch.autocast,
) -> float:
    """One pass over the training samples, in random order; returns the mean loss."""
    model.train()
    known = labels.where(*model.splits)
    train = torch.from_numpy(known[labels.scored[known].any(1)] if model.strong else known)
    rows = torch.from_numpy(labels.rows)
    total = torch.zeros((), dtype=torch.float64)
    for batch in train[torch.randperm(len(train))].split(recipe.batch_size):
        with autocast:
            chosen = {name: x[rows[batch]] for name, x in inputs.items()}
            loss = model.batch_loss(chosen, _of(targets, batch))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if recipe.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip_norm)
        optimizer.step()
        total = total.to(loss.device) + loss.detach() * len(batch)
    return float(total) / max(len(train), 1)


def _targets(labels: LabelledClips, device: torch.device) -> Targets:
    def moved(array: NDArray[Any] | None) -> Tensor | None:
        return None if array is None else torch.from_numpy(array).to(device)

    strong = labels.truth if labels.truth.ndim == 2 else None
    weak = torch.from_numpy(labels.clip_labels).to(device)
    return Targets(weak, moved(strong), moved(labels.modality_labels))


def _of(targets: Targets, batch: Tensor) -> Targets:
    """The targets of a batch."""
    strong, refined = targets.segment_labels, targets.modality_labels
    return Targets(
        targets.clip_labels[batch],
        None if strong is None else strong[batch],
        None if refined is None else refined[batch],
    )


def shuffled(labels: LabelledClips, seed: int) -> LabelledClips:
    """A control experiment: the training samples with permuted labels."""
    train = labels.where("train")
    order = np.random.default_rng([seed, 77]).permutation(train)
    clip_labels, truth = labels.clip_labels.copy(), labels.truth.copy()
    clip_labels[train], truth[train] = clip_labels[order], truth[order]
    return replace(labels, clip_labels=clip_labels, truth=truth, modality_labels=None)
