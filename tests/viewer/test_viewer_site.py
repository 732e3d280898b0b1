"""The folder of the viewer: its files, and which are kept or deleted."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from viewer_films import CLASSES, HOSTILE, build, experiments, videos

from avparse.config.data import DatasetSettings
from avparse.config.settings import Settings, ViewerSettings
from avparse.datasets.videos import Entry
from avparse.viewer import site
from avparse.viewer.sources import url
from avparse.viewer.videos import of_run, unlabelled


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


def data_of(page: Path) -> dict[str, Any]:
    """The data of a page."""
    found = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text()
    )
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0])
    return data


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_video_has_a_page_and_a_row(built: Path) -> None:
    rows = data_of(built / "index.html")["videos"]
    assert [row["page"] for row in rows] == ["films/clip", "_/gone", "_/long", "_/odd", "_/old"]
    assert all((built / f"videos/{row['page']}.html").is_file() for row in rows)
    assert rows[0]["scores"] == dict.fromkeys(["han", "ma", "cmran", "avel"], 71.2)
    assert rows[3]["title"] == HOSTILE
    assert rows[3]["scores"] == {}
    assert {"Dog", CLASSES[1]} <= set(rows[2]["classes"])


def test_names_are_text(built: Path) -> None:
    """Names never open a tag, in text, attributes or data."""
    for page in (
        built / "index.html",
        built / "videos/_/odd.html",
        built / "videos/films/clip.html",
    ):
        text = page.read_text()
        assert "<script>" not in re.sub(r"<script src", "", text)
        assert "alert(1)</" not in text
        assert "<b>" not in text


def test_links_lead_to_files(built: Path) -> None:
    for page in sorted(built.rglob("*.html")):
        for link in re.findall(r'(?:src|href)="([^"]+)"', page.read_text()):
            target = (page.parent / unquote(link)).resolve()
            assert link == "data:," or target.is_file(), link


def test_the_same_bytes_again(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built.parent / "films", tmp_path / "films")
    site.write(Settings(), videos(tmp_path / "films"), experiments(), tmp_path / "viewer")
    assert files(built) == files(tmp_path / "viewer")


def test_unchanged_files_are_not_written_again(built: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(built.parent, work)
    shown = videos(work / "films")
    site.write(Settings(), shown, experiments(), work / "viewer")
    made = [*(work / "viewer/thumbnails").rglob("*.jpg"), *(work / "viewer/media").rglob("*.mp4")]
    before = {path: path.stat().st_mtime_ns for path in made}
    assert len(before) == 5
    site.write(Settings(), shown, experiments(), work / "viewer")
    assert {path: path.stat().st_mtime_ns for path in made} == before
    for name in ("clip.mp4", "old.avi"):
        os.utime(work / "films" / name, (1, 1))
    site.write(Settings(), shown, experiments(), work / "viewer")
    changed = {path.stem for path in made if path.stat().st_mtime_ns != before[path]}
    assert changed == {"clip", "old"}


def test_only_stale_files_are_deleted(built: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(built.parent, work)
    (work / "viewer/videos/_/mine.txt").write_text("keep me")
    (work / "outside.txt").write_text("keep me, too")
    listed = work / "viewer/files.json"
    listed.write_text(json.dumps([*json.loads(listed.read_text()), "../outside.txt"]))
    site.write(Settings(), videos(work / "films")[:1], experiments(), work / "viewer")
    left = {name for name in files(work / "viewer") if not name.startswith("assets/")}
    assert left == {
        "index.html", "files.json", "videos/films/clip.html", "videos/_/mine.txt",
        "thumbnails/films/clip.jpg", "thumbnails/films/clip.json",
    }  # fmt: skip
    assert (work / "outside.txt").exists()


def test_videos_can_be_copied_beside_the_pages(tmp_path: Path) -> None:
    copied = build(tmp_path, Settings(viewer=ViewerSettings(videos="copy")))
    for page in ("films/clip", "_/odd", "_/old", "_/long"):
        source = data_of(copied / f"videos/{page}.html")["source"]
        assert source.startswith("../../media/")
        assert (copied / "videos/_" / source).resolve().is_file()


def test_a_video_that_does_not_decode_has_a_page_without_it(tmp_path: Path) -> None:
    shown = videos(tmp_path / "films")
    (tmp_path / "films/clip.mp4").write_bytes(b"no video")
    site.write(Settings(), shown[:1], experiments(), tmp_path / "viewer")
    page = (tmp_path / "viewer/videos/films/clip.html").read_text()
    assert "is no readable video" in page
    assert data_of(tmp_path / "viewer/videos/films/clip.html")["thumbnails"] is None


@pytest.mark.parametrize("name", ["a b.mp4", "100%.mp4", "a#b?c.mp4", "ü 日本.mp4", "javascript:x"])
def test_addresses_are_relative_and_encoded(tmp_path: Path, name: str) -> None:
    made = url(tmp_path / "data" / name, tmp_path / "viewer/videos/_")
    assert re.fullmatch(r"[A-Za-z0-9%/._-]+", made)
    assert unquote(made) == f"../../../data/{name}"


def test_videos_of_a_run(tmp_path: Path) -> None:
    rows = "a.mp4\t0\t2\tDog\tboth\ttest\nb.mp4\t\t\tDog\t\ttest\nc.mp4\t0\t1\tDog\tboth\ttrain\n"
    (tmp_path / "labels.tsv").write_text("video\tonset\toffset\tlabel\tmodality\tsplit\n" + rows)
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (tmp_path / name).touch()
    settings = Settings(
        datasets={"mine": DatasetSettings(kind="folder", path=str(tmp_path), synth=None)}
    )
    entries = [Entry(v, f"{tmp_path}/{v}.mp4", "mine", "00000") for v in "abc"]
    entries.append(Entry("new", "raw/new.mp4", "", "00001"))
    found = of_run(settings, entries)
    assert [one.page for one in found] == ["mine/a", "mine/b", "_/new"]
    kinds = [(e.modality.value, e.onset_s, e.offset_s) for e in found[0].truth["parsing"]]
    assert kinds == [("audio", 0, 2), ("audio_visual", 0, 2), ("visual", 0, 2)]
    assert [e.modality.value for e in found[0].truth["localization"]] == ["audio_visual"]
    assert found[1].truth == {}
    assert found[1].labels == ("Dog",)
    both = settings.model_copy(update={"viewer": ViewerSettings(splits=["train", "test"])})
    assert [one.split for one in of_run(both, entries)] == ["test", "test", "train", ""]


def test_pages_of_names_that_no_file_can_have(tmp_path: Path) -> None:
    names = ["../../x", "/etc/passwd", "<script>", "x" * 300, "a/b", "a_b", "a__b", "."]
    pages = [one.page for one in unlabelled({name: Path("x.mp4") for name in names})]
    assert len(set(pages)) == len(names)
    assert all(re.fullmatch(r"_/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]{0,119}", page) for page in pages)
