import math

import pytest
import torch

from avparse.models.losses import category_of, clamped_bce, relevance_and_class, smooth_labels


def test_clamped_bce_by_hand() -> None:
    prob, target = torch.tensor([0.5, 0.25]), torch.tensor([1.0, 0.0])
    wanted = -(math.log(0.5) + math.log(0.75)) / 2
    assert clamped_bce(prob, target).item() == pytest.approx(wanted, abs=1e-6)


def test_clamped_bce_equals_a_slow_loop() -> None:
    generator = torch.Generator().manual_seed(0)
    prob = torch.rand(3, 4, generator=generator, dtype=torch.float64)
    target = torch.rand(3, 4, generator=generator, dtype=torch.float64)
    total = 0.0
    for p, t in zip(prob.flatten().tolist(), target.flatten().tolist(), strict=True):
        total -= t * math.log(p) + (1 - t) * math.log(1 - p)
    assert clamped_bce(prob, target).item() == pytest.approx(total / 12, abs=1e-12)


def test_clamped_bce_stays_finite_outside_of_0_to_1() -> None:
    prob = torch.tensor([1.3, -0.2, 1.0, 0.0], dtype=torch.float64)
    right = clamped_bce(prob, torch.tensor([1.0, 0.0, 1.0, 0.0], dtype=torch.float64))
    wrong = clamped_bce(prob, torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64))
    assert right.item() == pytest.approx(1e-7, rel=1e-3)
    assert wrong.item() == pytest.approx(-math.log(1e-7), rel=1e-6)


def test_smooth_labels_by_hand() -> None:
    target = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(smooth_labels(target, 0.1), torch.tensor([0.05, 0.95]))
    torch.testing.assert_close(smooth_labels(target, 0.0), target)


def test_relevance_and_class_by_hand() -> None:
    # Event: logits 0 give log 2 each. Class: two equal logits give log 2.
    zeros = torch.zeros(1, 3)
    loss = relevance_and_class(
        zeros, torch.zeros(1, 2), torch.tensor([[1.0, 0, 0]]), torch.tensor([1])
    )
    assert loss.item() == pytest.approx(2 * math.log(2), abs=1e-6)
    # Probability 3/4 of the event in one segment where there is one; 3/4 of the right class.
    three = math.log(3)
    loss = relevance_and_class(
        torch.tensor([[three]]),
        torch.tensor([[0.0, three]]),
        torch.tensor([[1.0]]),
        torch.tensor([1]),
    )
    assert loss.item() == pytest.approx(-2 * math.log(3 / 4), abs=1e-6)


def test_relevance_and_class_equals_a_slow_loop() -> None:
    generator = torch.Generator().manual_seed(1)
    event_logits = torch.randn(3, 5, generator=generator, dtype=torch.float64)
    class_logits = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    event = (torch.rand(3, 5, generator=generator) < 0.5).double()
    category = [2, 0, 3]
    relevance = 0.0
    for b in range(3):
        for t in range(5):
            p = 1 / (1 + math.exp(-event_logits[b, t].item()))
            relevance -= math.log(p if event[b, t] else 1 - p) / 15
    classes = 0.0
    for b in range(3):
        weights = [math.exp(v) for v in class_logits[b].tolist()]
        classes -= math.log(weights[category[b]] / sum(weights)) / 3
    loss = relevance_and_class(event_logits, class_logits, event, torch.tensor(category))
    assert loss.item() == pytest.approx(relevance + classes, abs=1e-12)


def test_category_by_hand() -> None:
    # Background is 4; a clip of background alone gets 0.
    labels = torch.tensor([[4, 2, 2, 4], [4, 4, 4, 4], [3, 3, 3, 3], [4, 0, 0, 4]])
    assert category_of(labels, background=4).tolist() == [2, 0, 3, 0]
