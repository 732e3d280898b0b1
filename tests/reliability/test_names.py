"""Names from strangers: ids, labels and paths are text, never a path out, a tag or a line."""

import ast
import csv
import json
import re
from pathlib import Path

import numpy as np
import pympi
import pytest
import webvtt
from conftest import ROOT

from avparse import datasets
from avparse.config.data import DatasetSettings
from avparse.core.clips import Clip, video_id
from avparse.datasets import videos
from avparse.formats import EXPORTS
from avparse.pipeline import manifest
from avparse.prediction.predictions import Predictions, read
from avparse.prediction.timeline import timelines

NAMES = [
    "../../x", "/etc/passwd", "a\nb", "a\tb", "<script>alert(1)</script>", "'\"`$(rm -rf ~)",
    "x" * 300, "日本 ü é", "\u202eabc", "-rf", ".", "CON", "a;b|c&d", "{x}%s%(y)s",
    "../../x\x00.mp4",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_ids_of_files_are_plain(name: str) -> None:
    made = video_id(f"{name}.mp4")
    assert 1 <= len(made) <= 120
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@-")
    assert not made.startswith(".")


def test_odd_file_names_get_ids_of_their_own(tmp_path: Path) -> None:
    odd = [
        "a b.mp4",
        "a_b.mp4",
        "ü.mp4",
        "é.mp4",
        "'q'.mp4",
        '"q".mp4',
        "-x.mp4",
        "x" * 240 + ".mp4",
    ]
    for name in odd:
        (tmp_path / name).touch()
    known = manifest.extend([], {}, videos.listing(tmp_path), str(tmp_path), 3)
    assert len({entry.video for entry in known}) == len(odd)
    assert {Path(entry.path).name for entry in known} == set(odd)


@pytest.mark.parametrize("name", [n for n in NAMES if not set(n) & set("\n\t\x00")])
def test_a_table_names_only_files_of_its_folder(tmp_path: Path, name: str) -> None:
    """What it names elsewhere is missing, though it may well be there."""
    (tmp_path / "x.mp4").touch()
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    (folder / "here.mp4").touch()
    rows = [
        f"{name}.mp4\t0\t1\tDog\tboth",
        f"{tmp_path}/x.mp4\t0\t1\tDog\tboth",
        "here.mp4\t0\t1\tDog\tboth",
    ]
    (folder / "labels.tsv").write_text("video\tonset\toffset\tlabel\tmodality\n" + "\n".join(rows))
    found = datasets.load(DatasetSettings(kind="folder", path=str(folder)))
    assert list(found.videos().values()) == [folder / "here.mp4"]
    there = [sample for sample in found.samples("parsing") if sample.video_id in found.videos()]
    assert len(there) == 1


def test_exports_hold_names_as_text(tmp_path: Path) -> None:
    names = [name for name in NAMES if "\x00" not in name]  # which HDF5 cannot hold
    clips = [Clip(f"{name}_0_2", name, 0, 2, 2) for name in names]
    arrays = {
        "segment_prob": np.ones((len(names), 1, 2, 2, 1)),
        "clip_prob": np.ones((len(names), 1, 1)),
    }
    label = "<b>Dog</b>\n\t'\""
    Predictions("e", "parsing", (label,), (0,), clips, arrays).write(tmp_path / "p.h5", {})
    predictions = read([tmp_path / "p.h5"])
    lines = timelines(predictions, 0.5)
    for name in EXPORTS.names():
        export = EXPORTS.create(name)
        export.write(lines, predictions, export.path(tmp_path / "out", "e"))
    assert {path.name for path in tmp_path.iterdir()} == {"p.h5", "out"}
    folders = {"sed_eval": 3, "webvtt": 3 * len(names), "audacity": 2 * len(names)}
    for name, count in {**folders, "elan": len(names)}.items():
        files = list((tmp_path / "out/e" / name).iterdir())
        assert len(files) == count
        assert all(re.fullmatch(r"[A-Za-z0-9._+@-]{1,140}", file.name) for file in files)
        assert not [file for file in files if file.name.startswith(".")]
    suffixes = ("tsv", "json", "via3.json", "label_studio.json", "activitynet.json")
    files = [f"e.{suffix}" for suffix in (*suffixes, "parquet", "h5")]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*files, "e"}
    told = json.loads((tmp_path / "out/e.json").read_text())
    assert sorted(video["video"] for video in told["videos"]) == sorted(names)
    with (tmp_path / "out/e.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 3 * len(names)
    assert {row["video"] for row in rows} == {
        " ".join(n.replace("\n", "\t").split("\t")) for n in names
    }
    labels = {
        cue.raw_text for file in (tmp_path / "out/e/webvtt").iterdir() for cue in webvtt.read(file)
    }
    assert labels == {"&lt;b&gt;Dog&lt;/b&gt; '\""}
    for file in (tmp_path / "out/e/elan").iterdir():
        [(_, _, read_back)] = pympi.Eaf(str(file)).get_annotation_data_for_tier("A")
        assert read_back == label


def test_nothing_is_unpickled() -> None:
    """No module imports what unpickles, and what could is told not to."""
    told_not_to = {"torch.load": "weights_only", "np.load": "allow_pickle"}
    calls = 0
    for path in sorted((ROOT / "avparse").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {a.name.split(".")[0] for a in node.names} | {getattr(node, "module", None)}
                assert not names & {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}, (
                    path
                )
            if isinstance(node, ast.Call) and (option := told_not_to.get(ast.unparse(node.func))):
                given = {
                    word.arg: ast.literal_eval(word.value)
                    for word in node.keywords
                    if word.arg == option
                }
                assert given == {option: option == "weights_only"}, (path, node.lineno)
                calls += 1
    assert calls >= 2
