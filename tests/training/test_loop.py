import copy
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from avparse import models
from avparse.config.settings import TrainingSettings
from avparse.datasets.labels import LabelledClips
from avparse.evaluation.scoring import score
from avparse.models.base import Model, Recipe, Targets
from avparse.prediction.inference import predict
from avparse.training.loop import adjusted, fit, seed_everything, shuffled

RECIPE = Recipe(4, 4, 0.01, (2,), 0.1)
CLIPS, SEGMENTS, CLASSES = 12, 3, 2


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:  # fastest for tiny models, and sums come in one order
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def han(seed: int = 0, dropout: float = 0.0) -> Model:
    seed_everything(seed)
    made: Model = models.create("han", num_classes=CLASSES, width=16, dropout=dropout)
    return made


def labels(task: str = "parsing") -> LabelledClips:
    """Eight clips to train on and four to select on; the rows run backwards."""
    weak = np.eye(CLASSES, dtype=np.float32)[np.arange(CLIPS) % CLASSES]
    if task == "parsing":
        truth = np.broadcast_to(weak[:, None, None] > 0, (CLIPS, SEGMENTS, 2, CLASSES)).copy()
    else:
        truth = np.broadcast_to(weak.argmax(1)[:, None], (CLIPS, SEGMENTS)).copy()
        truth[:, 0] = CLASSES
    return LabelledClips(
        np.arange(CLIPS)[::-1].copy(),
        np.array(["train"] * 8 + ["val"] * 4),
        weak,
        truth,
        np.ones((CLIPS, SEGMENTS), bool),
    )


def inputs() -> dict[str, Tensor]:
    """Features that tell the class of a clip."""
    generator = torch.Generator().manual_seed(0)
    sign = torch.tensor([1.0, -1.0])[torch.from_numpy(labels().rows[::-1].copy() + 1) % 2]
    return {
        name: torch.randn(CLIPS, SEGMENTS, width, generator=generator) * 0.1 + sign[:, None, None]
        for name, width in (("audio", 128), ("visual", 2048), ("visual_st", 512))
    }


def localization_inputs() -> dict[str, Tensor]:
    """Inputs of a localization model that follow the same sign."""
    sign = inputs()["audio"][:, :, :1]
    return {
        "audio": sign.repeat(1, 1, 128),
        "visual": sign[..., None, None].repeat(1, 1, 7, 7, 512),
    }


def same(one: Model, other: Model) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_settings_change_what_they_name() -> None:
    published = Recipe(40, 16, 3e-4, (10, 20), 0.1, clip_norm=0.5)
    assert adjusted(published, TrainingSettings()) == published
    assert adjusted(published, TrainingSettings(epochs=3, milestones=[])) == replace(
        published, epochs=3, milestones=()
    )
    everything = TrainingSettings(
        epochs=1, batch_size=2, learning_rate=0.5, milestones=[7], gamma=0.9, clip_norm=1
    )
    assert adjusted(published, everything) == Recipe(1, 2, 0.5, (7,), 0.9, 1.0)


