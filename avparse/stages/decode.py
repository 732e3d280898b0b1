"""decode: videos to frames and sound, clip by clip, each video at its own risk."""

import glob
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from avparse.clips import Clip, cut
from avparse.config import Settings
from avparse.errors import MediaError
from avparse.files import write_tsv
from avparse.media.container import ffmpeg_versions, probe
from avparse.media.decode import ClipRequest, DecodedClip, decode_aside, discard, fetch
from avparse.media.resample import METHOD, RATE_HZ, to_16k
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
        "sound": {"rate_hz": RATE_HZ, **METHOD},
        "decoded_by": {**versions(), **ffmpeg_versions()},
    }
    rows: list[dict[str, object]] = []
    with (
        _scratch(out) as scratch,
        write_shard(out, made) as shard,
    ):
        clips = list(_cut(settings, videos, shard, rows))
        d, seconds = settings.decode, settings.clips.seconds
        outcomes = run_all(
            decode_aside,
            [
                ClipRequest(
                    videos[clip.video_id],
                    clip.start_s,
                    seconds,
                    tuple(views),
                    rest,
                    Path(scratch) / str(number),
                )
                for number, (clip, rest) in enumerate(clips)
            ],
            settings.runtime.decode_workers,
            d.timeout_s,
            d.memory_mb,
        )
        shown = track(outcomes, "decode", len(clips), "clips")
        for (clip, _), (request, outcome) in zip(clips, shown, strict=True):
            if isinstance(outcome, MediaError):
                _fail(clip, outcome, shard, rows)
            else:
                _keep(clip, fetch(outcome, request), seconds, shard, rows)
            discard(request)
    if status is not None:
        write_tsv(status, STATUS, rows)
    failed = sum(row["status"] == "failed" for row in rows)
    if failed:
        say(f"decode: {failed} of {len(rows)} clips failed")


def _scratch(out: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder beside the shard for frames on their way into it; what a killed run left goes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    for left in out.parent.glob(f".{glob.escape(out.stem)}-scratch-*"):
        shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}-scratch-")


def _cut(
    settings: Settings,
    videos: Mapping[str, Path],
    shard: ShardWriter,
    rows: list[dict[str, object]],
) -> Iterator[tuple[Clip, float]]:
    """Look at every file and cut it into clips, each with the rest that is no clip of its own."""
    d, c = settings.decode, settings.clips
    outcomes = run_all(
        probe, videos.values(), settings.runtime.decode_workers, d.timeout_s, d.memory_mb
    )
    for video, (_, info) in zip(videos, outcomes, strict=True):
        if isinstance(info, MediaError):
            _fail(Clip(video, video, 0.0, 0.0, 0), info, shard, rows)
        else:
            *others, last = cut(video, info.duration_s, c.seconds, c.hop_seconds)
            yield from ((clip, 0.0) for clip in others)
            yield last, max(0.0, info.duration_s - last.start_s - c.seconds)


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
    shard.append(
        kept,
        {
            "audio": to_16k(decoded, seconds),
            **{view.key: frames for view, frames in decoded.frames.items()},
        },
    )
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
