import subprocess
import sys
from pathlib import Path

import pytest
import torch

from avparse.core.device import DTYPES, lease, pick_device, pick_precision
from avparse.core.errors import ConfigError


def test_auto_takes_what_is_there() -> None:
    device = pick_device("auto")
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert pick_precision("auto", device) in DTYPES


def test_what_is_asked_for_is_taken() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_precision("fp32", torch.device("cpu")) == "fp32"


def test_a_missing_gpu_is_said() -> None:
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="no GPU available; use auto or cpu"):
            pick_device("cuda:0")
    else:
        assert pick_device("cuda").type == "cuda"


def test_a_process_has_one_gpu_however_often_it_asks(tmp_path: Path) -> None:
    assert lease(3, tmp_path) == lease(3, tmp_path) == 0


def test_a_lock_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("kept")
    (tmp_path / "locks" / "all").mkdir(parents=True)
    (tmp_path / "locks" / "all" / "0.lock").symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"):
        lease(1, tmp_path / "locks")
    assert target.read_text() == "kept"


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another job that leases one of two GPUs, says which, and keeps it until its input closes."""
    program = (
        "import sys; from pathlib import Path; from avparse.core.device import lease; "
        f"print(lease(2, Path({str(folder)!r})), flush=True); sys.stdin.read()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_every_job_gets_a_gpu_of_its_own_and_waits_for_one(tmp_path: Path) -> None:
    first, second = holder(tmp_path), holder(tmp_path)
    try:
        assert first.stdout
        assert second.stdout
        assert {first.stdout.readline(), second.stdout.readline()} == {"0\n", "1\n"}
        third = holder(tmp_path)
        assert third.stderr
        assert third.stderr.readline() == "waiting for a free GPU (of 2)\n"
        first.kill()  # however it ends, its GPU is free
        first.wait()
        assert third.stdout
        assert third.stdout.readline() in ("0\n", "1\n")
        third.communicate()
    finally:
        first.kill()
        second.kill()
        first.communicate()
        second.communicate()
