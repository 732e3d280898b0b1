"""An hour of video through the decode stage: seconds, and the memory it stays within.

    python benchmarks/long_video.py --minutes 60

Once with a key frame every ten seconds, once with a single one, at which no file can be entered but
at its beginning; each 320 x 240, 25 frames/s, with sound. The floor is PyAV decoding both streams
once, on one core, and throwing everything away.
"""

import argparse
import resource
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

RATE_HZ, FPS = 44100, 25


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    print("| key frames | clips | bare PyAV | decode stage | peak memory |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, gap in (("every 10 s", 10 * FPS), ("one", 10**6)):
            video = make(Path(folder) / f"{gap}.mp4", 60 * options.minutes, gap)
            floor = bare(video)
            began = time.monotonic()
            clips = stage(video, Path(folder) / "frames.h5")
            taken = time.monotonic() - began
            peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            cells = (name, clips, f"{floor:.0f} s", f"{taken:.0f} s", f"{peak_mb:.0f} MB")
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


def make(path: Path, seconds: int, gap: int) -> Path:
    """A drifting texture and a tone."""
    import av

    texture = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    t = np.arange(RATE_HZ) / RATE_HZ
    tone = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[None]
    with av.open(str(path), "w") as container:
        quick = {"preset": "ultrafast", "g": str(gap), "sc_threshold": "0"}
        video = container.add_stream("libx264", rate=FPS, options=quick)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for second in range(seconds):
            for number in range(second * FPS, (second + 1) * FPS):
                frame = av.VideoFrame.from_ndarray(np.roll(texture, number, axis=1))
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                container.mux(video.encode(frame))
            block = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
            block.sample_rate, block.pts = RATE_HZ, second * RATE_HZ
            container.mux(sound.encode(block))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def bare(video: Path) -> float:
    """Seconds to decode everything on one core."""
    import av

    began = time.monotonic()
    with av.open(str(video)) as container:
        for stream in container.streams:
            stream.codec_context.thread_count = 1
        for _ in container.decode(video=0, audio=0):
            pass
    return time.monotonic() - began


def stage(video: Path, out: Path) -> int:
    """How many clips the stage makes of a video; its child processes are limited to 2 GB each."""
    from avparse.config.settings import Settings
    from avparse.media.shards import decode
    from avparse.media.views import View

    rows = decode(Settings(), {"long": video}, [View(1, 224, 256)], out)
    if failed := [row["note"] for row in rows if row["status"] != "ok"]:
        sys.exit(f"{len(failed)} clips failed: {failed[0]}")
    return len(rows)


if __name__ == "__main__":
    main()
