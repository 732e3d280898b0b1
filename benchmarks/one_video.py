"""One video to ResNet-152 features, everything included but the loading of the model.

    python benchmarks/one_video.py VIDEO

A video of 10 s gives 80 frames, as for LLP: the decode stage with its child process, the shard on
disk, and extraction from it. Median seconds of the repeats, for each precision.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from clips import generated


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precisions", nargs="+", default=["auto", "fp32"])
    options = parser.parse_args()
    print("| precision | seconds | frames/s |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        video = options.video or generated(Path(work) / "clip.mp4")
        for precision in options.precisions:
            seconds = _seconds(video, precision, Path(work), options)
            print(f"| {precision} | {seconds:.2f} | {80 / seconds:.1f} |", flush=True)


def _seconds(video: Path, precision: str, work: Path, options: argparse.Namespace) -> float:
    import torch

    from avparse import features
    from avparse.config import Extractor, Settings
    from avparse.features import weights
    from avparse.hardware import DTYPES, pick_device, pick_precision
    from avparse.stages import decode, extract
    from avparse.store import Shard

    torch.set_num_threads(options.threads)
    wanted = Extractor(frames_per_second=8, sampling="llp", precision=precision)
    settings = Settings(extractors={"resnet152": wanted}, experiments={})
    extractor = features.create("resnet152", wanted)
    weights.make(extractor, work / "weights.safetensors", work)
    device = pick_device("auto")
    dtype = DTYPES[pick_precision(precision, device)]
    extractor.place(device, dtype)
    taken = []
    for turn in range(options.repeats + 1):
        started = time.perf_counter()
        decode.run(settings, {"video": video}, [extractor.view], work / "frames.h5")
        with Shard(work / "frames.h5") as shard:
            extract.write(extractor, shard, work / "features.h5", {}, 16, device, dtype)
        if turn:  # the first warms up
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
