"""One video to ResNet-152 features, everything included but the loading of the model.

    python benchmarks/one_video.py VIDEO

A video of 10 s gives 80 frames, as for LLP: the decode stage with its child process, the shard on
disk, and extraction from it. Median seconds of the repeats, for each precision.
"""

from pathlib import Path

from measure import Extraction, arguments, decode, median_seconds, wanted, workplace


def main() -> None:
    """Measure and print a table."""
    parser = arguments(__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precisions", nargs="+", default=["auto", "fp32"])
    options = parser.parse_args()
    print("| precision | seconds | frames/s |")
    print("|---|---|---|")
    with workplace(options.video) as (video, work):
        for precision in options.precisions:
            taken = _seconds(video, precision, work, options.threads, options.repeats)
            print(f"| {precision} | {taken:.2f} | {80 / taken:.1f} |", flush=True)


def _seconds(video: Path, precision: str, work: Path, threads: int, repeats: int) -> float:
    import torch

    from avparse.core.hdf5 import Shard

    torch.set_num_threads(threads)
    ours = Extraction.of("resnet152", wanted("resnet152", precision, "llp"), work)

    def everything() -> None:
        decode(ours.extractor, video, 1, work / "frames.h5")
        with Shard(work / "frames.h5") as shard:
            ours.whole(shard, work / "features.h5")

    everything()  # warms up
    return median_seconds(everything, repeats)


if __name__ == "__main__":
    main()
