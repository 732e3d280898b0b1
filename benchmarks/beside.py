"""Extraction from raw video, decoding beside it: a core for each.

    python benchmarks/beside.py VIDEO          # a 10 s clip; a generated one if left out

The floor is the bare network on one thread with nothing beside it. Then the decode stage works in
another process on as many clips as extraction, on one thread, works on meanwhile: the next shard
and this one, as in the workflow. A turn ends when both have ended. Medians of the repeats.
"""

import multiprocessing
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from measure import (
    EXTRACTORS,
    PRECISIONS,
    Extraction,
    arguments,
    decode,
    median_seconds,
    wanted,
    workplace,
)

COPIES = {"vgg19": 1, "resnet152": 1, "r2plus1d_18": 2, "vggish": 40}
"""Of the clip in one turn."""


def main() -> None:
    """Measure and print a table."""
    parser = arguments(__doc__)
    parser.add_argument("--extractors", nargs="+", default=EXTRACTORS)
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS)
    options = parser.parse_args()
    print("| extractor | precision | floor/s | with decoding beside it/s | ratio |")
    print("|---|---|---|---|---|")
    with workplace(options.video) as (video, work):
        for name in options.extractors:
            for precision in options.precisions:
                print(_row(name, precision, video, work, options.repeats), flush=True)


def _row(name: str, precision: str, video: Path, work: Path, repeats: int) -> str:
    import torch

    from avparse.core.hdf5 import Shard

    torch.set_num_threads(1)
    ours = Extraction.of(name, wanted(name, precision), work)
    decode(ours.extractor, video, COPIES[name], work / "frames.h5")
    spawn = multiprocessing.get_context("spawn")
    shards, done = spawn.SimpleQueue(), spawn.SimpleQueue()
    decoder = spawn.Process(target=_decode, args=(name, video, work / "next.h5", shards, done))
    decoder.start()
    with Shard(work / "frames.h5") as shard:
        floor, units = ours.bare(shard)

        def turn() -> None:
            shards.put(COPIES[name])
            ours.whole(shard, work / "features.h5")
            done.get()

        turn(), floor()  # warm up
        bare, whole = median_seconds(floor, repeats), median_seconds(turn, repeats)
    shards.put(0)
    decoder.join()
    speeds = f"{units / bare:.1f} | {units / whole:.1f}"
    return f"| {name} | {precision} | {speeds} | {bare / whole:.2f} |"


def _decode(
    name: str, video: Path, out: Path, shards: "SimpleQueue[int]", done: "SimpleQueue[int]"
) -> None:
    """Decode shards of so many copies of the clip, as asked for, until asked for none."""
    import torch

    from avparse import features

    torch.set_num_threads(1)
    extractor = features.create(name, wanted(name, "fp32"))
    while copies := shards.get():
        decode(extractor, video, copies, out, workers=1)
        done.put(copies)


if __name__ == "__main__":
    main()
