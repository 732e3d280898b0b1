"""VGGish's options: the hop, and AudioSet's PCA and 8 bits."""

import zipfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from features.test_features_contract import raw, run
from golden.arrays import parameters

from avparse import features
from avparse.config.data import ExtractorSettings
from avparse.features import calibrate, weights
from avparse.features.base import Weights
from avparse.features.vggish import Quantiser, VGGish


def test_pca_and_quantisation_equal_the_formula() -> None:
    rng = np.random.default_rng(0)
    vectors, means, x = (
        rng.normal(0, 0.1, (128, 128)),
        rng.normal(0, 1, 128),
        rng.normal(0, 2, (5, 128)),
    )
    quantiser = Quantiser()
    quantiser.get_buffer("pca_eigen_vectors").copy_(torch.from_numpy(vectors))
    quantiser.get_buffer("pca_means").copy_(torch.from_numpy(means)[:, None])
    found = quantiser(torch.from_numpy(x).float()).numpy()
    for row, given in zip(found, x, strict=True):
        y = np.clip(vectors @ (given - means), -2, 2)
        np.testing.assert_allclose(row, np.round((y + 2) * 255 / 4), atol=1)
        assert np.abs(row - (y + 2) * 255 / 4).max() < 0.51
    assert found.min() >= 0
    assert found.max() <= 255


def test_the_published_pca_file_holds_plain_arrays(tmp_path: Path) -> None:
    """As published, the network and the PCA are two files; the second holds NumPy arrays."""
    rng = np.random.default_rng(0)
    vectors, means = rng.normal(0, 0.1, (128, 128)), rng.normal(0, 1, (128, 1))
    torch.save(parameters("vggish"), tmp_path / "net.pth")
    torch.save({"pca_eigen_vectors": vectors, "pca_means": means}, tmp_path / "pca.pth")
    _as_numpy_1_wrote_it(tmp_path / "pca.pth")

    class Local(VGGish):
        weights: ClassVar = {"here": Weights("http://x/net.pth", "sha256:", "none", "test")}
        pca = Weights("http://x/pca.pth", "sha256:", "none", "test")

    extractor = Local("vggish", ExtractorSettings(weights="pretrained", pca=True), None)
    identity = weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
    assert len(identity["sha256"]) == 2
    _, quantise = extractor.network.children()
    np.testing.assert_allclose(quantise.get_buffer("pca_means"), means, rtol=1e-6)
    samples = raw(extractor, 2)
    rough = run(extractor, [samples], 2, 2, torch.bfloat16)[0]
    assert quantise.get_buffer("pca_means").dtype == torch.float32
    found = run(extractor, [samples], 2, 2, torch.float32)[0]
    assert (found == found.round()).all()
    assert ((found >= 0) & (found <= 255)).all()
    assert (found - rough).abs().max() <= 3
    plain = features.create("vggish", ExtractorSettings(weights=str(tmp_path / "net.pth")))
    weights.make(plain, tmp_path / "p.safetensors", tmp_path)
    x = run(plain, [samples], 2, 2, torch.float32)[0].double().numpy()
    wanted = np.round((np.clip((x - means.T) @ vectors.T, -2, 2) + 2) * 255 / 4)
    assert np.abs(found.numpy() - wanted).max() <= 1


def _as_numpy_1_wrote_it(path: Path) -> None:
    """Arrays were rebuilt by a function that has moved since."""
    moved, old = b"numpy._core.multiarray", b"numpy.core.multiarray"
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts.items():
            # A short string of the pickle begins with its length.
            short = data.replace(bytes([len(moved)]) + moved, bytes([len(old)]) + old)
            file.writestr(name, short.replace(moved, old))


def test_random_weights_come_with_a_pca_of_their_own(tmp_path: Path) -> None:
    extractor = features.create("vggish", ExtractorSettings(pca=True))
    weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
    found = run(extractor, [calibrate.sounds(4)], 4, 4, torch.float32)[0]
    assert found.shape == (4, 128)
    assert len(found.unique()) > 20


def test_hops_see_the_same_first_second_and_drift_apart(tmp_path: Path) -> None:
    per_second = features.create("vggish", ExtractorSettings(hop="second"))
    contiguous = features.create("vggish", ExtractorSettings(hop="contiguous"))
    samples = raw(per_second, 10)
    seconds, patches = (e.prepare(e.units(samples))[:, 0] for e in (per_second, contiguous))
    assert seconds.shape == patches.shape == (10, 96, 64)
    assert torch.equal(seconds[0], patches[0])
    # Patch 5 of the contiguous hop begins at 4.8 s.
    late = per_second.prepare(per_second.units(samples[int(4.8 * 16000) :][:16000]))
    np.testing.assert_allclose(patches[5], late[0, 0], atol=1e-4)
    assert (patches[9] - seconds[9]).abs().max() > 0.1
