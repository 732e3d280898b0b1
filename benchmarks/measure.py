"""What the benchmarks share: their arguments, a clip to measure with, an extractor, medians.

torch is imported only inside functions: decoding's child processes import the main script again.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from avparse.config.data import ExtractorSettings
    from avparse.core.hdf5 import Shard
    from avparse.features.base import Extractor as Network

EXTRACTORS = ("vgg19", "resnet152", "r2plus1d_18", "vggish")
PRECISIONS = ("bf16", "fp32")
FRAMES_PER_SECOND = 8
SECONDS, FPS, SIZE, RATE_HZ = 10, 30, (320, 240), 44100


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """A parser of what every benchmark takes: a video, and how often to measure."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", nargs="?", type=Path, help="a 10 s clip; one is made if left out")
    parser.add_argument("--repeats", type=int, default=5)
    return parser


@contextmanager
def workplace(video: Path | None) -> Iterator[tuple[Path, Path]]:
    """The video, or a generated one, and a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as work:
        yield video or generated(Path(work) / "clip.mp4"), Path(work)


def generated(path: Path) -> Path:
    """A 10 s clip of moving noise with noise for sound: 320 x 240, 30 frames/s, 44.1 kHz stereo."""
    from avparse.media.encode import write_video

    rng = np.random.default_rng(0)
    shape = (SIZE[1] // 8, SIZE[0] // 8, 3)
    texture = rng.integers(0, 256, shape, dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    frames = (np.roll(texture, 2 * i, axis=1) for i in range(SECONDS * FPS))
    sound = rng.normal(0, 0.1, (2, SECONDS * RATE_HZ)).astype(np.float32)
    write_video(path, frames, np.arange(SECONDS * FPS) / FPS, sound, RATE_HZ)
    return path


def seconds(function: Callable[[], object]) -> float:
    """What one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def median_seconds(function: Callable[[], object], repeats: int) -> float:
    """What a call usually takes."""
    return statistics.median(seconds(function) for _ in range(repeats))


def wanted(name: str, precision: str, sampling: str = "even") -> "ExtractorSettings":
    """An extractor's settings: LLP's 8 frames a second where it sees frames."""
    from avparse.config.data import ExtractorSettings

    rate = None if name == "vggish" else FRAMES_PER_SECOND
    return ExtractorSettings(frames_per_second=rate, precision=precision, sampling=sampling)


def decode(extractor: "Network", video: Path, copies: int, out: Path, workers: int = 2) -> None:
    """The decode stage on so many copies of a video, with the view of one extractor."""
    from avparse.config.settings import Settings
    from avparse.stages import decode

    settings = Settings()
    settings.runtime.decode_workers = workers
    videos = {f"clip{number}": video for number in range(copies)}
    decode.run(settings, videos, [extractor.view] if extractor.view else [], out)


@dataclass(frozen=True)
class Extraction:
    """One extractor with random weights, in its place, beside its bare network."""

    extractor: "Network"
    device: "torch.device"
    dtype: "torch.dtype"
    batch_size: int

    @classmethod
    def of(
        cls,
        name: str,
        settings: "ExtractorSettings",
        work: Path,
        device: str = "auto",
        batch_size: int = 16,
    ) -> "Extraction":
        """Made, given random weights and moved."""
        from avparse import features
        from avparse.core.device import DTYPES, pick_device, pick_precision
        from avparse.features import weights

        extractor = features.create(name, settings)
        weights.make(extractor, work / "weights.safetensors", work)
        place = pick_device(device)
        dtype = DTYPES[pick_precision(settings.precision, place)]
        extractor.place(place, dtype)
        return cls(extractor, place, dtype, batch_size)

    def whole(self, shard: "Shard", out: Path) -> None:
        """The stage's work: reading, preparing, computing, averaging, writing."""
        from avparse.stages import extract

        extract.write(self.extractor, shard, out, {}, self.batch_size, self.device, self.dtype)

    def bare(self, shard: "Shard") -> tuple[Callable[[], None], int]:
        """The network alone on the shard's batches in memory; and how many units they are."""
        import torch

        arrays = shard.array(self.extractor.source)
        units = torch.cat([self.extractor.units(array) for array in arrays])
        batches = [
            self.extractor.network_input(batch.to(self.device), self.dtype)
            for batch in units.split(self.batch_size)
        ]

        def run() -> None:
            with torch.inference_mode():
                for batch in batches:
                    self.extractor.network(batch)
            if self.device.type == "cuda":
                torch.cuda.synchronize()

        return run, len(units)
