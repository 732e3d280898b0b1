"""What all commands share: help by purpose, examples, --quiet."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import Cli

from avparse.cli import cli as root
from avparse.core.errors import AvparseError


def commands(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words, groups left out."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield (*above, name), command


ALL = dict(commands(root))


def examples(command: click.Command) -> list[str]:
    """The lines of a command's examples; a backslash joins two."""
    _, _, text = (command.help or "").partition("Example")
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [line.partition("avparse ")[2] for line in lines if "avparse " in line]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_examples_that_it_understands(words: tuple[str, ...]) -> None:
    own = [example for example in examples(ALL[words]) if example.startswith(" ".join(words))]
    assert own
    for example in own:
        given = re.split(r" > |\)", example)[0]  # what is written to a file, what a shell runs
        rest = shlex.split(given)[len(words) :]
        ALL[words].make_context(" ".join(words), rest)


def test_help_lists_every_command_whole_and_once() -> None:
    shown = CliRunner().invoke(root, ["--help"], terminal_width=80).output
    listed = re.findall(r"^  ([a-z]+) {2,}(.*)$", shown, re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(root.commands)
    assert not [about for _, about in listed if about.endswith("...")]
    titles = re.findall(r"^(\S.*):$", shown, re.MULTILINE)
    assert titles[0] == "Options"
    assert titles[1] == "Your own videos"
    assert len(set(titles)) == len(titles) > 4


@pytest.mark.parametrize("words", [["exract"], ["dataset", "descibe"]])
def test_near_commands_are_told(words: list[str]) -> None:
    found = CliRunner().invoke(root, words)
    assert isinstance(found.exception, AvparseError)
    assert "did you mean '" in str(found.exception)


def test_quiet_leaves_results_and_errors(cli: Cli, make_video: Callable[..., Path]) -> None:
    words = ("decode", make_video(seconds=1), "--out", "frames.h5", "--status", "status.tsv")
    assert cli(*words).stderr.startswith("decode: 1 clips in ")
    for told in ((*words, "--quiet"), (*words, "-q"), ("-q", *words)):
        done = cli(*told)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wrong = cli("dataset", "check", "nowhere", "--quiet")
    assert wrong.returncode == 2
    assert wrong.stdout + wrong.stderr
