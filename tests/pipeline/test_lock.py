import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HOLD = """
import sys
from pathlib import Path
from avparse.pipeline.lock import enter
print(enter(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""
Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a process that enters the folder, and says whether it is alone."""
    running: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], **pipes))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


def said(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "True\n"


def leave_lock(folder: Path) -> Path:
    lock = folder / "locks/0.output.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text("results/metrics.tsv\n")
    return lock


def test_what_a_killed_run_left_is_cleared_up(start: Start, tmp_path: Path) -> None:
    first = start()
    assert said(first)
    lock = leave_lock(tmp_path)
    first.kill()
    first.wait()
    assert said(start())
    assert not lock.exists()
    assert lock.parent.is_dir()


def test_the_lock_of_a_living_run_stays(start: Start, tmp_path: Path) -> None:
    first = start()
    assert said(first)
    lock = leave_lock(tmp_path)
    second = start()
    assert not said(second)
    first.kill()
    first.wait()
    third = start()
    assert not said(third)  # the second one still lives
    assert lock.exists()
    for process in (second, third):
        process.kill()
        process.wait()
    assert said(start())
    assert not lock.exists()
