"""Weights: downloaded from a server on this machine, found in a folder, or given as a file."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
import pytest
import torch
from golden.arrays import parameters

from avparse import features
from avparse.config.data import ExtractorSettings
from avparse.core.errors import WeightsError
from avparse.features import weights
from avparse.features.base import Extractor, Weights
from avparse.features.pixels import PIXELS
from avparse.features.vggish import VGGish


def vggish(kind: str) -> Extractor:
    made: Extractor = features.create("vggish", ExtractorSettings(weights=kind))
    return made


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file that VGGish's port is published as: the names, our own numbers."""
    folder = tmp_path_factory.mktemp("published")
    torch.save(parameters("vggish"), folder / "vggish.pth")
    return folder


@pytest.fixture
def server(published: Path) -> Iterator[str]:
    def handler(*args: object) -> http.server.SimpleHTTPRequestHandler:
        return _Quiet(*args, directory=str(published))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def at(url: str, file: Path | None, digest: str = "") -> Extractor:
    """VGGish as if it had been published there."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest() if file else digest

    class Elsewhere(VGGish):
        weights: ClassVar = {"here": Weights(url, f"sha256:{sha256}", "none", "a test")}

    return Elsewhere("vggish", ExtractorSettings(weights="pretrained"), None)


def test_a_published_file_is_fetched_once(published: Path, server: str, tmp_path: Path) -> None:
    extractor = at(f"{server}/vggish.pth", published / "vggish.pth")
    folder = tmp_path / "folder"
    identity = weights.make(extractor, tmp_path / "w.safetensors", folder)
    sha256 = hashlib.sha256((published / "vggish.pth").read_bytes()).hexdigest()
    assert identity["sha256"] == [sha256]
    assert (identity["kind"], identity["name"], identity["licence"]) == (
        "pretrained",
        "here",
        "none",
    )
    assert [path.name for path in folder.iterdir()] == ["vggish.pth"]
    # From the folder, without a server.
    gone = at("http://127.0.0.1:9/vggish.pth", published / "vggish.pth")
    assert weights.make(gone, tmp_path / "again.safetensors", folder)["sha256"] == [sha256]
    found = gone.network.state_dict()["embeddings.4.bias"]
    assert torch.equal(found, parameters("vggish")["embeddings.4.bias"])


def test_without_network_one_line_says_which_file_to_put_where(tmp_path: Path) -> None:
    extractor = at("http://127.0.0.1:9/vggish.pth", None, "00")
    with pytest.raises(WeightsError) as caught:
        weights.make(extractor, tmp_path / "w.safetensors", tmp_path / "folder")
    message = str(caught.value)
    assert message.startswith("cannot fetch http://127.0.0.1:9/vggish.pth (")
    assert f"put the file at {tmp_path / 'folder' / 'vggish.pth'}" in message
    assert "\n" not in message


def test_a_file_that_is_missing_there(server: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"cannot fetch .*404"):
        weights.make(at(f"{server}/gone.pth", None, "00"), tmp_path / "w", tmp_path / "folder")
    assert not list((tmp_path / "folder").iterdir())


def test_a_truncated_or_wrong_file_is_refused_by_its_hash(
    published: Path, server: str, tmp_path: Path
) -> None:
    extractor = at(f"{server}/vggish.pth", None, "0123")
    with pytest.raises(WeightsError, match=r"is not vggish\.pth \(sha256:0123\): it was cut off"):
        weights.make(extractor, tmp_path / "w", tmp_path / "folder")
    assert not list((tmp_path / "folder").iterdir())
    cut = (published / "vggish.pth").read_bytes()[:-1]
    (tmp_path / "vggish.pth").write_bytes(cut)
    extractor = at(f"{server}/vggish.pth", published / "vggish.pth")
    with pytest.raises(WeightsError, match=r"is not vggish\.pth .*: delete it"):
        weights.make(extractor, tmp_path / "w", tmp_path)
    assert (tmp_path / "vggish.pth").read_bytes() == cut


def test_a_file_of_ones_own_loads_by_the_published_names(published: Path, tmp_path: Path) -> None:
    extractor = vggish(str(published / "vggish.pth"))
    identity = weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
    assert (identity["kind"], identity["source"]) == ("file", "vggish.pth")
    found = extractor.network.state_dict()["embeddings.4.bias"]
    assert torch.equal(found, parameters("vggish")["embeddings.4.bias"])


def test_wrong_weights_are_refused_by_name(tmp_path: Path) -> None:
    state = parameters("vggish")
    odd = str(tmp_path / "odd.pth")
    state["embeddings.4.bias"] = torch.zeros(7)
    torch.save(state, odd)
    with pytest.raises(WeightsError, match=r"'embeddings.4.bias'.* is \(7,\): expected \(128,\)"):
        weights.make(vggish(odd), tmp_path / "w.safetensors", tmp_path)
    del state["embeddings.4.bias"]
    torch.save(state, odd)
    with pytest.raises(WeightsError, match=r"no 'embeddings.4.bias' in the weights of vggish"):
        weights.make(vggish(odd), tmp_path / "w.safetensors", tmp_path)
    with pytest.raises(WeightsError, match=r"no weights file .*gone\.pth: check the path"):
        weights.make(vggish(str(tmp_path / "gone.pth")), tmp_path / "w.safetensors", tmp_path)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    torch.save({"x": _Evil(marker)}, tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match=r"cannot read weights .*evil\.pth"):
        weights.make(vggish(str(tmp_path / "evil.pth")), tmp_path / "w", tmp_path)
    np.savez(tmp_path / "evil.npz", x=np.array([_Evil(marker)], object))
    with pytest.raises(WeightsError, match=r"cannot read weights .*evil\.npz"):
        weights.make(vggish(str(tmp_path / "evil.npz")), tmp_path / "w", tmp_path)
    assert not marker.exists()


class _Evil:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> object:
        return Path.touch, (self.marker,)


def test_weights_of_another_extractor_or_none(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    weights.make(vggish("random"), path, tmp_path)
    with pytest.raises(WeightsError, match="holds no weights of r2plus1d_18: make them with"):
        weights.load(features.create("r2plus1d_18"), path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"cannot read weights .*: make them again"):
        weights.load(vggish("random"), path)


def keras_file(path: Path, link: bool = False) -> dict[str, np.ndarray]:
    """A file of the layout of Keras' VGG-19: layers as groups, kernels (3, 3, in, out)."""
    rng = np.random.default_rng(0)
    blocks = [(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)]
    arrays = {}
    depth = 3
    with h5py.File(path, "w") as file:
        for block, (count, width) in enumerate(blocks, 1):
            for number in range(1, count + 1):
                name = f"block{block}_conv{number}"
                kernel = rng.normal(0, 0.01, (3, 3, depth, width)).astype(np.float32)
                arrays[name] = kernel
                file[f"{name}/{name}_W_1:0"] = kernel
                file[f"{name}/{name}_b_1:0"] = rng.normal(0, 0.1, width).astype(np.float32)
                depth = width
            file.create_group(f"block{block}_pool")
        if link:
            file["block1_conv1/elsewhere"] = h5py.ExternalLink("/etc/passwd", "/x")
    return arrays


