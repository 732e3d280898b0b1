"""Videos to frames and sound, clip by clip, each video at its own risk."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from avparse.config.section import plain
from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.errors import MediaError
from avparse.core.files import scratch_beside
from avparse.core.hdf5 import ShardWriter, write_shard
from avparse.core.progress import track
from avparse.core.provenance import libraries, source_digest
from avparse.media.container import ffmpeg_versions, probe
from avparse.media.decode import DecodedClip, Stretch, decode_stretch, nothing_at
from avparse.media.frame_cache import fingerprints
from avparse.media.resample import METHOD, RATE_HZ, to_16k
from avparse.media.sandbox import run_all, run_steps
from avparse.media.spans import ClipSpan, split
from avparse.media.views import View

Row = dict[str, object]
"""Of the status table: one clip."""


def decode(
    settings: Settings, videos: Mapping[str, Path], views: Sequence[View], out: Path
) -> list[Row]:
    """Decode videos into one shard.

    Args:
        videos: id -> file.
        views: what to make of the frames.
        out: the shard: ``audio`` (N, seconds * 16000) int16 and a (N, F, size, size, 3) uint8
            array for each view.
    Returns:
        A row for each clip; those of a video in the order of time.
    """
    made = {
        "stage": "decode",
        "videos": fingerprints(videos),
        "views": [view.key for view in views],
        **way(settings),
    }
    d = settings.decode
    with scratch_beside(out) as scratch, write_shard(out, made) as shard:
        record = _Record(shard, settings.clips.seconds)
        stretches: list[Stretch] = []
        clips_of: dict[Path, list[Clip]] = {}
        for path, windows, clips in _stretches(settings, videos, record):
            stretches.append(Stretch(path, windows, tuple(views), scratch / str(len(stretches))))
            clips_of[stretches[-1].scratch] = clips
        outcomes = run_steps(
            decode_stretch, stretches, settings.runtime.decode_workers, d.timeout_s, d.memory_mb
        )
        total = sum(map(len, clips_of.values()))
        for stretch, step, error in track(outcomes, "decode", total, "clips"):
            clip, path = clips_of[stretch.scratch][step], stretch.path
            if error is not None:
                record.failed(clip, error)
            elif (decoded := stretch.fetch(step)) is None:
                record.nothing(clip, path)
            else:
                record.decoded(clip, decoded)
            stretch.discard(step)
        record.close()
    return record.rows


def decoder() -> dict[str, Any]:
    """What decodes: versions, and how sound is resampled."""
    return {
        "sound": {"rate_hz": RATE_HZ, **METHOD},
        "decoded_by": {**libraries(), **ffmpeg_versions()},
    }


def way(settings: Settings) -> dict[str, Any]:
    """All that decoded clips depend on, beside the video and the views."""
    code = source_digest("avparse.media.shards")
    return {"clips": plain(settings.clips), "code": code, **decoder()}


def _stretches(
    settings: Settings, videos: Mapping[str, Path], record: "_Record"
) -> Iterator[tuple[Path, tuple[ClipSpan, ...], list[Clip]]]:
    """Look at every file and cut it into clips, a few minutes of them at a time."""
    d, c = settings.decode, settings.clips
    outcomes = run_all(
        probe, videos.values(), settings.runtime.decode_workers, d.timeout_s, d.memory_mb
    )
    for video, (path, info) in zip(videos, outcomes, strict=True):
        if isinstance(info, MediaError):
            record.failed(Clip(video, video, 0.0, 0.0, 0), info)
            continue
        clips = split(video, info.duration_s, c.seconds, c.hop_seconds)
        windows = [ClipSpan(clip.start_s, c.seconds) for clip in clips]
        windows[-1] = replace(windows[-1], rest_s=max(0.0, info.duration_s - windows[-1].end_s))
        count = max(1, math.ceil(info.stretch_s / c.hop_seconds))
        for first in range(0, len(clips), count):
            some = slice(first, first + count)
            yield path, tuple(windows[some]), clips[some]


class _Record:
    """Writes clips to a shard, and what became of each to a table."""

    def __init__(self, shard: ShardWriter, seconds: int) -> None:
        self.rows: list[Row] = []
        self._shard = shard
        self._seconds = seconds
        self._gone: list[tuple[Clip, Path]] = []

    def decoded(self, clip: Clip, decoded: DecodedClip) -> None:
        """Keep a clip, as long as the file really was."""
        self._settle(clip)
        real = split(clip.video_id, decoded.covered_s, self._seconds, self._seconds)[0]
        kept = replace(
            clip,
            duration_s=min(clip.duration_s, decoded.covered_s),
            num_segments=min(clip.num_segments, real.num_segments),
            missing=decoded.missing,
            note=decoded.note,
        )
        audio = to_16k(decoded, self._seconds)
        frames = {view.key: frames for view, frames in decoded.frames.items()}
        self._shard.append(kept, {"audio": audio, **frames})
        self.rows.append(status_row(kept, "ok"))

    def failed(self, clip: Clip, error: MediaError) -> None:
        """Note why a clip has no row in the shard."""
        self._settle(clip)
        self._fail(clip, str(error))

    def nothing(self, clip: Clip, path: Path) -> None:
        """The file has nothing of a clip; if nothing follows either, one row tells."""
        if self._gone and self._gone[0][0].video_id != clip.video_id:
            self.close()
        self._gone.append((clip, path))

    def close(self) -> None:
        """Tell where the last video ends, if it ends too soon."""
        if self._gone:
            clip, path = self._gone[0]
            self._fail(clip, f"{nothing_at(path, clip.start_s)} or after: is the file truncated?")
            self._gone.clear()

    def _settle(self, clip: Clip) -> None:
        """Tell what was lacking before a clip: the end of another video, or a gap in this one."""
        if self._gone and self._gone[0][0].video_id == clip.video_id:
            for gone, path in self._gone:
                self._fail(gone, f"{nothing_at(path, gone.start_s)}, but later")
            self._gone.clear()
        self.close()

    def _fail(self, clip: Clip, reason: str) -> None:
        self._shard.fail(clip.clip_id, reason)
        self.rows.append({**status_row(clip, "failed"), "note": reason})


def status_row(clip: Clip, status: str) -> Row:
    """A clip as a row of the status table."""
    return {
        **asdict(clip),
        "clip": clip.clip_id,
        "video": clip.video_id,
        "start_s": f"{clip.start_s:g}",
        "duration_s": f"{clip.duration_s:.3f}",
        "missing": " ".join(map(str, clip.missing)),
        "status": status,
    }