def test_a_slow_loop_reaches_the_same_parameters() -> None:
    data, targets = inputs(), torch.from_numpy(labels().clip_labels)
    fitted = han()
    slow = copy.deepcopy(fitted).train()
    seed_everything(5)
    history, _ = fit(fitted, data, labels(), replace(RECIPE, batch_size=3), "last", "slow")
    seed_everything(5)
    for epoch, rate in enumerate((0.01, 0.01, 0.001, 0.001)):
        if epoch == 0:
            optimizer = torch.optim.Adam(slow.parameters(), lr=rate, fused=True)
        optimizer.param_groups[0]["lr"] = rate
        order = torch.randperm(8).tolist()
        losses = []
        for batch in (order[:3], order[3:6], order[6:]):
            # Labelled clip i is row 11 - i of the features.
            output = slow(**{name: x[[11 - i for i in batch]] for name, x in data.items()})
            loss = slow.loss(output, Targets(targets[batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += [loss.item()] * len(batch)
        assert history[epoch].loss == pytest.approx(sum(losses) / 8, abs=1e-5)
        assert history[epoch].learning_rate == pytest.approx(rate)
    for a, b in zip(fitted.state_dict().values(), slow.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def test_an_easy_task_is_learned_and_the_best_epoch_kept() -> None:
    model = han(dropout=0.1)
    history, selected = fit(model, inputs(), labels(), replace(RECIPE, epochs=12), "val", "easy")
    scores = [epoch.score for epoch in history]
    assert [epoch.epoch for epoch in history] == list(range(1, 13))
    assert history[-1].loss < history[0].loss
    assert max(scores) == 100.0
    # Of equal epochs the later one.
    assert selected.epoch == max(i for i, s in enumerate(scores, 1) if s == max(scores))
    val = labels().where("val")
    again = score("parsing", predict(model, inputs()), labels(), val, 0.5)
    assert again["segment_type_av"] == selected.score


def test_the_parameters_left_are_those_of_the_selected_epoch() -> None:
    # From epoch 4 on the learning rate of 10 wrecks the model.
    recipe = Recipe(6, 8, 1e-3, (3,), 1e4)
    model, short = han(), han()
    seed_everything(1)
    history, selected = fit(model, inputs(), labels(), recipe, "val", "long")
    assert selected.epoch < len(history)
    seed_everything(1)
    fit(short, inputs(), labels(), replace(recipe, epochs=selected.epoch), "last", "short")
    assert same(model, short)


def test_last_takes_the_last_epoch_without_a_score() -> None:
    history, selected = fit(han(), inputs(), labels(), RECIPE, "last", "last")
    assert selected is history[-1]
    assert all(math.isnan(epoch.score) for epoch in history)


@pytest.mark.parametrize(("seed", "equal"), [(1, True), (2, False)])
def test_the_seed_decides_everything(seed: int, equal: bool) -> None:
    one, other = han(1, dropout=0.1), han(seed, dropout=0.1)
    assert same(one, other) == equal
    for model, start in ((one, 1), (other, seed)):
        seed_everything(start)
        fit(model, inputs(), labels(), RECIPE, "last", "seed")
    assert same(one, other) == equal


def test_only_the_training_split_is_trained_on() -> None:
    one, other = han(), han()
    poisoned = inputs()
    for x in poisoned.values():
        x[:4] = float("nan")  # rows 0-3 are labelled clips 11-8, all of val
    for model, data in ((one, inputs()), (other, poisoned)):
        seed_everything(3)
        fit(model, data, labels(), RECIPE, "last", "split")
    assert same(one, other)


@pytest.mark.parametrize(("supervision", "equal"), [("full", True), ("weak", False)])
def test_weak_localization_alone_trains_on_background(supervision: str, equal: bool) -> None:
    data = localization_inputs()
    before = labels("localization")
    splits = np.array(["train"] * 8 + ["background"] * 4)
    ends = []
    for known in (before, replace(before, splits=splits)):
        seed_everything(0)
        model: Model = models.create("linear_ave", num_classes=CLASSES, supervision=supervision)
        fit(model, data, known, RECIPE, "last", "background")
        ends.append(model)
    assert same(*ends) == equal


@pytest.mark.parametrize(("supervision", "equal"), [("full", True), ("weak", False)])
def test_clips_without_strong_labels_train_weak_models_alone(supervision: str, equal: bool) -> None:
    data = localization_inputs()
    known = labels("localization")
    scored = known.scored.copy()
    scored[5:8] = False
    splits = known.splits.copy()
    splits[5:8] = "test"
    ends = []
    for one in (replace(known, scored=scored), replace(known, splits=splits)):
        seed_everything(0)
        model: Model = models.create("linear_ave", num_classes=CLASSES, supervision=supervision)
        fit(model, data, one, RECIPE, "last", "weak rows")
        ends.append(model)
    assert same(*ends) == equal


def test_the_gradient_is_clipped() -> None:
    # Adam's step falls with a gradient far below its epsilon of 1e-8.
    start, clipped = han(), han()
    fit(clipped, inputs(), labels(), replace(RECIPE, clip_norm=1e-14), "last", "clip")
    for a, b in zip(start.state_dict().values(), clipped.state_dict().values(), strict=True):
        assert (a - b).abs().max() < 1e-6
    free = han()
    fit(free, inputs(), labels(), RECIPE, "last", "free")
    assert (free.fc_a.weight - start.fc_a.weight).abs().max() > 1e-3


def test_localization_trains_on_segment_labels() -> None:
    seed_everything(0)
    model: Model = models.create("cmran", num_classes=CLASSES, width=16, heads=1, layers=1)
    data = localization_inputs()
    short = replace(RECIPE, epochs=2)
    history, selected = fit(model, data, labels("localization"), short, "val", "localize")
    assert history[-1].loss < history[0].loss
    val = labels("localization").where("val")
    again = score("localization", predict(model, data), labels("localization"), val, 0.5)
    assert again["accuracy"] == selected.score


def test_shuffling_moves_the_training_labels_only() -> None:
    before = replace(labels(), clip_labels=np.arange(24, dtype=np.float32).reshape(12, 2))
    before = replace(before, truth=np.arange(36).reshape(12, 3))
    after = shuffled(before, 0)
    order = [int(row[0]) // 2 for row in after.clip_labels]
    assert sorted(order) == list(range(12))
    assert order[8:] == [8, 9, 10, 11]
    assert order[:8] != list(range(8))
    # Weak and strong labels go together; the argument stays.
    assert [int(row[0]) // 3 for row in after.truth] == order
    assert before.clip_labels[1].tolist() == [2, 3]
    np.testing.assert_array_equal(after.clip_labels, shuffled(before, 0).clip_labels)
    assert not np.array_equal(after.clip_labels, shuffled(before, 1).clip_labels)
