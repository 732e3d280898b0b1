import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from avparse.core import tensors
from avparse.core.errors import WeightsError

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1)}


@pytest.mark.parametrize("kind", ["safetensors", "npz", "pth", "wrapped.tar"])
def test_every_kind_of_file_gives_its_tensors(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"net.{kind}"
    if kind == "safetensors":
        save_file(STATE, path)
    elif kind == "npz":
        np.savez(path, **{key: value.numpy() for key, value in STATE.items()})
    else:
        torch.save(STATE if kind == "pth" else {"epoch": 3, "state_dict": STATE}, path)
    found = tensors.read(path)
    assert sorted(found) == sorted(STATE)
    assert all(torch.equal(found[key], STATE[key]) for key in STATE)


class Program:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("ran",))


def test_a_program_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"state_dict": Program()}, tmp_path / "net.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Program()))
    np.save(tmp_path / "x.npy", np.array([Program()], object), allow_pickle=True)
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    for name in ("net.pth", "plain.pth", "x.npz", "missing.pth"):
        with pytest.raises(WeightsError, match="cannot read weights"):
            tensors.read(tmp_path / name)
    assert capsys.readouterr().out == ""
