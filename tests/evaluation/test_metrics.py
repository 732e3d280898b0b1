import json

import numpy as np
import pytest
from golden.arrays import FOLDER, array
from numpy.typing import NDArray

from avparse.core.errors import ShapeError
from avparse.evaluation.metrics import localization_accuracy, parsing_scores

Grid = NDArray[np.bool_]
Span = tuple[int, int]


def spans(column: Grid) -> list[Span]:
    found: list[Span] = []
    for t, on in enumerate(column):
        if on and found and found[-1][1] == t:
            found[-1] = (found[-1][0], t + 1)
        elif on:
            found.append((t, t + 1))
    return found


def iou(a: Span, b: Span) -> float:
    overlap = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return overlap / (a[1] - a[0] + b[1] - b[0] - overlap)


def counts(level: str, pred: Grid, true: Grid) -> tuple[int, int, int]:
    """TP, FP and FN of one class of one video."""
    if level == "segment":
        pairs = list(zip(pred.tolist(), true.tolist(), strict=True))
        return pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True))
    found, real = spans(pred), spans(true)
    tp = sum(any(iou(p, t) >= 0.5 for t in real) for p in found)
    fn = sum(not any(iou(p, t) >= 0.5 for p in found) for t in real)
    return tp, len(found) - tp, fn


def slow_f(level: str, streams: list[tuple[Grid, Grid]]) -> float:
    """Mean over videos of the mean F over active classes; streams add up their counts."""
    videos, _, classes = streams[0][0].shape
    per_video = []
    for n in range(videos):
        per_class = []
        for c in range(classes):
            each = [counts(level, p[n, :, c], t[n, :, c]) for p, t in streams]
            tp, fp, fn = (sum(part) for part in zip(*each, strict=True))
            if tp + fp + fn:
                per_class.append(2 * tp / (2 * tp + fp + fn))
        per_video.append(sum(per_class) / len(per_class) if per_class else 1.0)
    return 100 * sum(per_video) / videos


def slow_scores(pa: Grid, pv: Grid, ta: Grid, tv: Grid) -> dict[str, dict[str, float]]:
    result = {}
    for level in ("segment", "event"):
        scores = {
            "audio": slow_f(level, [(pa, ta)]),
            "visual": slow_f(level, [(pv, tv)]),
            "audio_visual": slow_f(level, [(pa & pv, ta & tv)]),
        }
        scores["type_av"] = sum(scores.values()) / 3
        scores["event_av"] = slow_f(level, [(pa, ta), (pv, tv)])
        result[level] = scores
    return result


def truth(split: str) -> tuple[Grid, Grid]:
    """LLP's own labels of a split: audio, visual, (N, 10, 25)."""
    with np.load(FOLDER / "llp_truth.npz") as packed:
        shape = packed[f"{split}_shape"]
        bits = (packed[f"{split}_{name}"] for name in ("audio", "visual"))
        audio, visual = (np.unpackbits(b)[: shape.prod()].reshape(shape) > 0 for b in bits)
    return audio, visual


def sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("split", ["val", "test"])
def test_scores_equal_the_published_evaluator(split: str) -> None:
    audio, visual = truth(split)
    anywhere = (audio | visual).any(1)
    clip = sigmoid(array(f"predict.{split}.video", anywhere.shape) + 4 * anywhere - 2) >= 0.5
    pred = [
        (sigmoid(1.5 * array(f"predict.{split}.{n}", g.shape) + 3 * g - 2.5) >= 0.5) & clip[:, None]
        for n, g in (("audio", audio), ("visual", visual))
    ]
    found = parsing_scores(pred[0], pred[1], audio, visual)
    wanted = json.loads((FOLDER / "llp_metrics.json").read_text())[split]
    for level, scores in wanted.items():
        assert found[level] == pytest.approx(scores, abs=1e-9)


def random_grids(seed: int, *shape: int) -> list[Grid]:
    """Four grids of runs, some with few events, some with many."""
    rng = np.random.default_rng(seed)
    grids = rng.random((4, *shape)) < rng.choice([0.05, 0.3, 0.7], (4, shape[0], 1, shape[2]))
    grids[:2] = np.where(rng.random((2, *shape)) < 0.6, grids[2:], grids[:2])
    return list(grids)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(7, 10, 5), (3, 1, 2), (4, 17, 3)])
def test_scores_equal_a_slow_loop(seed: int, shape: tuple[int, int, int]) -> None:
    grids = random_grids(seed, *shape)
    fast, slow = parsing_scores(*grids), slow_scores(*grids)
    for level in ("segment", "event"):
        assert fast[level] == pytest.approx(slow[level], abs=1e-9)


