"""The presets against the published recipes, step by step, each done again the slow way."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
import yaml
from conftest import ROOT
from features.test_mel import slow_log_mel
from numpy.typing import NDArray
from PIL import Image
from snakemake.utils import update_config

from avparse import features
from avparse.config.settings import Settings
from avparse.core.clips import Clip
from avparse.core.hdf5 import Shard
from avparse.features import weights
from avparse.features.base import Extractor
from avparse.features.pipeline import extract
from avparse.media.encode import write_video
from avparse.media.views import View
from avparse.pipeline import targets, validate
from avparse.stages import decode

FPS, FRAMES, SIZE, RATE_HZ = 25, 251, (320, 240), 16000
CPU = torch.device("cpu")
Pixels = NDArray[np.uint8]
Loaded = Callable[[Settings, str], Extractor]


def preset(name: str) -> Settings:
    """The settings of a preset, on top of the defaults, with weights that need no network."""
    values = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(values, yaml.safe_load((ROOT / f"workflow/presets/{name}.yaml").read_text()))
    for wanted in values["extractors"].values():
        if wanted:
            assert wanted.pop("weights") != "random"
    return validate.load(values)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10.04 s of a moving texture and of noise, as a released clip might be."""
    path = tmp_path_factory.mktemp("clip") / "-a_bcdefghi.mp4"
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    texture = blocks.repeat(8, 0).repeat(8, 1)
    shown = (np.roll(texture, 3 * number, axis=1) for number in range(FRAMES))
    sound = rng.normal(0, 0.1, (1, FRAMES * RATE_HZ // FPS)).astype(np.float32)
    write_video(path, shown, (np.arange(FRAMES) / FPS).tolist(), sound, RATE_HZ)
    return path


@pytest.fixture(scope="module")
def pictures(clip: Path) -> list[av.VideoFrame]:
    """Every frame of the clip, in order."""
    with av.open(str(clip)) as container:
        return list(container.decode(video=0))


def decoded(settings: Settings, clip: Path, folder: Path) -> Shard:
    views = [View.parse(key) for key in targets.views(settings)]
    decode.run(settings, {"-a_bcdefghi": clip}, views, folder / "frames.h5")
    return Shard(folder / "frames.h5")


@pytest.fixture
def loaded(random_weights: Callable[[str], Path]) -> Loaded:
    def load(settings: Settings, name: str) -> Extractor:
        extractor: Extractor = features.create(name, settings.extractors[name])
        weights.load(extractor, random_weights(name))
        extractor.place(CPU, torch.float32)
        return extractor

    return load


def bilinear(picture: Pixels, side: int) -> NDArray[np.float64]:
    """Bilinear samples at the centres of a coarser grid, no antialiasing."""
    height, width = picture.shape[:2]
    y = np.clip((np.arange(side) + 0.5) * height / side - 0.5, 0, height - 1)
    x = np.clip((np.arange(side) + 0.5) * width / side - 0.5, 0, width - 1)
    top, left = y.astype(int), x.astype(int)
    low, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    fy, fx = (y - top)[:, None, None], (x - left)[None, :, None]
    p = picture.astype(float)
    upper = (1 - fx) * p[top][:, left] + fx * p[top][:, right]
    lower = (1 - fx) * p[low][:, left] + fx * p[low][:, right]
    return np.asarray((1 - fy) * upper + fy * lower)


def test_ave_frames(clip: Path, pictures: list[av.VideoFrame], tmp_path: Path) -> None:
    """160 frames at int(l * interval + i / 16 * interval), squashed without antialiasing."""
    with decoded(preset("ave"), clip, tmp_path) as shard:
        [key] = [name for name in shard.names() if name != "audio"]
        found = shard.array(key)[0]
    assert found.shape == (160, 224, 224, 3)
    interval = int(len(pictures) / 10)
    chosen = [int(s * interval + (i / 16) * interval) for s in range(10) for i in range(16)]
    for row, index in enumerate(chosen):
        rgb = pictures[index].to_ndarray(format="rgb24")
        assert np.abs(found[row] - bilinear(rgb, 224)).max() <= 1


@pytest.mark.long
def test_ave_features(clip: Path, loaded: Loaded, tmp_path: Path) -> None:
    """Blue, green, red minus Caffe's means; block5_pool; mean over the 16 frames of a second."""
    settings = preset("ave")
    extractor = loaded(settings, "vgg19")
    assert extractor.shape == (7, 7, 512)
    with decoded(settings, clip, tmp_path) as shard:
        frames = shard.array(extractor.source)[0][:32]
    total = np.zeros((7, 7, 512))
    for picture in frames[16:]:
        planes = [
            picture[..., channel].astype(np.float64) - mean
            for channel, mean in ((2, 103.939), (1, 116.779), (0, 123.68))
        ]
        with torch.inference_mode():
            x = torch.from_numpy(np.stack(planes)[None]).float()
            total += extractor.network(x)[0].permute(1, 2, 0).double().numpy()
    [(_, found)] = extract(extractor, [(Clip("x", "x", 0, 2, 2), frames)], 16, CPU, torch.float32)
    assert found.shape == (2, 7, 7, 512)
    assert (found >= 0).all()
    np.testing.assert_allclose(found[1], total / 16, atol=1e-3, rtol=1e-3)


def test_ave_sound(clip: Path, loaded: Loaded, tmp_path: Path) -> None:
    """Patches of 96 frames follow each other every 0.96 s; raw embeddings after the ReLU."""
    settings = preset("ave")
    with decoded(settings, clip, tmp_path) as shard:
        samples = shard.array("audio")[0]
    extractor = loaded(settings, "vggish")
    patches = extractor.prepare(extractor.units(samples))[:, 0]
    assert patches.shape == (10, 96, 64)
    start = 3 * 96 * 160
    wanted = slow_log_mel(samples[start : start + 400 + 95 * 160] / 32768)
    np.testing.assert_allclose(patches[3], wanted, atol=1e-4)
    [(_, found)] = extract(extractor, [(Clip("x", "x", 0, 10, 10), samples)], 4, CPU, torch.float32)
    assert found.shape == (10, 128)
    assert (found >= 0).all()
    assert (found != found.round()).any()


def jpeg_files(
    pictures: list[av.VideoFrame], written: list[int], folder: Path
) -> list[Image.Image]:
    """Frames through real files, as `ffmpeg -r 8 %06d.jpg` leaves them."""
    folder.mkdir()
    with av.open(str(folder / "%06d.jpg"), "w", format="image2") as container:
        # ffmpeg's own default tolerance of the bit rate; PyAV's is another.
        stream = container.add_stream("mjpeg", rate=8, options={"bt": "4000000"})
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.bit_rate = "yuvj420p", 200_000
        stream.codec_context.thread_count = 1
        for number, index in enumerate(written):
            frame = pictures[index].reformat(format="yuvj420p")
            frame.pts, frame.time_base = number, Fraction(1, 8)
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("*.jpg"))]


