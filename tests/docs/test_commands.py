"""The commands that the documents show: each one is well-formed, and quick ones are run."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT

from avparse import datasets
from avparse.cli import cli
from avparse.config.data import DatasetSettings
from avparse.core.files import write_tsv
from avparse.core.tables import METRICS
from avparse.pipeline import validate

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "DEPLOY.md", "benchmarks/README.md"]
DOCUMENTS += [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]

QUICK = {"avparse config", "avparse model", "avparse model han", "avparse model cmran"}
"""Commands that are run here; ``avparse dataset check`` is, too, on the README's own table."""

SETTINGS = {"mine.yaml", "project/mine.yaml"}
"""Settings files that the documents introduce."""

WITH_VALUE = {"--cores", "--configfile", "--config", "--directory", "--workflow-profile"}
ALONE = {"--lint"}


def blocks(text: str) -> Iterator[str]:
    """Fenced and indented blocks."""
    yield from re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"(?:^\n)((?:^    .*\n?)+)", text, re.MULTILINE)


def commands(text: str) -> Iterator[list[str]]:
    """Words of the avparse and snakemake commands in the blocks, and in spans of text."""
    lines = [
        re.sub(r"^ *(\$ )?", "", line)
        for block in blocks(text)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    lines += [span.replace("\n", " ") for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    for line in lines:
        if not re.match(r"(avparse|snakemake|pip|eval) ", line):
            continue
        for part in re.sub(r'eval "\$\((.*?)\)"', r"\1", line).split(" && "):
            words = shlex.split(part, comments=True)
            if words[0] in ("avparse", "snakemake") and not (
                words[1].isupper()  # a placeholder
            ):
                yield words


def check_avparse(words: list[str]) -> None:
    """Parse the words with click, without running the command."""
    command: click.Command = cli
    if words[:1] == ["COMMAND"]:  # a placeholder
        words = words[1:]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    if "-h" in words or "--help" in words or ">" in words:
        words = words[: words.index(">")] if ">" in words else ["--help"]
    known = {option for parameter in command.params for option in parameter.opts}
    known |= {"--help", "-h"}
    for word in words:
        if word.startswith("-") and word != "-":
            assert word.split("=")[0] in known, f"{command.name} has no option {word}"
    if words and not isinstance(command, click.Group) and "--help" not in words:
        command.make_context(str(command.name), list(words), resilient_parsing=True)


def check_snakemake(words: list[str], rules: set[str], settings: set[str]) -> None:
    """Check options, targets and files."""
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if word == "--configfile":
            name = pending.pop(0)
            assert name in settings or (ROOT / name).is_file(), name
        elif word == "--workflow-profile":
            assert (ROOT / pending.pop(0) / "config.yaml").is_file()
        elif word == "--config":
            for key, value in (pair.split("=", 1) for pair in pending):
                validate.load({key: yaml.safe_load(value)})
            pending = []
        elif word in WITH_VALUE:
            pending.pop(0)
        elif word.startswith("-"):
            assert word in ALONE | {"-n", "--report"}, f"unknown option {word}"
        else:
            assert word in rules or word.startswith("resources/weights/"), f"no rule {word}"


def test_blocks_are_found() -> None:
    text = "Do\n\n    avparse config\n\nand\n\n```\nsnakemake --cores all\n```\nor `avparse model`."
    assert [*map(" ".join, commands(text))] == [
        "snakemake --cores all", "avparse config", "avparse model",
    ]  # fmt: skip


@pytest.mark.parametrize("words", [["nothing"], ["parse", "--wrong"], ["dataset", "nothing"]])
def test_wrong_commands_are_noticed(words: list[str]) -> None:
    with pytest.raises(AssertionError):
        check_avparse(words)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_are_well_formed(name: str) -> None:
    text = (ROOT / name).read_text()
    smk = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = set(re.findall(r"^(?:rule|checkpoint) (\w+):", smk, re.MULTILINE)) | {"all"}
    for kind in set(re.findall(r'f"(\w+)_\{_name\}"', smk)):
        rules |= {f"{kind}_{dataset}" for dataset in ("bundled", "ave", "llp", "mine")}
    settings = {file for file in SETTINGS if file in re.sub(r"--configfile \S+", "", text)}
    for words in commands(text):
        if words[0] == "avparse":
            check_avparse(words[1:])
        else:
            check_snakemake(words[1:], rules, settings)


def test_quick_commands_run() -> None:
    documents = "".join((ROOT / name).read_text() for name in DOCUMENTS)
    assert {" ".join(words) for words in commands(documents)} >= QUICK
    for line in sorted(QUICK | {"avparse --help"}):
        result = CliRunner().invoke(cli, line.split()[1:])
        assert result.exit_code == 0, result.output
        assert result.output


@pytest.mark.parametrize("name", ["README.md", "docs/data.md"])
def test_the_example_of_a_labelled_folder(name: str, tmp_path: Path) -> None:
    text = (ROOT / name).read_text()
    [table] = [block for block in blocks(text) if block.startswith("    video ")]
    rows = [line.split() for line in table.splitlines()]
    (tmp_path / "labels.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    for row in rows[1:]:
        (tmp_path / row[0]).touch()
    result = CliRunner().invoke(cli, ["dataset", "check", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "3 videos" in result.output
    assert "0 warnings" in result.output
    dataset = datasets.load(DatasetSettings(kind="folder", path=str(tmp_path)))
    assert len(dataset.videos()) == 3


def test_the_settings_of_a_labelled_folder() -> None:
    [text] = [block for block in blocks((ROOT / "README.md").read_text()) if "raw: null" in block]
    settings = validate.load(yaml.safe_load(text))
    assert list(settings.datasets) == ["mine"]
    assert list(settings.experiments) == ["han", "cmran"]


def test_the_command_for_scores_prints_the_rows_shown(tmp_path: Path) -> None:
    """Of a table with every kind of row that ``evaluate`` writes for the bundled run."""
    [block] = [b for b in blocks((ROOT / "README.md").read_text()) if "$ grep" in b]
    command, *lines = block.splitlines()
    shown = [dict(zip(METRICS, line.split(), strict=False)) for line in lines]
    rows = []
    for line in lines:
        experiment, seed, split, metric, value = line.split()
        values = {"experiment": experiment, "metric": metric, "value": value}
        rows += [{**values, "seed": seed, "split": split}, {**values, "seed": seed, "split": "val"}]
    others = ["accuracy_partial", "event_type_av", "segment_audio", "segment_event_av"]
    for metric in [*others, "accuracy", "segment_type_av"]:
        for seed in ("1", "2", "3") if metric not in others else ("1", "mean", "std"):
            rows.append({"experiment": "han", "seed": seed, "split": "test", "metric": metric,
                         "value": "1.0000"})  # fmt: skip
    (tmp_path / "results").mkdir()
    write_tsv(tmp_path / "results/metrics.tsv", METRICS, rows)
    script = re.sub(r"^ *\$ ", "", command)
    printed = subprocess.run(script, shell=True, cwd=tmp_path, capture_output=True, check=True)
    assert [line.split() for line in printed.stdout.decode().splitlines()] == [
        line.split() for line in lines
    ]
    assert len(shown) == 10


def test_citation() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == "Apache-2.0"
    assert {"message", "title", "authors", "version"} <= citation.keys()
    for paper in citation["references"]:
        assert {"type", "title", "authors", "year"} <= paper.keys()
    assert len(citation["references"]) == 5
