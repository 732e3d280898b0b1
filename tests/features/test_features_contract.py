"""What every extractor of the table keeps to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from golden.arrays import FOLDER, parameters

from avparse import features
from avparse.clips import Clip
from avparse.errors import ConfigError, UnknownNameError, WeightsError
from avparse.extraction import extract
from avparse.features import weights
from avparse.features.base import Extractor
from avparse.features.vggish import VGGishNetwork

NAMES = features.EXTRACTORS.names()
CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=NAMES)
def extractor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Extractor:
    rate = None if features.VIEWS[request.param] is None else 1
    made: Extractor = features.create(request.param, frames_per_second=rate)
    weights.make(made, "random", 0, tmp_path_factory.mktemp("weights") / "w.safetensors")
    return made


def raw(extractor: Extractor, seconds: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if extractor.view is None:
        return rng.integers(-3000, 3000, seconds * 16000).astype(np.int16)
    shape = (seconds * extractor.view.rate, extractor.view.size, extractor.view.size, 3)
    return rng.integers(0, 256, shape).astype(np.uint8)


def run(
    extractor: Extractor, arrays: list[np.ndarray], seconds: int, batch: int, dtype: torch.dtype
) -> torch.Tensor:
    clips = [Clip(str(i), str(i), 0.0, seconds, seconds) for i in range(len(arrays))]
    pairs: Iterator[tuple[Clip, np.ndarray]] = zip(clips, arrays, strict=True)
    found = list(extract(extractor, pairs, seconds, batch, CPU, dtype))
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


def test_bfloat16_is_close(extractor: Extractor) -> None:
    arrays = [raw(extractor, 2)]
    exact = run(extractor, arrays, 2, 4, torch.float32).flatten(2)
    rough = run(extractor, arrays, 2, 4, torch.bfloat16).flatten(2)
    extractor.network.float()
    assert torch.cosine_similarity(exact, rough, dim=-1).min() > 0.99


def test_weights_file_is_itself_again(extractor: Extractor, tmp_path: Path) -> None:
    rate = extractor.view.rate if extractor.view else None
    path = tmp_path / "w.safetensors"
    first: Extractor = features.create(extractor.name, frames_per_second=rate)
    identity = weights.make(first, "random", 0, path)
    second: Extractor = features.create(extractor.name, frames_per_second=rate)
    assert weights.load(second, path) == identity
    assert identity == {"kind": "random", "seed": 0, "extractor": extractor.name}
    for name, tensor in first.network.state_dict().items():
        assert torch.equal(tensor, second.network.state_dict()[name])
        assert torch.allclose(
            tensor.float(), extractor.network.state_dict()[name].float(), atol=0.1
        )


def test_segments_do_not_see_each_other(extractor: Extractor) -> None:
    extractor.network.float()
    array = raw(extractor, 3)
    changed = array.copy()
    changed[-len(array) // 3 :] = 0
    before, after = run(extractor, [array, changed], 3, 3, torch.float32)
    np.testing.assert_allclose(before[:2], after[:2], atol=1e-4)
    assert (before[2] - after[2]).abs().max() > 1e-4


def test_published_weights_are_named_by_their_hash(extractor: Extractor) -> None:
    published = extractor.pretrained
    assert published.url.startswith("https://")
    assert published.sha256 in published.url
    assert published.licence


def test_vggish_equals_the_published_port() -> None:
    network = VGGishNetwork().eval()
    network.load_state_dict(parameters("vggish"))
    golden = np.load(FOLDER / "vggish.npz")
    with torch.no_grad():
        found = network(torch.from_numpy(golden["log_mel"])[:, None].float())
    np.testing.assert_allclose(found, golden["embedding"], atol=2e-5)


def test_a_published_file_loads_by_its_own_names(tmp_path: Path) -> None:
    path = tmp_path / "vggish.pth"
    torch.save(parameters("vggish"), path)
    extractor = features.create("vggish")
    identity = weights.make(extractor, str(path), 0, tmp_path / "w.safetensors")
    assert identity == {"kind": "file", "source": str(path), "extractor": "vggish"}
    assert torch.equal(
        extractor.network.state_dict()["embeddings.4.bias"],
        parameters("vggish")["embeddings.4.bias"],
    )


def test_wrong_weights_are_refused_by_name(tmp_path: Path) -> None:
    state = parameters("vggish")
    state["embeddings.4.bias"] = torch.zeros(7)
    torch.save(state, tmp_path / "odd.pth")
    extractor = features.create("vggish")
    with pytest.raises(WeightsError, match=r"'embeddings.4.bias'.* is \(7,\): expected \(128,\)"):
        weights.make(extractor, str(tmp_path / "odd.pth"), 0, tmp_path / "w.safetensors")
    del state["embeddings.4.bias"]
    torch.save(state, tmp_path / "odd.pth")
    with pytest.raises(WeightsError, match=r"no 'embeddings.4.bias' in the weights of vggish"):
        weights.make(extractor, str(tmp_path / "odd.pth"), 0, tmp_path / "w.safetensors")


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    torch.save({"x": _Evil(marker)}, tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match=r"cannot read weights .*evil\.pth"):
        weights.make(features.create("vggish"), str(tmp_path / "evil.pth"), 0, tmp_path / "w")
    assert not marker.exists()


class _Evil:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> object:
        return Path.touch, (self.marker,)


def test_weights_of_another_extractor_or_none(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    weights.make(features.create("vggish"), "random", 0, path)
    with pytest.raises(WeightsError, match="holds no weights of r2plus1d_18: make them with"):
        weights.load(features.create("r2plus1d_18"), path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"cannot read weights .*: make them again"):
        weights.load(features.create("vggish"), path)


def test_bad_names_and_rates() -> None:
    with pytest.raises(UnknownNameError, match="unknown extractor 'vgg91': did you mean 'vgg19'"):
        features.create("vgg91")
    with pytest.raises(ConfigError, match=r"vggish\.frames_per_second = 2: an audio extractor"):
        features.create("vggish", frames_per_second=2)
