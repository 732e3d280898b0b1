import json
from pathlib import Path
from typing import Any

import pytest
import torch
from golden.arrays import inputs, parameters
from pydantic import ValidationError

from avparse import models
from avparse.core.errors import AvparseError, CheckpointError
from avparse.models import checkpoint
from avparse.models.base import Model
from avparse.models.checkpoint import CARD, WEIGHTS, Card

CPU = torch.device("cpu")


def card(**changes: Any) -> Card:
    values: dict[str, Any] = {
        "experiment": "mine",
        "model": "han",
        "task": "parsing",
        "options": {"width": 16},
        "classes": ["Bell", "Dög"],
        "clip_seconds": 10,
        "hop_seconds": 5,
        "inputs": {
            "audio": {"extractor": "vggish", "settings": {"seed": 3}, "weights": {"sha256": "ab"}}
        },
        "seed": 1,
        "training": {"epochs": 3},
        "selected": {"epoch": 2, "score": 61.5},
        "versions": {"torch": "2"},
    }
    return Card.model_validate(values | changes)


def han() -> Model:
    torch.manual_seed(0)
    made: Model = models.create("han", num_classes=2, width=16)
    return made


def edit(folder: Path, **changes: Any) -> None:
    values = json.loads((folder / CARD).read_text(encoding="utf-8"))
    (folder / CARD).write_text(json.dumps(values | changes), encoding="utf-8")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "seed1"
    checkpoint.save(folder, han(), card())
    return folder


def test_save_and_load(saved: Path) -> None:
    found = checkpoint.load(saved, CPU)
    assert sorted(path.name for path in saved.iterdir()) == [CARD, WEIGHTS]
    assert found.card == card() == checkpoint.read_card(saved)
    assert found.card.inputs["audio"].settings.seed == 3
    assert not found.model.training
    generator = torch.Generator().manual_seed(1)
    x = [torch.randn(2, 4, width, generator=generator) for width in (128, 2048, 512)]
    wanted = han().eval()(*x)
    output = found.model(*x)
    assert torch.equal(output.segment_prob, wanted.segment_prob)
    assert torch.equal(output.clip_prob, wanted.clip_prob)


def test_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(tmp_path, CPU)
    assert str(caught.value) == (
        f"no checkpoint in {tmp_path}: expected checkpoint.json, as `avparse train` writes it"
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"format": 2}, "format: Input should be 1"),
        ({"clip_seconds": "ten"}, "clip_seconds: Input should be a valid integer"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"inputs": {"audio": {}}}, "inputs.audio.extractor: Field required"),
    ],
)
def test_a_damaged_card_names_the_field(saved: Path, changes: dict[str, Any], where: str) -> None:
    edit(saved, **changes)
    with pytest.raises(CheckpointError) as caught:
        checkpoint.read_card(saved)
    assert str(caught.value).startswith(f"{saved / CARD}: {where}")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"model": "hann"}, "unknown model 'hann': did you mean 'han'?"),
        ({"options": {"widht": 16}}, "model han has no option 'widht': did you mean 'width'?"),
    ],
)
def test_a_card_of_an_unknown_model(saved: Path, changes: dict[str, Any], problem: str) -> None:
    edit(saved, **changes)
    with pytest.raises(AvparseError) as caught:
        checkpoint.load(saved, CPU)
    assert str(caught.value).startswith(problem)


def test_parameters_that_do_not_fit(saved: Path) -> None:
    edit(saved, classes=["Bell", "Dog", "Car"])
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(saved, CPU)
    assert str(caught.value).startswith(f"cannot load {saved / WEIGHTS}: ")
    assert "size mismatch for fc_prob" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [None, 0, 100])
def test_parameters_that_do_not_read(saved: Path, size: int | None) -> None:
    content = (saved / WEIGHTS).read_bytes()
    (saved / WEIGHTS).unlink()
    if size is not None:
        (saved / WEIGHTS).write_bytes(content[:size])
    with pytest.raises(CheckpointError, match=rf"^cannot load {saved / WEIGHTS}: .+"):
        checkpoint.load(saved, CPU)


def test_find_one_or_all_seeds(tmp_path: Path) -> None:
    for seed in (10, 2, 1):
        checkpoint.save(tmp_path / f"seed{seed}", han(), card(seed=seed))
    (tmp_path / "logs").mkdir()
    assert checkpoint.find(tmp_path / "seed2") == [tmp_path / "seed2"]
    assert checkpoint.find(tmp_path) == [tmp_path / f"seed{seed}" for seed in (1, 10, 2)]


def test_find_none(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.find(tmp_path)
    assert str(caught.value) == (
        f"no checkpoint in {tmp_path}: expected checkpoint.json in it or in its subfolders, "
        "as `avparse train` writes it"
    )


def test_a_checkpoint_does_not_choose_where_files_go() -> None:
    settings = {"network": "resnet152"}
    with pytest.raises(ValidationError, match="extractor"):
        checkpoint.Input.model_validate(
            {"extractor": "../../evil", "settings": settings, "weights": {}}
        )


def test_a_published_file_becomes_a_checkpoint(tmp_path: Path, cli: Any) -> None:
    state = {f"module.{k}": v for k, v in parameters("han").items()}
    file = tmp_path / "HAN.pt"
    torch.save({"epoch": 4, "state_dict": state}, file)
    done = cli("checkpoint", "import", "han", file, "--out", tmp_path / "c")
    assert done.returncode == 0, done.stderr
    loaded = checkpoint.load(tmp_path / "c", CPU)
    assert loaded.card.classes[:2] == ["Speech", "Car"]
    assert loaded.card.inputs["audio"].weights is None
    published = models.load_published("han", state)
    x = inputs("han")
    assert torch.equal(loaded.model(**x).segment_prob, published(**x).segment_prob)
    wrong = cli("checkpoint", "import", "cmran", file, "--out", tmp_path / "d")
    assert wrong.returncode == 2
    missing = "spatial_channel_att.affine_video_1.weight is missing"
    assert wrong.stderr.startswith(f"avparse: no cmran: {missing}")
    assert wrong.stderr.count("\n") == 1
