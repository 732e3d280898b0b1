import numpy as np
import pytest

from avparse.errors import ConfigError
from avparse.media.views import View


@pytest.mark.parametrize(
    "view", [View(16, 224, antialias=False), View(8, 224, short_side=256), View(2, 112)]
)
def test_key_and_back(view: View) -> None:
    assert View.parse(view.key) == view


def test_unknown_key_shows_one_that_works() -> None:
    with pytest.raises(ConfigError, match=r"no view 'big'.*2fps_crop256_224"):
        View.parse("big")


def test_times_are_in_the_middle_of_equal_steps() -> None:
    assert View(2, 8).times(2).tolist() == [0.25, 0.75, 1.25, 1.75]


@pytest.mark.parametrize("shape", [(48, 64, 3), (64, 48, 3), (300, 20, 3), (5, 5, 3)])
@pytest.mark.parametrize("view", [View(1, 16), View(1, 16, 20), View(1, 16, antialias=False)])
def test_any_picture_becomes_a_square(shape: tuple[int, ...], view: View) -> None:
    picture = np.full(shape, 77, np.uint8)
    rendered = view.render(picture)
    assert rendered.shape == (16, 16, 3)
    assert (rendered == 77).all()


def test_crop_keeps_the_centre_and_squash_keeps_the_edges() -> None:
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, :10] = 200
    assert View(1, 10, short_side=10).render(picture).max() == 0
    assert View(1, 10).render(picture).max() == 200


def test_point_sampling_does_not_average() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    smooth = View(1, 8).render(stripes).astype(int)
    assert np.ptp(smooth) < 60
    point = View(1, 8, antialias=False).render(stripes[:, :, :])
    # Each output pixel lies between two input columns, one black and one white.
    assert abs(int(point.mean()) - 127) <= 1


def test_bilinear_point_sampling_equals_the_formula() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    got = View(1, 8, antialias=False).render(picture).astype(float)
    for y in range(8):
        for x in range(8):
            sy, sx = (y + 0.5) * 20 / 8 - 0.5, (x + 0.5) * 30 / 8 - 0.5
            top, left = int(sy), int(sx)
            fy, fx = sy - top, sx - left
            block = picture[top : top + 2, left : left + 2].astype(float)
            want = (1 - fy) * ((1 - fx) * block[0, 0] + fx * block[0, 1])
            want += fy * ((1 - fx) * block[1, 0] + fx * block[1, 1])
            assert np.abs(got[y, x] - want).max() <= 1
