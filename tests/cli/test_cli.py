"""The command line as a user meets it: help, speed of starting, and errors in one line."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Cli

COMMANDS = [
    "synth",
    "annotations",
    "index",
    "decode",
    "weights",
    "extract",
    "train",
    "predict",
    "evaluate",
    "export",
    "report",
    "viewer",
    "parse",
]


def one_line(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Status 2, and one line that holds all parts."""
    assert result.returncode == 2, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("avparse: ")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in lines[0]


def test_help_names_every_command_and_loads_nothing_heavy(cli: Cli) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = cli("--help").stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
    assert all(f"  {command} " in found for command in COMMANDS)
    code = (
        "import sys; from avparse.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'av', 'pydantic', 'rich', 'numpy'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_unknown_command_and_near_one(cli: Cli) -> None:
    one_line(cli("exract"), "unknown command 'exract'", "did you mean 'extract'")


def test_missing_raw_folder(cli: Cli) -> None:
    result = cli("index", "--set", "raw=videos", "--set", "datasets={}", "--set", "experiments={}")
    one_line(result, "no raw folder videos", "create it")


def test_unknown_names(cli: Cli, tmp_path: Path) -> None:
    one_line(cli("weights", "vgg91", "--out", "w"), "unknown extractor 'vgg91'", "'vgg19'")
    one_line(cli("index", "--set", "experiments.x={model: hann}"), "unknown model 'hann'", "'han'")
    one_line(cli("index", "--set", "extractors.vgg={}"), "unknown extractor 'vgg'", "did you mean")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("decode: {shardsize: 3}", ["unknown key 'decode.shardsize'", "'shard_size'"]),
        ("decode: {shard_size: 0}", ["decode.shard_size = 0", "greater than or equal to 1"]),
        ("clips: {hop_seconds: 20}", ["clips.hop_seconds = 20", "at most clips.seconds = 10"]),
        ("extractors: {vggish: {frames_per_second: 2}}", ["vggish is an audio extractor and has"]),
        ("experiments: {han: {model: han, dataset: ave}}", ["dataset = 'ave'", "known: bundled"]),
        ("runtime: {device: gpu}", ["runtime.device = 'gpu'", "should match pattern"]),
        ("- a\n- b", ["is not a YAML mapping"]),
        ("a: [", ["cannot read"]),
    ],
)
def test_wrong_settings(cli: Cli, tmp_path: Path, text: str, parts: list[str]) -> None:
    (tmp_path / "config.yaml").write_text(text)
    one_line(cli("index"), *parts)


def test_files_that_are_no_videos(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    result = cli("decode", "notes.mp4", "--out", "frames.h5", "--status", "status.tsv")
    assert result.returncode == 0, result.stderr
    row = (tmp_path / "status.tsv").read_text().splitlines()[1]
    assert row.startswith("notes\tnotes\t0\t0.000\t0\t\tfailed\t")
    assert "notes.mp4 is no readable video" in row


def test_damaged_inputs(cli: Cli, tmp_path: Path, make_video: Callable[..., Path]) -> None:
    (tmp_path / "frames.h5").write_text("not HDF5")
    (tmp_path / "w.safetensors").write_text("not safetensors")
    words = ("extract", "vggish", make_video(), "--weights", "w.safetensors", "--out", "o.h5")
    one_line(cli(*words), "cannot read weights w.safetensors")
    one_line(cli("export", "frames.h5"), "cannot read frames.h5")
    one_line(cli("parse", make_video(), "--checkpoint", ".", "--out", "o"), "no checkpoint in .")
    one_line(cli("export", "frames.h5", "--format", "tvs"), "unknown format 'tvs'", "'tsv'")


def test_config_prints_what_it_reads(cli: Cli, tmp_path: Path) -> None:
    printed = cli("config").stdout
    (tmp_path / "config.yaml").write_text(printed)
    assert (
        cli(
            "index", "--set", "raw=nowhere", "--set", "datasets={}", "--set", "experiments={}"
        ).returncode
        == 2
    )
    assert cli("config").stdout == printed
