"""Whatever is dropped in as a video: rows for each, within every bound, and the run goes on."""

import re
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest
from bad_media import Specimen, specimens
from watch import Watch, memory_mb, spawned

from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import STATUS
from avparse.media.views import View
from avparse.stages import decode

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.filterwarnings("error::RuntimeWarning"),
]

SECONDS, WORKERS, TIMEOUT_S, MEMORY_MB = 2, 2, 10.0, 2000
GRACE_S = 5.0
"""Between the time limit and the end of the process."""

VIEWS = (View(2, 16), View(8, 24, 32, "bicubic", "llp", jpeg=True), View(4, 16, sampling="ave"))
SETTINGS = Settings.model_validate(
    {
        "clips": {"seconds": SECONDS, "hop_seconds": SECONDS},
        "decode": {"timeout_s": TIMEOUT_S, "memory_mb": MEMORY_MB},
        "runtime": {"decode_workers": WORKERS},
    }
)
DAMAGED = 2000
SHARD = 64


@dataclass
class Tally:
    """What came of many files."""

    files: int = 0
    whole: int = 0
    clips: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    space_mb: float = 0.0
    resident_mb: float = 0.0

    def __str__(self) -> str:
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        lines = [
            f"{self.files} files, {self.whole} of them with a clip",
            f"clips: {dict(self.clips)}",
            f"slowest: {self.slowest[0]:.1f} s a clip ({self.slowest[1]})",
            f"a child's memory: {self.resident_mb:.0f} MB, {self.space_mb:.0f} MB address space",
            f"any child's memory: {children:.0f} MB",
            *(f"{count:6d} {reason}" for reason, count in self.reasons.most_common()),
        ]
        return "\n".join(lines)


def put(chosen: Sequence[Specimen], folder: Path) -> dict[str, Path]:
    """Make the files, each in a folder of its own: many have the same name."""
    videos = {f"{number:04d}": folder / str(number) / one.name for number, one in enumerate(chosen)}
    for path, specimen in zip(videos.values(), chosen, strict=True):
        path.parent.mkdir(parents=True)
        specimen.put(path)
    return videos


def check(videos: dict[str, Path], media: Path, folder: Path, tally: Tally) -> None:
    """Decode the files as one shard, and hold what comes of it against every law."""
    shard, status = folder / "frames.h5", folder / "status.tsv"
    with Watch(media, MEMORY_MB) as seen:
        decode.run(SETTINGS, videos, VIEWS, shard, status)
    assert not spawned(), "a decoding process is left"
    assert {path.name for path in folder.iterdir()} == {shard.name, status.name}
    assert not list(Path.cwd().glob("core*"))
    assert seen.children <= WORKERS
    assert seen.space_mb <= MEMORY_MB
    assert not seen.unbounded

    rows = read_tsv(status, STATUS)
    clips = Counter(row["video"] for row in rows)
    assert set(clips) == set(videos)
    assert {row["status"] for row in rows} <= {"ok", "failed"}
    for row in rows:
        assert row["status"] == "ok" or row["note"].strip()
    # One row stands for all the clips after an end, thousands where a file declares hours.
    ended = {row["video"] for row in rows if "or after" in row["note"]}
    for video, path in videos.items():
        if video in ended:
            continue
        took = seen.open_s.get(str(path), 0.0)
        assert took <= (1 + clips[video]) * (TIMEOUT_S + GRACE_S), path  # one look, then the clips
        tally.slowest = max(tally.slowest, (took / clips[video], path.name))
    _check_arrays(shard, [row for row in rows if row["status"] == "ok"])

    tally.files += len(videos)
    tally.whole += len({row["video"] for row in rows if row["status"] == "ok"})
    tally.clips.update(row["status"] for row in rows)
    failed = [row for row in rows if row["status"] == "failed"]
    tally.reasons.update(_kind(row["note"], videos[row["video"]]) for row in failed)
    tally.space_mb = max(tally.space_mb, seen.space_mb)
    tally.resident_mb = max(tally.resident_mb, seen.resident_mb)


def _check_arrays(path: Path, rows: list[dict[str, str]]) -> None:
    """The shard holds what the status table calls ok, in the shape that later stages expect."""
    with Shard(path) as shard:
        assert [clip.clip_id for clip in shard.clips] == [row["clip"] for row in rows]
        assert all("\n" not in reason for _, reason in shard.failed)
        for clip in shard.clips:
            assert 0 < clip.duration_s <= SECONDS
            assert 1 <= clip.num_segments <= SECONDS
        if rows:
            audio = shard.array("audio")
            assert (audio.shape, audio.dtype) == ((len(rows), SECONDS * 16000), np.int16)
            for view in VIEWS:
                frames = shard.array(view.key)
                assert (frames.shape, frames.dtype) == ((len(rows), *view.shape(SECONDS)), np.uint8)


def _kind(reason: str, path: Path) -> str:
    """A reason without what is the file's own."""
    name = " ".join(str(path).encode("utf-8", "backslashreplace").decode().split())
    return re.sub(r"\d+(\.\d+)?(e[+-]\d+)?", "N", " ".join(reason.split()).replace(name, "FILE"))


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def test_a_sample_of_bad_media(tmp_path: Path) -> None:
    """Some of everything; the same files again give the same rows."""
    chosen = Random(0).sample(list(specimens(_fresh(tmp_path / "whole"), DAMAGED)), 60)
    videos = put(chosen, tmp_path / "media")
    check(videos, tmp_path / "media", _fresh(tmp_path / "out"), Tally())
    again = dict(Random(1).sample(sorted(videos.items()), 15))
    check(again, tmp_path / "media", _fresh(tmp_path / "again"), Tally())
    first, second = (_rows(tmp_path / folder, again) for folder in ("out", "again"))
    assert first == second


def _rows(folder: Path, videos: Collection[str]) -> list[dict[str, str]]:
    rows = read_tsv(folder / "status.tsv", STATUS)
    return sorted((row for row in rows if row["video"] in videos), key=lambda row: row["clip"])


@pytest.mark.soak
def test_all_bad_media(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything, shard by shard; this process does not grow with the number of files."""
    chosen = list(specimens(_fresh(tmp_path / "whole"), DAMAGED))
    tally, sizes = Tally(), []
    started = time.monotonic()
    for first in range(0, len(chosen), SHARD):
        media, out = _fresh(tmp_path / "media"), _fresh(tmp_path / "out")
        check(put(chosen[first : first + SHARD], media), media, out, tally)
        sizes.append(memory_mb("self", "VmRSS"))
    with capsys.disabled():
        print(f"\n{tally}\n{time.monotonic() - started:.0f} s; this process,")
        print(f"by shard, MB: {' '.join(f'{size:.0f}' for size in sizes)}")
    assert max(sizes) - max(sizes[:5]) < 50
