"""Extraction while decoding runs beside it, each on a core of its own.

    python benchmarks/beside.py VIDEO          # a 10 s clip; a generated one if left out

The floor is the bare network on one thread, nothing beside it. Then the decode stage works through
copies of the clip over and over in another process, and extraction on one thread from a shard is
measured meanwhile. Where decoding keeps pace (clips decoded for each clip extracted, at least 1),
raw videos give features at the speed of extraction. Medians of the repeats.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from clips import generated
from extraction import NAMES, RATE

COPIES = {"vgg19": 1, "resnet152": 1, "r2plus1d_18": 2, "vggish": 40}
"""Of the clip in one repeat of extraction."""
DECODED = 40


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path)
    parser.add_argument("--extractors", nargs="+", default=NAMES)
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp32"])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print("| extractor | precision | floor/s | beside decoding/s | ratio | decoded a clip |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        video = options.video or generated(Path(work) / "clip.mp4")
        for name in options.extractors:
            for precision in options.precisions:
                print(_row(name, precision, video, Path(work), options.repeats), flush=True)


def _decode(name: str, video: Path, out: Path, count: "Synchronized[int]", copies: int) -> None:
    """Decode shards of copies of the clip until stopped, counting them."""
    import torch

    from avparse import features
    from avparse.config import Extractor, Settings
    from avparse.stages import decode

    torch.set_num_threads(1)
    settings = Settings()
    settings.runtime.decode_workers = 1
    rate = None if name == "vggish" else RATE
    view = features.view(name, Extractor(frames_per_second=rate))
    videos = {f"clip{number}": video for number in range(copies)}
    while True:
        decode.run(settings, videos, [view] if view else [], out)
        with count.get_lock():
            count.value += copies


def _row(name: str, precision: str, video: Path, work: Path, repeats: int) -> str:
    import torch

    from avparse import features
    from avparse.config import Extractor, Settings
    from avparse.features import weights
    from avparse.hardware import DTYPES
    from avparse.stages import decode, extract
    from avparse.store import Shard

    torch.set_num_threads(1)
    rate = None if name == "vggish" else RATE
    extractor = features.create(name, Extractor(frames_per_second=rate, precision=precision))
    weights.make(extractor, work / "weights.safetensors", work)
    views = [extractor.view] if extractor.view else []
    videos = {f"clip{number}": video for number in range(COPIES[name])}
    decode.run(Settings(), videos, views, work / "frames.h5")
    device, dtype = torch.device("cpu"), DTYPES[precision]
    extractor.place(device, dtype)
    with Shard(work / "frames.h5") as shard:
        units = torch.cat([extractor.units(array) for array in shard.array(extractor.source)])
        batches = [extractor.network_input(batch, dtype) for batch in units.split(16)]

        def floor() -> float:
            started = time.perf_counter()
            with torch.inference_mode():
                for batch in batches:
                    extractor.network(batch)
            return time.perf_counter() - started

        def ours() -> float:
            started = time.perf_counter()
            extract.write(extractor, shard, work / "features.h5", {}, 16, device, dtype)
            return time.perf_counter() - started

        floor(), ours()  # warm up
        bare = statistics.median(floor() for _ in range(repeats))
        spawn = multiprocessing.get_context("spawn")
        count = spawn.Value("i", 0)
        arguments = (name, video, work / "beside.h5", count, DECODED)
        beside = spawn.Process(target=_decode, args=arguments)
        beside.start()
        while not count.value:
            time.sleep(0.1)
        before, started = count.value, time.perf_counter()
        taken = statistics.median(ours() for _ in range(repeats))
        decoded = (count.value - before) / (time.perf_counter() - started)
        beside.terminate()
        beside.join()
    pace = decoded * taken / COPIES[name]
    speeds = f"{len(units) / bare:.1f} | {len(units) / taken:.1f} | {bare / taken:.2f}"
    return f"| {name} | {precision} | {speeds} | {pace:.1f} |"


if __name__ == "__main__":
    main()
