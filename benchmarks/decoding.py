"""The decode stage against its floor: bare decoding of the same file.

    python benchmarks/decoding.py VIDEO        # a 10 s clip; a generated one if left out

Floors, on one core: PyAV decoding both streams and throwing the frames away; `ffmpeg -threads 1
-f null` where there is one. Ours: the whole stage on as many copies of the clip as asked for, its
views resized, sound resampled, everything written; seconds of a core for each clip, start-up taken
off. Medians of the repeats. --profile shows where the time of one clip goes.
"""

import argparse
import cProfile
import pstats
import shutil
import statistics
import subprocess
from pathlib import Path

import av
from measure import arguments, median_seconds, seconds, workplace

from avparse.media.views import View

VIEWS = {
    "LLP, 8 frames/s, 224 and 112": (
        View(8, 224, 256, sampling="llp"),
        View(8, 112, sampling="llp"),
    ),
    "LLP preset: the same through JPEG": (
        View(8, 224, 256, sampling="llp", jpeg=True),
        View(8, 112, sampling="llp", jpeg=True),
    ),
    "AVE preset, 16 frames/s, 224": (View(16, 224, filter="point", sampling="ave"),),
    "sound only": (),
}


def main() -> None:
    """Measure and print a table."""
    parser = arguments(__doc__)
    parser.add_argument("--copies", type=int, default=80)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with workplace(options.video) as (video, work):
        if options.profile:
            _profile(video)
            return
        bare = median_seconds(lambda: _bare(video), options.repeats)
        print(f"bare PyAV {bare * 1000:.0f} ms a clip")
        if shutil.which("ffmpeg"):
            words = ["ffmpeg", "-v", "error", "-threads", "1", "-i", video, "-f", "null", "-"]
            tool = median_seconds(lambda: subprocess.run(words, check=True), options.repeats)
            print(f"ffmpeg -threads 1 {tool * 1000:.0f} ms a clip, its start included")
        print("| views | ms of a core a clip | share of bare PyAV's rate |")
        print("|---|---|---|")
        for name, views in VIEWS.items():
            taken = _stage(video, views, work / "frames.h5", options)
            print(f"| {name} | {taken * 1000:.0f} | {bare / taken:.2f} |", flush=True)


def _bare(video: Path) -> None:
    with av.open(str(video)) as container:
        streams = [container.streams.video[0], *container.streams.audio[:1]]
        for stream in streams:
            stream.codec_context.thread_count = 1
        for packet in container.demux(streams):
            packet.decode()


def _stage(video: Path, views: tuple[View, ...], out: Path, options: argparse.Namespace) -> float:
    import torch

    from avparse.config.settings import Settings
    from avparse.stages import decode

    torch.set_num_threads(1)
    settings = Settings()
    settings.runtime.decode_workers = options.workers

    def run(copies: int) -> float:
        videos = {f"clip{number}": video for number in range(copies)}
        return seconds(lambda: decode.run(settings, videos, views, out))

    taken = [
        (run(options.copies) - run(1)) / (options.copies - 1) * options.workers
        for _ in range(options.repeats)
    ]
    return statistics.median(taken)


def _profile(video: Path) -> None:
    from avparse.media.decode import decode_clip
    from avparse.media.spans import ClipSpan

    request = video, ClipSpan(0.0, 10), VIEWS["LLP, 8 frames/s, 224 and 112"]
    decode_clip(*request)
    profile = cProfile.Profile()
    for _ in range(10):
        profile.runcall(decode_clip, *request)
    pstats.Stats(profile).sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    main()
