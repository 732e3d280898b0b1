import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from avparse.core.errors import DataError, MediaError
from avparse.media.container import probe
from avparse.media.sandbox import run_all, run_steps


def behave(task: str) -> str:
    """Runs in the child."""
    if task == "crash":
        os.abort()
    if task == "hang":
        time.sleep(600)
    if task == "greedy":
        return str(len(bytearray(4 << 30)))
    if task == "full":
        raise DataError("cannot write", "the disk is full")
    if task == "bug":
        raise KeyError("what a decoder may raise")
    return task.upper()


def test_each_fault_costs_one_task_and_order_is_kept() -> None:
    tasks = ["a", "crash", "b", "hang", "c", "greedy", "bug", "d"]
    outcomes = dict(run_all(behave, tasks, workers=2, timeout_s=3, memory_mb=2000))
    assert list(outcomes) == tasks
    good = {task: r for task, r in outcomes.items() if not isinstance(r, MediaError)}
    assert good == {"a": "A", "b": "B", "c": "C", "d": "D"}
    reasons = {task: str(r) for task, r in outcomes.items() if isinstance(r, MediaError)}
    assert "crashed" in reasons["crash"]
    assert "longer than 3 s" in reasons["hang"]
    assert "too much memory" in reasons["greedy"]
    assert "KeyError" in reasons["bug"]


def test_each_task_may_have_its_own_time() -> None:
    times = {"hang": 1.0, "a": 30.0}
    outcomes = dict(run_all(behave, times, 1, times.__getitem__, 2000))
    assert "longer than 1 s" in str(outcomes["hang"])
    assert outcomes["a"] == "A"


def test_media_errors_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("text")
    [(_, outcome)] = run_all(probe, [path], workers=1, timeout_s=20, memory_mb=2000)
    assert isinstance(outcome, MediaError)
    assert "text.mp4 is no readable video" in str(outcome)


@dataclass(frozen=True)
class Counting:
    """A task that counts, with a fault where its plan has one."""

    folder: Path
    name: str
    plan: tuple[str, ...]

    @property
    def steps(self) -> int:
        return len(self.plan)

    def finished(self, step: int) -> Path:
        return self.folder / f"{self.name}{step}"


def count(task: Counting, first: int) -> Iterator[int]:
    """Runs in the child."""
    for step in range(first, task.steps):
        if task.plan[step] == "end":
            return
        behave(task.plan[step])
        task.finished(step).touch()
        yield step


def test_each_fault_costs_one_step(tmp_path: Path) -> None:
    tasks = [
        Counting(tmp_path, "a", ("", "crash", "", "hang", "")),
        Counting(tmp_path, "b", ("bug", "", "")),
        Counting(tmp_path, "c", ("", "greedy")),
    ]
    found: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    for task, step, error in run_steps(count, tasks, workers=2, timeout_s=2, memory_mb=2000):
        assert step == len(found[task.name])
        found[task.name].append(str(error or "done"))
        task.finished(step).unlink(missing_ok=True)
    assert found["a"][::2] == ["done"] * 3
    assert "crashed" in found["a"][1]
    assert "longer than 2 s" in found["a"][3]
    assert "KeyError" in found["b"][0]
    assert found["b"][1:] == ["done", "done"]
    assert "too much memory" in found["c"][1]


def test_who_starts_again_finds_a_process_though_others_wait(tmp_path: Path) -> None:
    """Later tasks of many steps must not take all processes, to wait until the first is done."""
    plans = [("", "", "crash", *[""] * 6), *[("",) * 9] * 5]
    tasks = [Counting(tmp_path, name, plan) for name, plan in zip("abcdef", plans, strict=True)]
    lost = []
    for task, step, error in run_steps(count, tasks, workers=2, timeout_s=20, memory_mb=2000):
        lost += [(task.name, step)] if error else []
        task.finished(step).unlink(missing_ok=True)
    assert lost == [("a", 2)]


def test_three_faults_in_a_row_end_a_task(tmp_path: Path) -> None:
    task = Counting(tmp_path, "a", ("hang",) * 40)
    began = time.monotonic()
    outcomes = list(run_steps(count, [task], workers=1, timeout_s=0.5, memory_mb=2000))
    assert [step for _, step, error in outcomes if error] == list(range(40))
    assert time.monotonic() - began < 15


def test_a_child_waits_for_whoever_fetches(tmp_path: Path) -> None:
    task = Counting(tmp_path, "a", ("",) * 12)
    most = 0
    for _, step, error in run_steps(count, [task], workers=1, timeout_s=20, memory_mb=2000):
        assert error is None
        time.sleep(0.1)
        most = max(most, len(list(tmp_path.iterdir())))
        task.finished(step).unlink()
    assert most == 4


def test_children_end_when_nobody_fetches(tmp_path: Path) -> None:
    """The one who reads gives up, as with a full disk, while a child waits."""
    task = Counting(tmp_path, "a", ("",) * 12)
    with pytest.raises(OSError, match="full"):
        for _ in run_steps(count, [task], workers=1, timeout_s=20, memory_mb=2000):
            raise OSError("the disk is full")


def test_what_is_no_fault_of_the_media_ends_everything(tmp_path: Path) -> None:
    """Or a full disk would leave a table of bad clips, and nothing to do."""
    task = Counting(tmp_path, "a", ("", "full", ""))
    with pytest.raises(DataError, match="the disk is full"):
        list(run_steps(count, [task], workers=1, timeout_s=20, memory_mb=2000))


def test_a_task_may_end_early(tmp_path: Path) -> None:
    task = Counting(tmp_path, "a", ("", "end", ""))
    outcomes = list(run_steps(count, [task], workers=1, timeout_s=20, memory_mb=2000))
    assert [error for _, _, error in outcomes] == [None] * 3
    assert [task.finished(step).exists() for step in range(3)] == [True, False, False]


def test_a_script_that_loads_much_and_has_no_guard(
    tmp_path: Path, make_video: Callable[..., Path]
) -> None:
    """Its children neither run it again, nor load what it loads."""
    script = tmp_path / "script.py"
    script.write_text(
        "import torch\n"
        "from pathlib import Path\n"
        "from avparse.media.container import probe\n"
        "from avparse.media.sandbox import run_all\n"
        "print('begins')\n"
        f"[(_, info)] = run_all(probe, [Path({str(make_video())!r})], 1, 20, 400)\n"
        "print(info.duration_s)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.stdout == "begins\n10.0\n", done.stderr
    assert done.stderr == ""
