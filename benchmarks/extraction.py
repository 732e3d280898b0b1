"""Extraction against its floor: the bare forward pass of the same network.

    python benchmarks/extraction.py VIDEO      # a 10 s clip; a generated one if left out

For each extractor and precision, the floor (the network on in-memory tensors of the same batch,
dtype and memory format) and extraction from a decoded shard (reading, preparing, writing) take
turns; medians of the repeats, in units a second (frames, snippets of 8 frames, seconds of sound).
From raw video the seconds of decoding a clip are added, as on cores that do both by turns.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from clips import generated

NAMES = ("vgg19", "resnet152", "r2plus1d_18", "vggish")
RATE = 8
COPIES = {"vgg19": 1, "resnet152": 1, "r2plus1d_18": 4, "vggish": 40}
"""Of the clip in one repeat, so that each takes some seconds."""
DECODED = 40
"""Copies of the clip that are decoded to tell what one takes."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path)
    parser.add_argument("--extractors", nargs="+", default=NAMES)
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp32"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    print("| extractor | precision | floor/s | shard/s | raw/s | shard:floor | raw:floor |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        video = options.video or generated(Path(work) / "clip.mp4")
        for name in options.extractors:
            for precision in options.precisions:
                print(_row(name, precision, video, Path(work), options), flush=True)


def _row(name: str, precision: str, video: Path, work: Path, options: argparse.Namespace) -> str:
    import torch

    from avparse import features
    from avparse.config import Extractor, Settings
    from avparse.features import weights
    from avparse.hardware import DTYPES, pick_device
    from avparse.stages import decode, extract
    from avparse.store import Shard

    rate = None if name == "vggish" else RATE
    wanted = Extractor(frames_per_second=rate, precision=precision)
    settings = Settings(extractors={name: wanted}, experiments={})
    extractor = features.create(name, wanted)
    weights.make(extractor, work / "weights.safetensors", work)
    views = [extractor.view] if extractor.view else []

    def decoded(copies: int) -> float:
        videos = {f"clip{i}": video for i in range(copies)}
        return _seconds(lambda: decode.run(settings, videos, views, work / "frames.h5"))

    torch.set_num_threads(1)
    decoding = [(decoded(DECODED) - decoded(1)) / (DECODED - 1) for _ in range(options.repeats)]
    decoded(COPIES[name])
    torch.set_num_threads(options.threads)
    device, dtype = pick_device(options.device), DTYPES[precision]
    extractor.place(device, dtype)
    with Shard(work / "frames.h5") as shard:
        units = torch.cat([extractor.units(array) for array in shard.array(extractor.source)])
        split = units.split(options.batch_size)
        batches = [extractor.network_input(batch.to(device), dtype) for batch in split]

        def floor() -> None:
            with torch.inference_mode():
                for batch in batches:
                    extractor.network(batch)
            if device.type == "cuda":
                torch.cuda.synchronize()

        def ours() -> None:
            size = options.batch_size
            extract.write(extractor, shard, work / "features.h5", {}, size, device, dtype)

        floor(), ours()  # warm up
        times = [(_seconds(floor), _seconds(ours)) for _ in range(options.repeats)]
    bare, whole = (statistics.median(column) for column in zip(*times, strict=True))
    raw = whole + statistics.median(decoding) * COPIES[name]
    speeds = " | ".join(f"{len(units) / seconds:.1f}" for seconds in (bare, whole, raw))
    return f"| {name} | {precision} | {speeds} | {bare / whole:.2f} | {bare / raw:.2f} |"


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
