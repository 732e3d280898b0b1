"""Exit statuses, as docs/cli.md lists them, and colours."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from conftest import Cli

COMMAND = [sys.executable, "-m", "avparse"]


def test_a_bug_or_a_broken_installation_is_1_with_its_trace(tmp_path: Path) -> None:
    (tmp_path / "yaml.py").write_text("raise RuntimeError('broken')")
    path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [*COMMAND, "config"], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


def test_what_a_user_can_mend_is_2(cli: Cli) -> None:
    assert cli("exract").returncode == 2
    assert cli("decode").returncode == 2
    assert cli("decode", "--nothing").returncode == 2
    assert cli("--help").returncode == cli("config").returncode == 0


def test_a_reader_that_has_gone_is_1_without_a_word() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, "config"], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def _interruptible() -> None:
    """Also where the tests run in the background of a script, which ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def decoding(video: Path) -> Iterator[tuple["subprocess.Popen[str]", psutil.Process]]:
    """A command that decodes, and the process that reads the video."""
    words = ["decode", str(video), "--out", "frames.h5", "--status", "status.tsv"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=video.parent, stderr=subprocess.PIPE, text=True,
        preexec_fn=_interruptible,
    ) as command:  # fmt: skip
        try:
            end = time.monotonic() + 60
            while (reader := reader_of(video, command.pid)) is None:
                assert time.monotonic() < end
                time.sleep(0.01)
            yield command, reader
        finally:
            command.kill()


def reader_of(video: Path, command: int) -> psutil.Process | None:
    """The child of a command that has a file open."""
    for child in psutil.Process(command).children():
        try:
            if str(video) in {file.path for file in child.open_files()}:
                return child
        except psutil.NoSuchProcess:
            continue
    return None


@pytest.fixture
def film(make_video: Callable[..., Path]) -> Path:
    return make_video("film.mp4", seconds=120, size=(320, 240))


def test_a_killed_decoder_is_a_row_and_0(film: Path) -> None:
    with decoding(film) as (command, decoder):
        decoder.kill()
        assert command.wait(120) == 0
    rows = (film.parent / "status.tsv").read_text().splitlines()[1:]
    failed = [row for row in rows if "\tfailed\t" in row]
    assert len(failed) == 1
    assert "the decoder crashed: exit status -9" in failed[0]


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (signal.SIGINT, 130, "avparse: interrupted"),
        (signal.SIGTERM, -signal.SIGTERM, ""),  # 143 in a shell
        (signal.SIGKILL, -signal.SIGKILL, ""),  # 137 in a shell
    ],
)
def test_a_command_that_is_ended_leaves_no_process(
    film: Path, number: signal.Signals, status: int, said: str
) -> None:
    with decoding(film) as (command, _):
        children = psutil.Process(command.pid).children(recursive=True)
        command.send_signal(number)
        assert command.wait(60) == status
        assert command.stderr is not None
        _, left = psutil.wait_procs(children, timeout=30)
        assert not left
        assert said in command.stderr.read()


@pytest.mark.parametrize(("setting", "red"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(setting: dict[str, str], red: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    subprocess.run([*COMMAND, "exract"], stderr=theirs, env={**environment, **setting})
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert "unknown command 'exract'" in shown
    assert ("\x1b[31m" in shown) is red


def test_no_colours_in_a_file(cli: Cli) -> None:
    assert "\x1b" not in cli("exract").stderr
