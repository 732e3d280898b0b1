from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from avparse.media.geometry import Picture, render
from avparse.media.views import View

Pixels = NDArray[np.uint8]


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


def shown(view: View, pixels: Pixels) -> Pixels:
    return render(view, Picture(pixels))


@pytest.mark.parametrize("shape", [(48, 64), (64, 48), (300, 20), (5, 5)])
@pytest.mark.parametrize("short_side", [None, 20])
@pytest.mark.parametrize("how", ["point", "bilinear", "bicubic"])
def test_any_picture_becomes_a_square(
    shape: tuple[int, int], short_side: int | None, how: Literal["point", "bilinear", "bicubic"]
) -> None:
    rendered = shown(View(1, 16, short_side, how), np.full((*shape, 3), 77, np.uint8))
    assert rendered.shape == (16, 16, 3)
    assert (rendered == 77).all()


def test_crop_keeps_the_centre_and_squash_keeps_the_edges() -> None:
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, :10] = 200
    assert shown(View(1, 10, short_side=10), picture).max() == 0
    assert shown(View(1, 10), picture).max() == 200


def test_point_sampling_equals_the_formula() -> None:
    picture = noise(20, 30)
    got = shown(View(1, 8, filter="point"), picture).astype(float)
    for y in range(8):
        for x in range(8):
            sy, sx = (y + 0.5) * 20 / 8 - 0.5, (x + 0.5) * 30 / 8 - 0.5
            top, left = int(sy), int(sx)
            fy, fx = sy - top, sx - left
            block = picture[top : top + 2, left : left + 2].astype(float)
            want = (1 - fy) * ((1 - fx) * block[0, 0] + fx * block[0, 1])
            want += fy * ((1 - fx) * block[1, 0] + fx * block[1, 1])
            assert np.abs(got[y, x] - want).max() <= 1


def test_antialiased_squash_is_what_pillow_does() -> None:
    picture = noise(240, 320)
    wanted = Image.fromarray(picture).resize((112, 112), Image.Resampling.BILINEAR)
    assert np.array_equal(shown(View(8, 112), picture), np.asarray(wanted))


@pytest.mark.parametrize("shape", [(240, 320), (360, 640), (480, 270), (719, 1280), (256, 256)])
def test_resize_then_crop_is_what_torchvision_does(shape: tuple[int, int]) -> None:
    """Shorter side 256, longer one truncated; offsets rounded half to even."""
    from torchvision.transforms.v2.functional import center_crop, resize

    picture = noise(*shape)
    image = Image.fromarray(picture)
    wanted = np.asarray(center_crop(resize(image, [256]), [224, 224])).astype(int)
    difference = np.abs(shown(View(8, 224, short_side=256), picture).astype(int) - wanted)
    # Only the crop is computed, and rounds the other way now and then.
    assert difference.max() <= 1
    assert difference.mean() < 0.3
