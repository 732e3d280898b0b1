"""Many videos, in child processes as a user runs them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Cli
from download_server import Web, padded, serving, stall, status, whole

from avparse.core.errors import ConfigError
from avparse.datasets.download import outcome, wanted
from avparse.datasets.download.fetch import PARTIAL, Manner
from avparse.datasets.download.outcome import Ended, Outcome
from avparse.datasets.download.queue import download
from avparse.datasets.download.schedule import Patience
from avparse.datasets.download.wanted import Wanted


@pytest.fixture
def web(make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(padded(make_video(seconds=4))) as web:
        yield web


class Folder:
    """Where results and their table go."""

    def __init__(self, path: Path, web: Web) -> None:
        self.out, self.table, self._web = path / "out", path / "table.tsv", web

    def fetch(
        self, ids: str, retry: bool = False, pause_s: float = 0, **patience: float
    ) -> dict[str, str]:
        """Fetch the ids, one a letter; returns their outcomes as the table has them."""
        pieces = [Wanted(one, 1, 2, f"{one}.mp4") for one in ids]
        manner = Manner(self._web.url, pause_s=pause_s, silence_s=20)
        settings = Patience(**{"workers": 2, "backoff_s": 0.1, **patience})  # type: ignore[arg-type]
        found = download(pieces, self.out, self.table, manner, settings, retry)
        table = outcome.read(self.table)
        assert list(table) == sorted(table)
        assert {one: table[one] for one in ids} == found
        return {one: table[one].outcome.value for one in ids}

    def files(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def folder(tmp_path: Path, web: Web) -> Folder:
    return Folder(tmp_path, web)


def test_every_video_gets_a_row_and_the_next_run_goes_on(folder: Folder, web: Web) -> None:
    web.answers = {"b": [whole], "a": [whole], "f": [status(503)]}
    found = folder.fetch("bgaf", retries=1)
    assert found == {"a": "ok", "b": "ok", "g": "gone", "f": "network"}
    assert folder.files() == ["a.mp4", "b.mp4"]
    assert sorted(web.asked()) == ["a", "a", "b", "b", "f", "f", "g"]

    web.seen.clear()
    web.answers = {"f": [whole], "g": [whole]}
    (folder.out / "a.mp4").unlink()
    web.answers["a"] = [whole]
    assert folder.fetch("bgaf") == {"a": "ok", "b": "ok", "g": "gone", "f": "ok"}
    assert sorted(web.asked()) == ["a", "a", "f", "f"]

    web.seen.clear()
    assert folder.fetch("g", retry=True) == {"g": "ok"}
    assert list(outcome.read(folder.table)) == ["a", "b", "f", "g"]
    assert folder.files() == ["a.mp4", "b.mp4", "f.mp4", "g.mp4"]


def test_a_refusal_holds_all_back(folder: Folder, web: Web) -> None:
    web.answers = {"a": [status(429), status(429), whole], "b": [whole]}
    assert folder.fetch("ab", workers=1, backoff_s=0.6) == {"a": "ok", "b": "ok"}
    assert web.asked()[0] == "a"
    assert web.seen[1][2] - web.seen[0][2] > 0.6
    refused = [at for one, _, at in web.seen if one == "a"][:3]
    assert refused[2] - refused[1] > 1.2


def test_a_server_that_refuses_all_is_left_alone(folder: Folder, web: Web) -> None:
    web.answers = {one: [status(429)] for one in "abcdefghijkl"}
    found = folder.fetch("abcdefghijkl", retries=0)
    assert set(found.values()) == {"throttled"}
    assert len(web.seen) <= 7
    assert not folder.files()


def test_a_pause_lies_between_two_beginnings(folder: Folder, web: Web) -> None:
    web.answers = {one: [status(404)] for one in "abc"}
    folder.fetch("abc", pause_s=0.5, workers=1)
    # The first comes late: its worker loads.
    assert web.seen[2][2] - web.seen[1][2] > 0.4


def test_a_try_that_takes_too_long_is_stopped_and_continued(folder: Folder, web: Web) -> None:
    web.answers = {"a": [whole, stall, whole]}
    assert folder.fetch("a", workers=1, limit_s=3, retries=1) == {"a": "ok"}
    assert (web.seen[-1][1] or "").startswith("bytes=")
    assert folder.files() == ["a.mp4"]


def test_nothing_wanted_leaves_an_empty_table(folder: Folder) -> None:
    assert folder.fetch("") == {}
    assert folder.table.read_text() == "video\toutcome\tnote\n"


def test_an_address_must_say_where_the_id_goes(folder: Folder) -> None:
    with pytest.raises(ConfigError, match=r"has no \{id\}: write \{id\} in place"):
        download([], folder.out, folder.table, Manner("http://127.0.0.1/"))


def test_the_command(cli: Cli, web: Web, tmp_path: Path) -> None:
    web.answers = {"-a": [whole]}
    pieces = [Wanted("-a", 1.5, 2, "-a.mp4"), Wanted("b", 0, 2, "b.mp4")]
    wanted.write(tmp_path / "wanted.tsv", pieces)
    words = ("download", "wanted.tsv", "--out", "out", "--table", "t.tsv")
    done = cli(*words, "--url", web.url, "--pause", 0)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "download: 1 ok, 1 gone; see t.tsv"
    assert outcome.read(tmp_path / "t.tsv")["-a"] == Ended(Outcome.OK)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["-a.mp4"]


def test_the_command_refuses_a_hostile_row(cli: Cli, web: Web, tmp_path: Path) -> None:
    (tmp_path / "wanted.tsv").write_text("video\tstart_s\tseconds\tfile\nx\t0\t10\t../x.mp4\n")
    words = ("download", "wanted.tsv", "--out", "out", "--table", "t.tsv", "--url", web.url)
    done = cli(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("avparse: row 2 of wanted.tsv: invalid file name '../x.mp4'")
    assert not (tmp_path / "out").exists()
    assert not web.seen


def test_help_has_an_example(cli: Cli) -> None:
    assert "avparse download wanted.tsv --out" in cli("download", "--help").stdout


def test_an_interrupt_keeps_what_came(web: Web, tmp_path: Path) -> None:
    web.answers = {"a": [status(404)], "b": [whole, stall]}
    wanted.write(tmp_path / "wanted.tsv", [Wanted(one, 0, 2, f"{one}.mp4") for one in "ab"])
    command = [sys.executable, "-m", "avparse", "download", "wanted.tsv", "--out", "out"]
    command += ["--table", "t.tsv", "--url", web.url, "--pause", "0", "--workers", "1"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have interrupts ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        deadline = time.monotonic() + 20
        while len(web.seen) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(running.pid, signal.SIGINT)
        try:
            _, told = running.communicate(timeout=20)
        finally:
            running.kill()
    assert running.returncode == 130, told
    assert outcome.read(tmp_path / "t.tsv")["a"].outcome is Outcome.GONE
    assert list((tmp_path / "out" / PARTIAL / "b").iterdir())