def one(text: str) -> Grid:
    """One video of one class from marks such as "xx..x"."""
    return np.array([mark == "x" for mark in text])[None, :, None]


@pytest.mark.parametrize(
    ("pred", "true", "segment", "event"),
    [
        ("xxxx......", "xx........", 4 / 6, 1),  # TP 2 FP 2; IoU 2/4 just matches
        ("xxxxx.....", "xx........", 4 / 7, 0),  # TP 2 FP 3; IoU 2/5: one FP, one FN
        ("xx.xx.....", "xxxxx.....", 8 / 9, 0),  # TP 4 FN 1; IoU 2/5 twice: FP 2, FN 1
        ("xxx.x.....", "xxxxx.....", 8 / 9, 2 / 3),  # IoU 3/5 and 1/5: TP 1, FP 1, FN 0
        ("..........", "....x.....", 0, 0),
        (".x.x.x.x.x", ".x.x.x.x.x", 1, 1),
        ("..........", "..........", 1, 1),  # nothing predicted, nothing true
    ],
)
def test_scores_by_hand(pred: str, true: str, segment: float, event: float) -> None:
    p, t = one(pred), one(true)
    found = parsing_scores(p, p, t, t)
    assert found["segment"] == pytest.approx(dict.fromkeys(found["segment"], 100 * segment))
    assert found["event"] == pytest.approx(dict.fromkeys(found["event"], 100 * event))


def test_types_by_hand() -> None:
    # Heard: TP 2 FP 2, F 2/3. Seen: TP 1 FN 1, F 2/3. Both: predicted "x", true "xx", F 2/3.
    # Together: TP 3, FP 2, FN 1, F 6/9.
    pa, ta = one("xxxx"), one("xx..")
    pv, tv = one("x..."), one("xx..")
    found = parsing_scores(pa, pv, ta, tv)["segment"]
    assert found == pytest.approx(dict.fromkeys(found, 200 / 3))
    # Visual events at the wrong time: F 0, and no audio-visual event is predicted correctly.
    found = parsing_scores(pa, one("..xx"), ta, tv)["segment"]
    # Together: TP 2, FP 4, FN 2, F 4/10.
    assert found == pytest.approx(
        {"audio": 200 / 3, "visual": 0, "audio_visual": 0, "type_av": 200 / 9, "event_av": 40}
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_scores_100(seed: int) -> None:
    audio, visual = random_grids(seed, 5, 9, 4)[:2]
    found = parsing_scores(audio, visual, audio, visual)
    assert {score for level in found.values() for score in level.values()} == {100.0}


@pytest.mark.parametrize("seed", range(3))
def test_order_of_videos_and_classes_changes_nothing(seed: int) -> None:
    grids = random_grids(seed, 6, 8, 4)
    rng = np.random.default_rng(seed)
    videos, classes = rng.permutation(6), rng.permutation(4)
    moved = parsing_scores(*(grid[videos][:, :, classes] for grid in grids))
    for level, scores in parsing_scores(*grids).items():
        assert moved[level] == pytest.approx(scores, abs=1e-9)


def test_any_number_type_will_do() -> None:
    grids = random_grids(0, 3, 5, 2)
    assert parsing_scores(*(grid.astype(np.float32) for grid in grids)) == parsing_scores(*grids)


@pytest.mark.parametrize(
    ("three", "last"), [((2, 5, 3), (2, 5, 4)), ((5, 3), (5, 3)), ((0, 5, 3), (0, 5, 3))]
)
def test_grids_that_do_not_fit(three: tuple[int, ...], last: tuple[int, ...]) -> None:
    grid = np.zeros(three)
    with pytest.raises(ShapeError) as caught:
        parsing_scores(grid, grid, grid, np.zeros(last))
    assert str(caught.value) == (
        f"parsing scores of grids {three}, {three}, {three}, {last}: "
        "give four equal (N, T, C) shapes"
    )


def test_accuracy_equals_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    pred, true = rng.integers(0, 3, (2, 7, 10))
    right = sum(int(pred[n, t] == true[n, t]) for n in range(7) for t in range(10))
    assert localization_accuracy(pred, true) == pytest.approx(100 * right / 70, abs=1e-9)
    assert localization_accuracy(true, true) == 100.0
    assert localization_accuracy(np.array([[0, 1, 2, 2]]), np.array([[0, 1, 1, 2]])) == 75.0


@pytest.mark.parametrize("shapes", [((2, 3), (3, 2)), ((4,), (4,)), ((0, 3), (0, 3))])
def test_labels_that_do_not_fit(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    pred, true = map(np.zeros, shapes)
    with pytest.raises(ShapeError) as caught:
        localization_accuracy(pred, true)
    assert str(caught.value) == f"accuracy of {shapes[0]} against {shapes[1]}: give equal (N, T)"
