import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from avparse.core.progress import quiet, say, track


def test_say_leaves_the_output_stream_alone(capsys: pytest.CaptureFixture[str]) -> None:
    say("hello")
    assert capsys.readouterr() == ("", "hello\n")


def test_a_log_gets_one_line_for_a_short_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track("abc", "extract vggish", 3, "clips")) == ["a", "b", "c"]
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"extract vggish: 3 clips in \d+\.\d s\n", err)


def test_no_items(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([], "decode", 0, "clips")) == []
    assert capsys.readouterr().err == "decode: 0 clips in 0.0 s\n"


def test_quiet_is_for_a_block_whatever_it_ends_in(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet():
        with quiet():
            say("hello")
        assert list(track("abc", "extract vggish", 3, "clips")) == ["a", "b", "c"]
        raise KeyError
    assert capsys.readouterr().err == ""
    say("hello")
    assert capsys.readouterr().err == "hello\n"


def test_items_are_passed_on_as_they_come() -> None:
    made = []

    def items() -> Iterator[int]:
        for i in range(3):
            made.append(i)
            yield i

    for item in track(items(), "task", 3, "clips"):
        assert made == list(range(item + 1))


def test_a_log_of_a_long_task_tells_rate_and_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    for _ in track(range(6), "train", 6, "epochs"):
        clock[0] += 4
    # 4 s each, and a line once 10 s have gone by: after 3 items (12 s, 0.25/s, 3 left) and 6.
    assert capsys.readouterr().err.splitlines() == [
        "train: 3/6 epochs, 0.2/s, 12 s left",
        "train: 6/6 epochs, 0.2/s, 0 s left",
        "train: 6 epochs in 24.0 s",
    ]


def test_a_terminal_gets_a_bar() -> None:
    program = (
        "from avparse.core.progress import track\n"
        "print(list(track(iter('abcd'), 'extract vggish', 4, 'clips')))"
    )
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            text=True,
            check=True,
            timeout=60,
        )
    finally:
        os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.stdout == "['a', 'b', 'c', 'd']\n"
    assert "extract vggish" in shown
    assert "4/4" in shown
    assert "clips" in shown
