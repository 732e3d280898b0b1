"""decode: videos to frames and sound, clip by clip, each video at its own risk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from avparse.clips import Clip, cut
from avparse.config import Settings
from avparse.errors import MediaError
from avparse.files import write_tsv
from avparse.media.container import MediaInfo, probe
from avparse.media.decode import DecodedClip, decode_clip
from avparse.media.resample import to_16k
from avparse.media.sandbox import run_all
from avparse.media.views import View
from avparse.progress import say, track
from avparse.provenance import versions
from avparse.store import ShardWriter, write_shard

STATUS = ("clip", "video", "start_s", "duration_s", "num_segments", "status", "note")
"""Columns of the status table: a row for every clip, failed ones too."""


@dataclass(frozen=True)
class Job:
    """One clip to decode."""

    path: Path
    clip: Clip
    seconds: int
    views: tuple[View, ...]


def run(
    settings: Settings,
    videos: Mapping[str, Path],
    views: Sequence[View],
    out: Path,
    status: Path | None = None,
) -> None:
    """Decode videos into one shard.

    Args:
        videos: id -> file.
        views: what to make of the frames.
        out: the shard: ``audio`` (N, seconds * 16000) int16 and a (N, F, size, size, 3) uint8
            array for each view.
        status: a table with a row for each clip.
    """
    made = {"stage": "decode", "views": [view.key for view in views], "versions": versions()}
    rows: list[dict[str, object]] = []
    with write_shard(out, made) as shard:
        jobs = list(_plan(settings, videos, views, shard, rows))
        outcomes = _sandboxed(settings, jobs)
        for job, outcome in track(outcomes, "decode", len(jobs), "clips"):
            _settle(job, outcome, shard, rows)
    if status is not None:
        write_tsv(status, STATUS, rows)
    failed = sum(row["status"] == "failed" for row in rows)
    if failed:
        say(f"decode: {failed} of {len(rows)} clips failed")


def _plan(
    settings: Settings,
    videos: Mapping[str, Path],
    views: Sequence[View],
    shard: ShardWriter,
    rows: list[dict[str, object]],
) -> Iterator[Job]:
    """Look at every file and cut it into clips."""
    d, c = settings.decode, settings.clips
    workers = settings.runtime.decode_workers
    ids = {path: video for video, path in videos.items()}
    for path, info in run_all(probe, videos.values(), workers, d.timeout_s, d.memory_mb):
        video = ids[path]
        if isinstance(info, MediaError):
            _fail(Clip(video, video, 0.0, 0.0, 0), info, shard, rows)
            continue
        assert isinstance(info, MediaInfo)
        for clip in cut(video, info.duration_s, c.seconds, c.hop_seconds):
            yield Job(path, clip, c.seconds, tuple(views))


def _sandboxed(
    settings: Settings, jobs: Iterable[Job]
) -> Iterator[tuple[Job, DecodedClip | MediaError]]:
    d = settings.decode
    return run_all(_decode, jobs, settings.runtime.decode_workers, d.timeout_s, d.memory_mb)


def _decode(job: Job) -> DecodedClip:
    return decode_clip(job.path, job.clip.start_s, job.seconds, job.views)


def _settle(
    job: Job, outcome: DecodedClip | MediaError, shard: ShardWriter, rows: list[dict[str, object]]
) -> None:
    """Store a decoded clip, or the reason why there is none."""
    if isinstance(outcome, MediaError):
        _fail(job.clip, outcome, shard, rows)
        return
    real = cut(job.clip.video_id, outcome.covered_s, job.seconds, job.seconds)[0]
    clip = Clip(
        job.clip.clip_id,
        job.clip.video_id,
        job.clip.start_s,
        min(job.clip.duration_s, outcome.covered_s),
        min(job.clip.num_segments, real.num_segments),
        outcome.note,
    )
    shard.append(clip, {"audio": to_16k(outcome, job.seconds), **outcome.frames})
    rows.append(_row(clip, "ok"))


def _fail(clip: Clip, error: MediaError, shard: ShardWriter, rows: list[dict[str, object]]) -> None:
    shard.fail(clip.clip_id, str(error))
    rows.append({**_row(clip, "failed"), "note": str(error)})


def _row(clip: Clip, status: str) -> dict[str, object]:
    cells = asdict(clip)
    return {
        **cells,
        "clip": clip.clip_id,
        "video": clip.video_id,
        "start_s": f"{clip.start_s:g}",
        "duration_s": f"{clip.duration_s:.3f}",
        "status": status,
    }
