"""Results for machines, and completion by a real bash."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Cli
from probe import CLASSES, make_checkpoint

WITH_AVPARSE = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "TERM": "dumb",
    "INPUTRC": "/dev/null",
}


def test_parse_for_people_and_for_machines(
    cli: Cli, tmp_path: Path, make_video: Callable[..., Path]
) -> None:
    make_checkpoint(tmp_path / "checkpoint")
    video = make_video(f"{'long' * 25}.mp4", seconds=2)
    words = ("parse", video, "--checkpoint", "checkpoint", "--out", "out", "--quiet")
    plain = cli(*words)
    assert (plain.returncode, plain.stderr) == (0, "")
    head, *rows = plain.stdout.splitlines()  # not wrapped, though the name is long
    assert head.split() == ["video", "onset", "offset", "how", "event", "score"]
    assert [row.split()[:3] for row in rows] == [[video.stem, "0", "2"]] * 4
    assert all(any(label in row for row in rows) for label in CLASSES)
    assert "\x1b" not in plain.stdout
    told = cli(*words, "--json")
    assert told.stderr == ""
    assert json.loads(told.stdout) == json.loads((tmp_path / "out/events.json").read_text())


def test_bash_completes_commands_options_and_files(tmp_path: Path) -> None:
    """The functions that Tab calls."""
    (tmp_path / "holiday.mp4").touch()
    program = """
        eval "$(avparse completion bash)"
        complete -p avparse
        tab() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _avparse_completion avparse
                echo "${COMPREPLY[@]}"; }
        tab avparse pre
        tab avparse dataset ''
        tab avparse parse holiday.mp4 --thr
        tab avparse parse holiday.mp4 --task ''
        tab avparse exract ''
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        cwd=tmp_path, env=WITH_AVPARSE, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    registered, *completed = done.stdout.splitlines()
    assert registered.endswith("-F _avparse_completion avparse")
    assert completed[0] == "predict"
    assert {"describe", "check", "wanted"} <= set(completed[1].split())
    assert completed[2] == "--threshold"
    assert completed[3] == "parsing localization"
    assert "extract" in completed[4].split()  # an unknown command is no error here


def test_tab_in_a_terminal() -> None:
    """What is typed, completed and run: avparse dataset desc<Tab>--help."""
    ours, theirs = pty.openpty()
    bash = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(
        bash, stdin=theirs, stdout=theirs, stderr=theirs, env=WITH_AVPARSE, start_new_session=True
    ) as shell:
        try:
            os.write(ours, b'eval "$(avparse completion bash)"; echo rea""dy\n')
            _read_until(ours, "ready")
            os.write(ours, b"avparse dataset desc\t--help\n")
            _read_until(ours, "Summarize splits")
        finally:
            shell.kill()
            os.close(theirs)
    os.close(ours)


def _read_until(terminal: int, text: str) -> None:
    seen, end = "", time.monotonic() + 30
    while text not in seen:
        assert select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096).decode()


@pytest.mark.parametrize(("shell", "part"), [("zsh", "compdef"), ("fish", "complete --no-files")])
def test_other_shells_get_a_script(cli: Cli, shell: str, part: str) -> None:
    printed = cli("completion", shell).stdout
    assert part in printed
    assert f"_AVPARSE_COMPLETE={shell}_complete" in printed
