"""yt-dlp's real downloader against a server on this machine."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from download_server import Web, damaged, half, padded, page, serving, stall, status, whole

from avparse.core.errors import DataError
from avparse.datasets.download.fetch import PARTIAL, Job, Manner, fetch, require
from avparse.datasets.download.outcome import Ended, Outcome
from avparse.datasets.download.wanted import Wanted
from avparse.media.container import probe


@pytest.fixture
def web(make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(padded(make_video(seconds=14, at=(6,)))) as web:
        yield web


def job(web: Web, out: Path, *pieces: Wanted, silence_s: float = 5, rate: int | None = None) -> Job:
    pieces = pieces or (Wanted("v", 2.5, 10, "v.mp4"),)
    return Job("v", pieces, out, Manner(web.url, rate=rate, silence_s=silence_s))


def left(out: Path) -> list[str]:
    """Whatever there is in the folder, by its path in it."""
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def went_on_from(web: Web) -> int:
    """The byte that the last request asked to begin at; yt-dlp drops a block that is not full."""
    return int((web.seen[-1][1] or "").removeprefix("bytes=").removesuffix("-"))


def test_a_video_is_fetched_and_cut(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole]
    out = tmp_path / "50% $HOME"
    assert fetch(job(web, out)) == Ended(Outcome.OK)
    assert left(out) == ["v.mp4"]
    assert probe(out / "v.mp4").duration_s == pytest.approx(10, abs=0.1)


def test_pieces_of_one_video_are_cut_from_one_download(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole]
    pieces = (Wanted("v", 0, 3, "a.mp4"), Wanted("v", 8.25, 10, "b.mp4"))
    assert fetch(job(web, tmp_path / "out", *pieces)) == Ended(Outcome.OK, "b.mp4 has 5.8 s of 10")
    assert left(tmp_path / "out") == ["a.mp4", "b.mp4"]
    assert len(web.seen) == 2


def test_what_was_cut_off_is_continued(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole, half, whole]
    assert fetch(job(web, tmp_path / "out")).outcome is Outcome.OK
    assert [asked is None for _, asked, _ in web.seen] == [True, True, False]
    assert 0 < went_on_from(web) <= len(web.content) / 2


def test_what_was_cut_off_again_and_again_is_continued_next_time(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole, half, half, whole]
    ended = fetch(job(web, tmp_path / "out"))
    assert ended.outcome is Outcome.NETWORK
    assert left(tmp_path / "out") == [f"{PARTIAL}/v/v.mp4.mp4.part"]
    assert fetch(job(web, tmp_path / "out")).outcome is Outcome.OK
    assert len(web.content) / 2 < went_on_from(web) <= len(web.content) * 3 / 4
    assert left(tmp_path / "out") == ["v.mp4"]


def test_silence_is_a_stall_and_keeps_what_came(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole, stall]
    ended = fetch(job(web, tmp_path / "out", silence_s=0.5))
    assert ended.outcome is Outcome.STALLED
    assert "timed out" in ended.note
    assert left(tmp_path / "out") == [f"{PARTIAL}/v/v.mp4.mp4.part"]
    web.answers["v"] = [whole]
    assert fetch(job(web, tmp_path / "out")).outcome is Outcome.OK
    assert went_on_from(web) > 0


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(403, "network"), (404, "gone"), (410, "gone"), (429, "throttled"), (503, "network")],
)
@pytest.mark.parametrize("later", [False, True], ids=["page", "file"])
def test_statuses_tell_outcomes(
    web: Web, tmp_path: Path, code: int, outcome: str, later: bool
) -> None:
    web.answers["v"] = [whole, status(code)] if later else [status(code)]
    ended = fetch(job(web, tmp_path / "out"))
    assert ended.outcome == outcome
    assert f"HTTP Error {code}" in ended.note
    assert not left(tmp_path / "out")


def test_no_server_is_a_matter_of_the_network(web: Web, tmp_path: Path) -> None:
    manner = Manner("http://127.0.0.1:1/{id}.mp4")
    ended = fetch(Job("v", (Wanted("v", 0, 10, "v.mp4"),), tmp_path, manner))
    assert ended.outcome is Outcome.NETWORK


def test_a_page_without_a_video(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [page]
    ended = fetch(job(web, tmp_path / "out"))
    assert ended.outcome is Outcome.OTHER
    assert "Unsupported URL" in ended.note


def test_a_damaged_video_leaves_nothing(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [damaged]
    ended = fetch(job(web, tmp_path / "out"))
    assert ended.outcome is Outcome.OTHER
    assert ended.note.startswith("v.mp4.mp4 is no readable video: ")
    assert not left(tmp_path / "out")


def test_a_piece_past_the_end(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole]
    ended = fetch(job(web, tmp_path / "out", Wanted("v", 30, 10, "v.mp4")))
    assert ended == Ended(Outcome.OTHER, "no pictures at 30 s of v.mp4.mp4: does it end before?")
    assert not left(tmp_path / "out")


def test_no_program_is_needed(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    web.answers["v"] = [whole]
    assert fetch(job(web, tmp_path / "out")) == Ended(Outcome.OK)


def test_the_rate_is_kept(web: Web, tmp_path: Path) -> None:
    web.answers["v"] = [whole]
    started = time.monotonic()
    assert fetch(job(web, tmp_path / "out", rate=200_000)).outcome is Outcome.OK
    assert time.monotonic() - started > 0.8 * len(web.content) / 200_000


def test_without_yt_dlp_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yt_dlp", None)
    with pytest.raises(DataError, match=r"yt-dlp is not installed: pip install -e '\.\[down"):
        require()
