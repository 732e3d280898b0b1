import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from avparse.core.errors import DataError
from avparse.core.files import sha256_of
from avparse.datasets.official import FILES, Official, fetch, files


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address it is served at."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    (folder / "labels.csv").write_text("a\tb\n")
    wanted = Official("labels.csv", f"{address}/labels.csv", sha256_of(folder / "labels.csv"))
    assert fetch(wanted, tmp_path / "out")
    assert (tmp_path / "out/labels.csv").read_text() == "a\tb\n"
    (tmp_path / "out/labels.csv").write_text("mine\n")
    assert not fetch(wanted, tmp_path / "out")
    assert (tmp_path / "out/labels.csv").read_text() == "mine\n"


def test_another_file_is_refused_and_not_left(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    (folder / "labels.csv").write_text("changed\n")
    wanted = Official("labels.csv", f"{address}/labels.csv", "0" * 64)
    with pytest.raises(DataError, match=r"has changed \(sha256 differs\): put the original"):
        fetch(wanted, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("where", ["/gone.csv", ":1/refused.csv"])
def test_what_cannot_be_had_says_what_to_do(
    site: tuple[Path, str], tmp_path: Path, where: str
) -> None:
    _, address = site
    url = f"{address}{where}" if where.startswith("/") else f"http://127.0.0.1{where}"
    with pytest.raises(DataError, match=r"put labels\.csv into .* by hand"):
        fetch(Official("labels.csv", url, "0" * 64), tmp_path)
    assert not (tmp_path / "labels.csv").exists()


@pytest.mark.parametrize("kind", FILES)
def test_every_published_file_is_pinned(kind: str) -> None:
    for one in files(kind):
        assert len(one.sha256) == 64
        assert one.url.startswith("https://")
        assert one.url.endswith(f"/data/{one.name}")
    assert len({one.name for one in files(kind)}) == len(files(kind))


def test_other_kinds_have_none() -> None:
    with pytest.raises(DataError, match="no published annotations of 'folder'"):
        files("folder")
