"""decode: videos to frames and sound, clip by clip, each video at its own risk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from avparse.clips import Clip, cut
from avparse.config import Settings
from avparse.errors import MediaError
from avparse.files import write_tsv
from avparse.media.container import ffmpeg_versions, probe
from avparse.media.decode import ClipRequest, DecodedClip, decode_clip
from avparse.media.resample import to_16k
from avparse.media.sandbox import run_all
from avparse.media.views import View
from avparse.progress import say, track
from avparse.provenance import versions
from avparse.store import ShardWriter, write_shard
from avparse.tables import STATUS


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
    made = {
        "stage": "decode",
        "views": [view.key for view in views],
        "versions": {**versions(), **ffmpeg_versions()},
    }
    rows: list[dict[str, object]] = []
    with write_shard(out, made) as shard:
        clips = list(_cut(settings, videos, shard, rows))
        d = settings.decode
        outcomes = run_all(
            decode_clip,
            [
                ClipRequest(videos[c.video_id], c.start_s, settings.clips.seconds, tuple(views))
                for c in clips
            ],
            settings.runtime.decode_workers,
            d.timeout_s,
            d.memory_mb,
        )
        shown = track(outcomes, "decode", len(clips), "clips")
        for clip, (request, outcome) in zip(clips, shown, strict=True):
            if isinstance(outcome, MediaError):
                _fail(clip, outcome, shard, rows)
            else:
                _keep(clip, outcome, request.seconds, shard, rows)
    if status is not None:
        write_tsv(status, STATUS, rows)
    failed = sum(row["status"] == "failed" for row in rows)
    if failed:
        say(f"decode: {failed} of {len(rows)} clips failed")


def _cut(
    settings: Settings,
    videos: Mapping[str, Path],
    shard: ShardWriter,
    rows: list[dict[str, object]],
) -> Iterator[Clip]:
    """Look at every file and cut it into clips."""
    d, c = settings.decode, settings.clips
    outcomes = run_all(
        probe, videos.values(), settings.runtime.decode_workers, d.timeout_s, d.memory_mb
    )
    for video, (_, info) in zip(videos, outcomes, strict=True):
        if isinstance(info, MediaError):
            _fail(Clip(video, video, 0.0, 0.0, 0), info, shard, rows)
        else:
            yield from cut(video, info.duration_s, c.seconds, c.hop_seconds)


def _keep(
    clip: Clip,
    decoded: DecodedClip,
    seconds: int,
    shard: ShardWriter,
    rows: list[dict[str, object]],
) -> None:
    """Store a decoded clip, as long as the file really was."""
    real = cut(clip.video_id, decoded.covered_s, seconds, seconds)[0]
    kept = replace(
        clip,
        duration_s=min(clip.duration_s, decoded.covered_s),
        num_segments=min(clip.num_segments, real.num_segments),
        note=decoded.note,
    )
    shard.append(kept, {"audio": to_16k(decoded, seconds), **decoded.frames})
    rows.append(_row(kept, "ok"))


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