def ffmpeg_at_8(count: int) -> list[int]:
    """The source frame of each picture that `ffmpeg -r 8` makes of so many at 25 a second.

    One is dropped when its end, in eighths of a second, is more than 1.1 before the next one due.
    """
    written: list[int] = []
    for index in range(count):
        if (index + 1) * 8 / FPS - len(written) >= -1.1:
            written.append(index)
    return written


def test_llp_frames(clip: Path, pictures: list[av.VideoFrame], tmp_path: Path) -> None:
    """8 frames a second as JPEG files, 80 of them by linspace; Pillow's resizing."""
    with decoded(preset("llp"), clip, tmp_path) as shard:
        names = sorted(name for name in shard.names() if name != "audio")
        crops, squashed = (shard.array(name)[0] for name in names)
    files = jpeg_files(pictures, ffmpeg_at_8(FRAMES), tmp_path / "jpeg")
    assert len(files) == 82
    chosen = np.round(np.linspace(0, len(files) - 1, 80)).astype(int)
    for row, index in enumerate(chosen):
        image = files[index]
        small = image.resize((112, 112), Image.Resampling.BILINEAR)
        assert np.array_equal(squashed[row], np.asarray(small))
        large = image.resize((int(256 * 320 / 240), 256), Image.Resampling.BILINEAR)
        left, top = round((large.width - 224) / 2), round((large.height - 224) / 2)
        crop = np.asarray(large.crop((left, top, left + 224, top + 224))).astype(int)
        assert np.abs(crops[row] - crop).max() <= 1
    # The detour is no formality: it changes the picture.
    plain = pictures[0].to_ndarray(format="rgb24").astype(int)
    assert 0.5 < np.abs(plain - np.asarray(files[0])).mean() < 30


@pytest.mark.long
def test_llp_features(clip: Path, loaded: Loaded, tmp_path: Path) -> None:
    """ImageNet's and Kinetics' statistics; frames averaged by second; a snippet is a second."""
    settings = preset("llp")
    with decoded(settings, clip, tmp_path) as shard:
        for name, mean, std in (
            ("resnet152", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ("r2plus1d_18", (0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)),
        ):
            extractor = loaded(settings, name)
            frames = shard.array(extractor.source)[0][:16]
            scaled = [(frames[..., c] / 255 - mean[c]) / std[c] for c in range(3)]
            planes = torch.from_numpy(np.stack(scaled, 1)).float()  # (16, 3, S, S)
            with torch.inference_mode():
                if name == "resnet152":
                    rows = torch.cat([extractor.network(plane[None]) for plane in planes])
                    wanted = rows.reshape(2, 8, 2048).mean(1)
                else:
                    snippets = [planes[8 * k : 8 * k + 8].transpose(0, 1) for k in range(2)]
                    wanted = torch.cat([extractor.network(s[None]) for s in snippets])
            two = [(Clip("x", "x", 0, 2, 2), frames)]
            [(_, found)] = extract(extractor, two, 16, CPU, torch.float32)
            assert found.shape == (2, *extractor.shape)
            np.testing.assert_allclose(found, wanted, atol=1e-3, rtol=1e-3)


def test_llp_sound(clip: Path, tmp_path: Path) -> None:
    """Each second on its own, 96 of its 98 frames."""
    settings = preset("llp")
    with decoded(settings, clip, tmp_path) as shard:
        samples = shard.array("audio")[0]
    extractor = features.create("vggish", settings.extractors["vggish"])
    patches = extractor.prepare(extractor.units(samples))[:, 0]
    wanted = slow_log_mel(samples[4 * RATE_HZ : 5 * RATE_HZ] / 32768)
    assert len(wanted) == 98
    np.testing.assert_allclose(patches[4], wanted[:96], atol=1e-4)


def test_han_reads_eighty_frames_or_their_averages_alike() -> None:
    """A linear layer follows, so averaging before it changes nothing: see models' contract."""
    kept = preset("llp").extractors["resnet152"]
    assert kept.average
    values = {**kept.model_dump(), "average": False}
    assert features.create("resnet152", type(kept)(**values)).pool(torch.ones(80, 4)).shape == (
        80,
        4,
    )
    assert features.create("resnet152", kept).pool(torch.ones(80, 4)).shape == (10, 4)
