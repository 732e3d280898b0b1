import pytest
import torch

from avparse.models._layers import Dropout
from avparse.models._spatial import few_clips_at_a_time, weighted_sum


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5])
def test_dropout_keeps_the_mean_and_drops_its_share(p: float) -> None:
    torch.manual_seed(0)
    x = torch.ones(1001, 1003, requires_grad=True)
    y = Dropout(p).train()(x)
    kept = y != 0
    assert kept.float().mean().item() == pytest.approx(1 - p, abs=2e-3)
    assert torch.allclose(y[kept], torch.tensor(1 / (1 - p)))
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y)
    # No element depends on its neighbour, in the same draw or in the next.
    centred = kept.float() - (1 - p)
    for step in (1, 2, 3, 4, 1003):
        flat = centred.flatten()
        assert abs((flat[:-step] * flat[step:]).mean().item()) < 2e-3


def test_dropout_is_the_identity_in_eval_and_repeats_with_its_seed() -> None:
    x, drop = torch.rand(7, 5), Dropout(0.5)
    assert torch.equal(drop.eval()(x), x)
    drop.train()
    torch.manual_seed(3)
    first = drop(x)
    torch.manual_seed(3)
    assert torch.equal(drop(x), first)


def test_maps_in_pieces_are_the_same() -> None:
    maps, sounds = torch.rand(19, 3, 4, 2), torch.rand(19, 3, 2)

    def look(cells: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        return cells.sum(2) * audio

    assert torch.equal(few_clips_at_a_time(look, maps, sounds), look(maps, sounds))


def test_a_weighted_sum_is_one() -> None:
    weights, cells = torch.rand(2, 3, 5, 1), torch.rand(2, 3, 5, 4)
    torch.testing.assert_close(weighted_sum(weights, cells), (weights * cells).sum(2))
