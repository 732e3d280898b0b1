"""Extraction against its floor: the bare forward pass of the same network.

    python benchmarks/extraction.py VIDEO      # a 10 s clip; a generated one if left out

For each extractor and precision, the floor (the network on in-memory tensors of the same batch,
dtype and memory format) and extraction from a decoded shard (reading, preparing, writing) take
turns; medians of the repeats, in units a second (frames, snippets of 8 frames, seconds of sound).
From raw video the seconds of decoding a clip are added, as on cores that do both by turns.
"""

import argparse
import statistics
from pathlib import Path

from measure import (
    EXTRACTORS,
    PRECISIONS,
    Extraction,
    arguments,
    decode,
    seconds,
    wanted,
    workplace,
)

COPIES = {"vgg19": 1, "resnet152": 1, "r2plus1d_18": 4, "vggish": 40}
"""Of the clip in one repeat, so that each takes some seconds."""
DECODED = 40
"""Copies of the clip that are decoded to tell what one takes."""


def main() -> None:
    """Measure and print a table."""
    parser = arguments(__doc__)
    parser.add_argument("--extractors", nargs="+", default=EXTRACTORS)
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    print("| extractor | precision | floor/s | shard/s | raw/s | shard:floor | raw:floor |")
    print("|---|---|---|---|---|---|---|")
    with workplace(options.video) as (video, work):
        for name in options.extractors:
            for precision in options.precisions:
                print(_row(name, precision, video, work, options), flush=True)


def _row(name: str, precision: str, video: Path, work: Path, options: argparse.Namespace) -> str:
    import torch

    from avparse.core.hdf5 import Shard

    frames, features = work / "frames.h5", work / "features.h5"
    settings = wanted(name, precision)
    ours = Extraction.of(name, settings, work, options.device, options.batch_size)

    def decoding(copies: int) -> float:
        return seconds(lambda: decode(ours.extractor, video, copies, frames))

    torch.set_num_threads(1)
    a_clip = statistics.median(
        (decoding(DECODED) - decoding(1)) / (DECODED - 1) for _ in range(options.repeats)
    )
    decoding(COPIES[name])
    torch.set_num_threads(options.threads)
    with Shard(frames) as shard:
        floor, units = ours.bare(shard)
        floor(), ours.whole(shard, features)  # warm up
        times = [
            (seconds(floor), seconds(lambda: ours.whole(shard, features)))
            for _ in range(options.repeats)
        ]
    bare, whole = (statistics.median(column) for column in zip(*times, strict=True))
    raw = whole + a_clip * COPIES[name]
    speeds = " | ".join(f"{units / taken:.1f}" for taken in (bare, whole, raw))
    return f"| {name} | {precision} | {speeds} | {bare / whole:.2f} | {bare / raw:.2f} |"


if __name__ == "__main__":
    main()
