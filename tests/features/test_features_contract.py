"""What every extractor of the table keeps to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import torch_threads
from golden.arrays import FOLDER, parameters

from avparse import features
from avparse.config.data import ExtractorSettings
from avparse.core.clips import Clip
from avparse.core.errors import ConfigError, UnknownNameError
from avparse.features import calibrate, weights
from avparse.features.base import Extractor
from avparse.features.pipeline import extract
from avparse.features.vggish import VGGishNetwork

NAMES = features.EXTRACTORS.names()
CPU = torch.device("cpu")


def slowly(name: str, rate: int = 1, **settings: Any) -> Extractor:
    """An extractor that sees few frames a second, if any."""
    if features.published(features.network(name, ExtractorSettings(**settings))).view:
        settings["frames_per_second"] = rate
    made: Extractor = features.create(name, ExtractorSettings(**settings))
    return made


@pytest.fixture(scope="module", autouse=True)
def two_threads() -> Iterator[None]:
    """As many as random_weights uses: random weights depend on it in their last digits."""
    with torch_threads(2):
        yield


@pytest.fixture(scope="module", params=NAMES)
def extractor(request: pytest.FixtureRequest, random_weights: Callable[[str], Path]) -> Extractor:
    made = slowly(request.param)
    weights.load(made, random_weights(request.param))
    return made


def raw(extractor: Extractor, seconds: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if extractor.view is None:
        return rng.integers(-3000, 3000, seconds * 16000).astype(np.int16)
    return rng.integers(0, 256, extractor.view.shape(seconds)).astype(np.uint8)


def run(
    extractor: Extractor, arrays: list[np.ndarray], seconds: int, batch: int, dtype: torch.dtype
) -> torch.Tensor:
    clips = [Clip(str(i), str(i), 0.0, seconds, seconds) for i in range(len(arrays))]
    pairs: Iterator[tuple[Clip, np.ndarray]] = zip(clips, arrays, strict=True)
    extractor.place(CPU, dtype)
    found = list(extract(extractor, pairs, batch, CPU, dtype))
    assert [clip for clip, _ in found] == clips
    return torch.stack([row for _, row in found])


def test_shape_range_and_batching(extractor: Extractor) -> None:
    arrays = [raw(extractor, 2, seed) for seed in range(3)]
    together = run(extractor, arrays, 2, 4, torch.float32)
    assert together.shape == (3, 2, *extractor.shape)
    assert together.dtype == torch.float32
    assert torch.isfinite(together).all()
    # Calibrated: neither exploded nor flat.
    assert 1e-3 < together.abs().mean() < 1e3
    assert (together[0] - together[1]).abs().max() > 1e-4
    one_by_one = run(extractor, arrays, 2, 1, torch.float32)
    np.testing.assert_allclose(together, one_by_one, atol=1e-3, rtol=1e-3)


def test_bfloat16_is_within_a_thousandth(extractor: Extractor) -> None:
    """Cosine per segment with float32, on pictures and sounds."""
    if extractor.view:
        pictures = calibrate.pictures(4, extractor.view.size).numpy()
        arrays = [pictures[:2], pictures[2:]]
    else:
        arrays = list(calibrate.sounds(8).reshape(2, -1))
    exact = run(extractor, arrays, len(arrays[0]), 4, torch.float32).flatten(2)
    fresh = extractor.network.state_dict()
    kept = {name: tensor.clone() for name, tensor in fresh.items()}
    rough = run(extractor, arrays, len(arrays[0]), 4, torch.bfloat16).flatten(2)
    extractor.network.float().load_state_dict(kept)
    cosines = torch.cosine_similarity(exact, rough, dim=-1)
    assert cosines.min() > 0.999


def test_random_weights_are_the_same_every_time(
    extractor: Extractor, random_weights: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    first, second = slowly(extractor.name), slowly(extractor.name)
    identity = weights.make(first, path, tmp_path)
    assert (identity["kind"], identity["seed"]) == ("random", 0)
    assert identity["frames_per_second"] == extractor.settings.frames_per_second
    assert weights.load(second, random_weights(extractor.name)) == identity
    for name, tensor in first.network.state_dict().items():
        assert torch.equal(tensor, second.network.state_dict()[name])


def test_segments_do_not_see_each_other(extractor: Extractor) -> None:
    array = raw(extractor, 3)
    changed = array.copy()
    changed[-len(array) // 3 :] = 0
    before, after = run(extractor, [array, changed], 3, 3, torch.float32)
    np.testing.assert_allclose(before[:2], after[:2], atol=1e-4)
    assert (before[2] - after[2]).abs().max() > 1e-4


def test_published_weights_say_what_they_are(extractor: Extractor) -> None:
    assert tuple(extractor.weights) == features.PUBLISHED[extractor.name].weights
    for one in extractor.weights.values():
        assert one.url.startswith("https://")
        assert one.licence
        assert one.source
        method, _, digits = one.digest.partition(":")
        assert (method == "sha256" and digits in one.url) or (method == "md5" and len(digits) == 32)
        assert (one.pixels is None) == (extractor.view is None)


def test_vggish_equals_the_published_port() -> None:
    network = VGGishNetwork().eval()
    network.load_state_dict(parameters("vggish"))
    golden = np.load(FOLDER / "vggish.npz")
    with torch.no_grad():
        found = network(torch.from_numpy(golden["log_mel"])[:, None].float())
    np.testing.assert_allclose(found, golden["embedding"], atol=2e-5)


def test_frames_are_averaged_or_kept(random_weights: Callable[[str], Path]) -> None:
    kept = slowly("resnet152", rate=2, average=False)
    averaged = slowly("resnet152", rate=2)
    for extractor in (kept, averaged):
        weights.load(extractor, random_weights("resnet152"))
    arrays = [raw(kept, 2, seed) for seed in range(3)]
    # A batch of three frames is no whole number of seconds, and no whole number of clips.
    every = run(kept, arrays, 2, 3, torch.float32)
    mean = run(averaged, arrays, 2, 3, torch.float32)
    assert every.shape == (3, 4, 2048)
    np.testing.assert_allclose(every.unflatten(1, (2, 2)).mean(2), mean, atol=1e-5)


def test_pooled_is_the_mean_of_the_map(random_weights: Callable[[str], Path]) -> None:
    for name in ("vgg19", "resnet152"):
        whole, pooled = slowly(name, output="map"), slowly(name, output="pooled")
        for extractor in (whole, pooled):
            weights.load(extractor, random_weights(name))
        arrays = [raw(whole, 2)]
        maps = run(whole, arrays, 2, 2, torch.float32)
        assert maps.shape == (1, 2, *whole.shape)
        means = run(pooled, arrays, 2, 2, torch.float32)
        np.testing.assert_allclose(maps.mean((2, 3)), means, atol=1e-4, rtol=1e-4)


def test_an_error_while_reading_comes_out(extractor: Extractor) -> None:
    def broken() -> Iterator[tuple[Clip, np.ndarray]]:
        yield Clip("a", "a", 0.0, 1, 1), raw(extractor, 1)
        raise OSError("disk gone")

    extractor.place(CPU, torch.float32)
    with pytest.raises(OSError, match="disk gone"):
        list(extract(extractor, broken(), 1, CPU, torch.float32))


def test_stopping_early_stops_the_reader(extractor: Extractor) -> None:
    taken = []

    def endless() -> Iterator[tuple[Clip, np.ndarray]]:
        while True:
            taken.append(1)
            yield Clip("a", "a", 0.0, 1, 1), raw(extractor, 1)

    extractor.place(CPU, torch.float32)
    results = extract(extractor, endless(), 1, CPU, torch.float32)
    next(iter(results))
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 10


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        (
            "vggish",
            {"frames_per_second": 2},
            "frames_per_second = 2: vggish is an audio extractor and has",
        ),
        ("vggish", {"jpeg": True}, "extractors.vggish.jpeg = True: vggish is an audio"),
        (
            "vggish",
            {"average": False},
            "extractors.vggish.average = False: vggish gives one feature",
        ),
        (
            "vgg19",
            {"hop": "second"},
            "extractors.vgg19.hop = second: vgg19 is a visual extractor and has no `hop` setting; "
            "remove it",
        ),
        ("r2plus1d_18", {"output": "map"}, "output = map: r2plus1d_18 gives one vector per second"),
        ("vgg19", {"weights": "kers"}, "vgg19.weights = 'kers': did you mean 'keras'?"),
        ("resnet152", {"weights": "keras"}, "resnet152.weights = 'keras': known: pretrained"),
    ],
)
def test_settings_of_no_use_are_refused(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        features.check(name, ExtractorSettings(**settings))
    assert message in str(caught.value)


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="unknown extractor 'vgg91': did you mean 'vgg19'"):
        features.create("vgg91")
    mine = features.create("mine", ExtractorSettings(network="vgg19", frames_per_second=3))
    assert mine.view.rate == 3