def test_keras_vgg19_is_read_as_it_is_and_wants_caffes_pixels(tmp_path: Path) -> None:
    path = tmp_path / "vgg19_notop.h5"
    arrays = keras_file(path)
    extractor = features.create("vgg19", ExtractorSettings(weights=str(path), frames_per_second=1))
    identity = weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
    assert identity["pixels"] == "caffe"
    again = features.create("vgg19", ExtractorSettings(weights=str(path), frames_per_second=1))
    weights.load(again, tmp_path / "w.safetensors")
    assert again.pixels == PIXELS["caffe"]
    first = again.network.state_dict()["0.weight"]
    assert np.array_equal(first[5, 2], arrays["block1_conv1"][:, :, 2, 5])
    convolutions = [m for m in again.network if isinstance(m, torch.nn.Conv2d)]
    last = arrays["block5_conv4"]
    assert np.array_equal(convolutions[-1].weight[7, 300].detach(), last[:, :, 300, 7])
    # The pixels of the settings come first.
    mixed = replace_pixels(path)
    weights.load(mixed, tmp_path / "w.safetensors")
    assert mixed.pixels == PIXELS["imagenet"]


def test_keras_layers_are_known_by_their_names_in_any_file(tmp_path: Path) -> None:
    keras_file(tmp_path / "vgg19.h5")
    with h5py.File(tmp_path / "vgg19.h5") as file:
        arrays = {
            f"{layer}/{name}": file[layer][name][()] for layer in file for name in file[layer]
        }
    np.savez(tmp_path / "vgg19.npz", **arrays)
    path = str(tmp_path / "vgg19.npz")
    extractor = features.create("vgg19", ExtractorSettings(weights=path, frames_per_second=1))
    made = tmp_path / "w.safetensors"
    assert weights.make(extractor, made, tmp_path)["pixels"] == "caffe"
    # And our own file of them, given as weights, still says so.
    again = features.create("vgg19", ExtractorSettings(weights=str(made), frames_per_second=1))
    assert weights.make(again, tmp_path / "v.safetensors", tmp_path)["pixels"] == "caffe"


def test_a_file_that_declares_more_than_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "huge.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("block1_conv1/kernel", (1 << 40,), "f4", chunks=(1 << 20,))
    assert path.stat().st_size < 1 << 20
    extractor = features.create("vgg19", ExtractorSettings(weights=str(path), frames_per_second=1))
    with pytest.raises(WeightsError, match="declares more than 4 GB"):
        weights.make(extractor, tmp_path / "w.safetensors", tmp_path)


def replace_pixels(path: Path) -> Extractor:
    wanted = ExtractorSettings(weights=str(path), frames_per_second=1, pixels="imagenet")
    made: Extractor = features.create("vgg19", wanted)
    return made


def test_a_foreign_file_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vgg19_notop.h5"
    keras_file(path, link=True)
    extractor = features.create("vgg19", ExtractorSettings(weights=str(path), frames_per_second=1))
    with pytest.raises(WeightsError, match="has a link at /block1_conv1/elsewhere"):
        weights.make(extractor, tmp_path / "w.safetensors", tmp_path)


def test_a_keras_file_of_another_network(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["block1_conv1/kernel:0"] = np.zeros((3, 3, 3, 64), np.float32)
    extractor = features.create("vgg19", ExtractorSettings(weights=str(path), frames_per_second=1))
    with pytest.raises(WeightsError, match="no kernel and bias of block1_conv1 in the file"):
        weights.make(extractor, tmp_path / "w.safetensors", tmp_path)


def test_a_known_file_is_recognised_by_its_digest(published: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256((published / "vggish.pth").read_bytes()).hexdigest()
    one = Weights("https://x/vggish.pth", f"sha256:{digest[:8]}", "l", "s")
    assert weights.matches(published / "vggish.pth", one.digest)
    other = replace(one, digest="md5:" + hashlib.md5(b"").hexdigest())
    assert not weights.matches(published / "vggish.pth", other.digest)
