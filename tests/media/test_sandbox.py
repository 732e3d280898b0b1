import os
import time
from pathlib import Path

from avparse.errors import MediaError
from avparse.media.container import probe
from avparse.media.sandbox import run_all


def behave(task: str) -> str:
    """Runs in the child."""
    if task == "crash":
        os.abort()
    if task == "hang":
        time.sleep(600)
    if task == "greedy":
        return str(len(bytearray(4 << 30)))
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


def test_media_errors_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("text")
    [(_, outcome)] = run_all(probe, [path], workers=1, timeout_s=20, memory_mb=2000)
    assert isinstance(outcome, MediaError)
    assert "text.mp4 is no readable video" in str(outcome)
