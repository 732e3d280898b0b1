import pytest

from avparse.core.errors import ConfigError
from avparse.media.views import View


@pytest.mark.parametrize(
    "view",
    [
        View(16, 224, filter="point", sampling="ave"),
        View(8, 224, short_side=256, sampling="llp", jpeg=True),
        View(2, 112, filter="bicubic"),
    ],
)
def test_key_and_back(view: View) -> None:
    assert View.parse(view.key) == view


def test_unknown_key_shows_one_that_works() -> None:
    with pytest.raises(ConfigError, match=r"no view 'big'.*even2_crop256_224_bilinear") as caught:
        View.parse("big")
    View.parse(str(caught.value).rsplit(" ", 1)[1])


def test_views_of_the_same_frames_say_so() -> None:
    assert View(8, 224, 256).source == View(8, 112).source
    assert View(8, 224).source != View(8, 224, jpeg=True).source


def test_shape() -> None:
    assert View(8, 112).shape(10) == (80, 112, 112, 3)
