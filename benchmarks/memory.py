"""Peak memory of extracting a shard, which must not depend on how many clips it has.

python benchmarks/memory.py --clips 500
"""

import argparse
import resource
import tempfile
from pathlib import Path

import numpy as np


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--extractor", default="resnet152")
    parser.add_argument("--frames-per-second", type=int, default=1)
    options = parser.parse_args()
    from avparse import features
    from avparse.config.data import ExtractorSettings
    from avparse.config.settings import Settings
    from avparse.core.clips import Clip
    from avparse.core.hdf5 import write_shard
    from avparse.features import weights
    from avparse.media.shards import way
    from avparse.stages import extract

    wanted = ExtractorSettings(frames_per_second=options.frames_per_second)
    extractor = features.create(options.extractor, wanted)
    with tempfile.TemporaryDirectory() as work:
        frames, state = Path(work) / "frames.h5", Path(work) / "weights.safetensors"
        weights.make(extractor, state, Path(work))
        rng = np.random.default_rng(0)
        settings = Settings(extractors={options.extractor: wanted}, experiments={})
        with write_shard(frames, {"videos": {}, **way(settings)}) as shard:
            for number in range(options.clips):
                array = rng.integers(0, 256, extractor.view.shape(10), np.uint8)
                shard.append(
                    Clip(str(number), str(number), 0.0, 10.0, 10), {extractor.source: array}
                )
        extract.run(settings, options.extractor, {}, frames, state, Path(work) / "features.h5")
        size = frames.stat().st_size / 1e9
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{options.extractor}, {options.clips} clips, {size:.1f} GB of frames: peak {peak:.2f} GB"
    )


if __name__ == "__main__":
    main()
