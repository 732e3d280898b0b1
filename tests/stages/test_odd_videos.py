"""Odd videos give features of the right shape, in time, and say what was odd.

In each, the picture flashes white during one second and a tone sounds during another.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import beeps
from numpy.typing import NDArray

from avparse import features
from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import STATUS
from avparse.features.reader import ARRAY
from avparse.media.views import View
from avparse.stages import decode, extract

FLASH, BEEP, SECONDS = 2, 5, 8
RATE_HZ = 16000


def write(
    path: Path,
    fps: float = 10,
    seconds: float = SECONDS,
    flash: int = FLASH,
    beep: int = BEEP,
    sizes: Sequence[tuple[int, int]] = ((64, 48),),
    pixels: str = "yuv420p",
    times: NDArray[np.float64] | None = None,
    sound: bool = True,
    late_s: float = 0.0,
) -> Path:
    """A video; of several picture streams only the first one flashes."""
    shown = np.arange(round(seconds * fps)) / fps if times is None else times
    with av.open(str(path), "w") as container:
        streams = [_video(container, size, pixels, fps) for size in sizes]
        audio = container.add_stream("pcm_s16le", rate=RATE_HZ) if sound else None
        if audio:
            audio.layout = "mono"
        for stream in streams:
            for time in shown:
                lit = stream is streams[0] and int(time) == flash
                picture = np.full((stream.height, stream.width, 3), 250 if lit else 60, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        if audio:
            skipped = round(late_s * RATE_HZ)
            wave = beeps(round(seconds), RATE_HZ, (beep,))[:, skipped:]
            frame = av.AudioFrame.from_ndarray((wave * 32767).astype(np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = RATE_HZ, skipped
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


def _video(
    container: av.container.OutputContainer, size: tuple[int, int], pixels: str, fps: float
) -> av.VideoStream:
    stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    stream.codec_context.time_base = Fraction(1, 1000)
    return stream


def turned(path: Path) -> Path:
    """The same with a rotation flag: a quarter turn."""
    write(path, sound=False)
    data = path.read_bytes()
    track = data.index(b"tkhd")
    one = 1 << 16
    matrices = [(one, 0, 0, 0, one, 0), (0, one, 0, -one, 0, 0)]
    old, new = (b"".join(n.to_bytes(4, "big", signed=True) for n in m) for m in matrices)
    path.write_bytes(data[:track] + data[track:].replace(old, new))
    return path


def jittered() -> NDArray[np.float64]:
    return np.unique(np.round(np.random.default_rng(1).uniform(0, SECONDS, 90), 3))


CASES: dict[str, Callable[[Path], Path]] = {
    "plain": lambda folder: write(folder / "plain.mkv"),
    "short": lambda folder: write(folder / "short.mkv", seconds=4.4, flash=1, beep=2),
    "silent": lambda folder: write(folder / "silent.mkv", sound=False),
    "fps12": lambda folder: write(folder / "fps12.mkv", fps=12.5),
    "fps19": lambda folder: write(folder / "fps19.mkv", fps=19.62),
    "variable": lambda folder: write(folder / "variable.mkv", times=jittered()),
    "turned": lambda folder: turned(folder / "turned.mp4"),
    "tenbit": lambda folder: write(folder / "tenbit.mkv", pixels="yuv420p10le"),
    "twostreams": lambda folder: write(folder / "two.mkv", sizes=((64, 48), (32, 24))),
    "latesound": lambda folder: write(folder / "late.mkv", late_s=0.5),
}


@pytest.fixture(scope="module")
def extracted(
    tmp_path_factory: pytest.TempPathFactory, random_weights: Callable[[str], Path]
) -> Path:
    """All of them decoded together, and two features extracted."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "videos").mkdir()
    videos = {name: make(folder / "videos") for name, make in CASES.items()}
    wanted = {"r2plus1d_18": {"frames_per_second": 2}, "vggish": {}}
    settings = Settings.model_validate({"extractors": wanted, "clips": {"seconds": SECONDS}})
    views: list[View] = []
    for name, extractor in settings.extractors.items():
        seen = features.view(name, extractor)
        views += [seen] if seen else []
    decode.run(settings, videos, views, folder / "frames.h5", folder / "status.tsv")
    for name in wanted:
        made = random_weights(name)
        extract.run(settings, name, videos, folder / "frames.h5", made, folder / f"{name}.h5")
    return folder


def loudest(path: Path, name: str, among: int) -> tuple[tuple[int, ...], int]:
    """The shape of a video's features, and the second that stands out of the first ones."""
    with Shard(path) as shard:
        row = next(row for row, clip in enumerate(shard.clips) if clip.video_id == name)
        array = shard.array(ARRAY)[row]
    apart = np.abs(array - np.median(array[:among], axis=0)).sum(1)
    return array.shape, int(apart[:among].argmax())


@pytest.mark.parametrize("name", CASES)
def test_features_are_in_time(extracted: Path, name: str) -> None:
    flash, beep, real = (1, 2, 4) if name == "short" else (FLASH, BEEP, SECONDS)
    shape, found = loudest(extracted / "r2plus1d_18.h5", name, real)
    assert shape == (SECONDS, 512)
    assert found == flash
    shape, found = loudest(extracted / "vggish.h5", name, real)
    assert shape == (SECONDS, 128)
    if name not in ("silent", "turned"):
        assert found == beep


def test_each_has_its_status(extracted: Path) -> None:
    rows = {row["video"]: row for row in read_tsv(extracted / "status.tsv", STATUS)}
    assert list(rows) == list(CASES)
    assert all(row["status"] == "ok" for row in rows.values())
    notes = {name: row["note"] for name, row in rows.items() if row["note"]}
    silent = "no audio stream: silence used"
    assert notes == {"silent": silent, "turned": silent}
    segments = {name: int(row["num_segments"]) for name, row in rows.items()}
    assert segments == dict.fromkeys(CASES, SECONDS) | {"short": 4}
