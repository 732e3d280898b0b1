from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from avparse import models
from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.files import write_tsv
from avparse.core.tables import REMOVED
from avparse.datasets.labels import LabelledClips
from avparse.models.base import ParsingOutput
from avparse.training import refine
from avparse.training.refine import AUDIO, VISUAL, unrelated

CLASSES = ("Bell", "Dog", "Horn")
WEAK = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0]], np.float32)


def labels(weak: NDArray[np.float32] = WEAK) -> LabelledClips:
    count = len(weak)
    return LabelledClips(
        np.arange(count)[::-1].copy(),
        np.array(["train"] * (count - 1) + ["val"]),
        weak,
        np.zeros((count, 2, 2, 3), bool),
        np.ones((count, 2), bool),
    )


class Oracle(nn.Module):
    """Says of each track what its features, one number a class, hold."""

    def forward(self, audio: Tensor, visual: Tensor) -> ParsingOutput:
        both = torch.stack((audio.amax(1), visual.amax(1)), dim=1)
        return ParsingOutput(both.amax(1), both, both[:, None].movedim(1, 1))


def tracks(heard: NDArray[Any], seen: NDArray[Any]) -> dict[str, Tensor]:
    """Features of those labels, in the order of the rows."""
    rows = labels().rows
    found = {}
    for name, array in (("audio", heard), ("visual", seen)):
        placed = np.empty_like(array)
        placed[rows] = array
        found[name] = torch.from_numpy(placed)[:, None].repeat(1, 2, 1).float() * 0.9 + 0.01
    return found


def test_unrelated_clips_share_no_label() -> None:
    rng = np.random.default_rng(0)
    known = rng.random((200, 6)) < 0.2
    other, found = unrelated(known, rng)
    assert found.mean() > 0.9
    for i in np.flatnonzero(found):
        assert other[i] != i
        assert not (known[i] & known[other[i]]).any()
    alone, none = unrelated(np.ones((5, 2), bool), rng)
    assert not none.any()
    assert (alone == np.arange(5)).all()


def test_a_label_is_taken_off_the_track_that_does_not_hold_it() -> None:
    """Bell is never seen, Dog never heard; the model, like an oracle, hears and sees what is."""
    heard, seen = WEAK.copy(), WEAK.copy()
    seen[:, 0] = 0
    heard[:, 1] = 0
    removed = refine.refine(Oracle(), tracks(heard, seen), labels(), seed=0)  # type: ignore[arg-type]
    wanted = np.zeros((6, 2, 3), bool)
    wanted[:5, VISUAL, 0] = WEAK[:5, 0] > 0
    wanted[:5, AUDIO, 1] = WEAK[:5, 1] > 0
    assert (removed == wanted).all()
    assert not removed[5].any()  # of the validation split


def test_a_class_that_the_model_never_errs_on_keeps_its_labels() -> None:
    removed = refine.refine(Oracle(), tracks(WEAK, WEAK), labels(), seed=0)  # type: ignore[arg-type]
    assert not removed.any()


@pytest.mark.parametrize("name", ["han", "mm_pyramid", "cvcms"])
def test_every_parsing_model_can_refine(name: str) -> None:
    torch.manual_seed(0)
    model = models.create(name, num_classes=3, width=16, **({"heads": 2} if "mm" in name else {}))
    generator = torch.Generator().manual_seed(0)
    inputs = {
        n: torch.rand(6, 2, width, generator=generator)
        for n, width in (("audio", 128), ("visual", 2048), ("visual_st", 512))
    }
    first, second = (refine.refine(model, inputs, labels(), seed=3) for _ in range(2))
    assert (first == second).all()
    assert first.shape == (6, 2, 3)
    assert not (first & ~(WEAK[:, None] > 0)).any()


def test_the_table_comes_back_as_labels(tmp_path: Path) -> None:
    clips = [Clip(f"c{i}", f"v{i}", 0.0, 2.0, 2) for i in range(6)]
    removed = np.zeros((6, 2, 3), bool)
    removed[0, VISUAL, 0] = removed[3, AUDIO, 1] = True
    write_tsv(tmp_path / "t.tsv", REMOVED, refine.rows(removed, labels(), clips, list(CLASSES)))
    found = refine.apply(tmp_path / "t.tsv", labels(), clips, CLASSES).modality_labels
    assert found is not None
    assert (found == (WEAK[:, None] > 0) & ~removed).all()
    write_tsv(tmp_path / "t.tsv", REMOVED, [{"clip": "c0", "label": "Cow", "modality": "audio"}])
    with pytest.raises(DataError, match=r"line 2 of .*: 'Cow', 'audio': create the table again"):
        refine.apply(tmp_path / "t.tsv", labels(), clips, CLASSES)
