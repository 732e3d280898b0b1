"""A shared of features that checkouts share: what one made, another takes, under its own ids."""

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import STATUS
from avparse.features.reader import ARRAY
from avparse.stages import decode, extract


def settings(shared: Path | None, **clips: int) -> Settings:
    return Settings.model_validate(
        {
            "clips": {"seconds": 2, "hop_seconds": 2, **clips},
            "extractors": {"vggish": {}},
            "features": {"cache": shared and str(shared)},
        }
    )


class Checkout:
    """A folder in which one shard is decoded and extracted."""

    def __init__(self, folder: Path, weights: Path, shared: Path | None) -> None:
        self.folder, self.weights = folder, weights
        self.settings = settings(shared)

    def run(self, **videos: Path) -> Path:
        self.folder.mkdir(exist_ok=True)
        frames, out = self.folder / "frames.h5", self.folder / "vggish.h5"
        status = self.folder / "status.tsv"
        decode.run(self.settings, videos, [], frames, status, ["vggish"])
        extract.run(self.settings, "vggish", videos, frames, self.weights, out)
        assert not frames.exists()
        return out


def entries(shared: Path, name: str) -> list[Path]:
    return sorted(shared.glob(f"{name}-*/*/*.h5"))


@pytest.fixture
def videos(make_video: Callable[..., Path], tmp_path: Path) -> dict[str, Path]:
    made = {
        name: make_video(f"{name}.mp4", seconds=seconds, at=(at,))
        for name, seconds, at in (("long", 5, 3), ("short", 2, 1))
    }
    (tmp_path / "text.mp4").write_text("no video")
    return {**made, "text": tmp_path / "text.mp4"}


@pytest.fixture
def weights(random_weights: Callable[[str], Path]) -> Path:
    return random_weights("vggish")


def test_features_are_the_same_with_and_without(
    videos: dict[str, Path], weights: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    plain = Checkout(tmp_path / "a", weights, None).run(**videos)
    first = Checkout(tmp_path / "b", weights, shared).run(**videos)
    assert len(entries(shared, "decode")) == len(entries(shared, "extract-vggish")) == 2
    second = Checkout(tmp_path / "c", weights, shared).run(**videos)
    assert plain.read_bytes() == first.read_bytes() == second.read_bytes()
    tables = [(tmp_path / name / "status.tsv").read_text() for name in "abc"]
    assert tables[0] == tables[1] == tables[2]


def test_another_checkout_takes_them_under_its_own_ids(
    videos: dict[str, Path], weights: Path, tmp_path: Path
) -> None:
    """The features in the shared are marked, to tell them from new ones."""
    shared = tmp_path / "shared"
    Checkout(tmp_path / "a", weights, shared).run(long=videos["long"])
    (entry,) = entries(shared, "extract-vggish")
    with h5py.File(entry, "a") as file:
        file[ARRAY][...] = 7
    moved = Path(shutil.copy(videos["long"], tmp_path / "elsewhere.mp4"))
    out = Checkout(tmp_path / "b", weights, shared).run(x_y=videos["short"], other=moved)
    with Shard(out) as shard:
        ids = [clip.clip_id for clip in shard.clips]
        marked = [bool((row == 7).all()) for row in shard.array(ARRAY)]
    assert ids == ["x_y_0_2", "other_0_2", "other_2_4", "other_4_6"]
    assert marked == [False, True, True, True]
    rows = read_tsv(tmp_path / "b/status.tsv", STATUS)
    assert [row["clip"] for row in rows] == ids


def test_what_was_made_otherwise_is_not_taken(
    videos: dict[str, Path], weights: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    Checkout(tmp_path / "a", weights, shared).run(long=videos["long"])
    other = Checkout(tmp_path / "b", weights, shared)
    other.settings = settings(shared, hop_seconds=1)
    other.run(long=videos["long"])
    assert len(entries(shared, "extract-vggish")) == 2
    changed = np.frombuffer(videos["long"].read_bytes(), np.uint8).copy()
    changed[-1] ^= 1  # of the same length and date
    videos["long"].write_bytes(changed.tobytes())
    Checkout(tmp_path / "c", weights, shared).run(long=videos["long"])
    assert len(entries(shared, "extract-vggish")) == 3


def test_a_damaged_file_of_the_store_is_made_again(
    videos: dict[str, Path], weights: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    first = Checkout(tmp_path / "a", weights, shared).run(long=videos["long"])
    for entry in (*entries(shared, "decode"), *entries(shared, "extract-vggish")):
        entry.write_bytes(entry.read_bytes()[:500])
    second = Checkout(tmp_path / "b", weights, shared).run(long=videos["long"])
    assert first.read_bytes() == second.read_bytes()


def test_a_store_that_may_not_be_written_is_said_and_left(
    videos: dict[str, Path],
    weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shared = tmp_path / "shared"
    shared.write_text("a file where a folder should be")
    plain = Checkout(tmp_path / "a", weights, None).run(**videos)
    found = Checkout(tmp_path / "b", weights, shared).run(**videos)
    assert plain.read_bytes() == found.read_bytes()
    assert "features.cache: cannot write to" in capsys.readouterr().err
