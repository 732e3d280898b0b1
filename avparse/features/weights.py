"""Weights of the extractors' networks: random and seeded, published, or from a file.

Every kind ends up in one safetensors file that says what it is. Of a .pth file only tensors are
read, never code.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from avparse.core import tensors
from avparse.core.errors import WeightsError
from avparse.core.files import aside, digest_of_file, sha256_of
from avparse.core.progress import say
from avparse.features import PRETRAINED, RANDOM, weights_file
from avparse.features.base import Extractor, Weights


def make(extractor: Extractor, path: Path, folder: Path) -> dict[str, Any]:
    """Put an extractor's weights, as its settings ask for, into ``path``.

    Args:
        folder: where published files are, or are downloaded to.
    Returns:
        What they are: kind, seed or source, sha256 of the files they come from, pixels.
    Raises:
        WeightsError: they cannot be had, or do not fit the network.
    """
    kind, seed = extractor.settings.weights, extractor.settings.seed
    if kind == RANDOM:
        extractor.randomise(seed)
        made_for = extractor.settings.model_dump(include={"frames_per_second", "pixels", "pca"})
        identity: dict[str, Any] = {"kind": RANDOM, "seed": seed, **made_for}
    elif file := weights_file(extractor.settings):
        identity = _from_file(extractor, Path(file), folder)
    elif kind == PRETRAINED and not extractor.weights:
        state, source = extractor.download(folder)
        _fit(extractor, state)
        identity = {"kind": PRETRAINED, **source}
    else:
        identity = _published(extractor, kind, folder)
    identity["extractor"] = extractor.name
    state = {k: v.contiguous() for k, v in extractor.network.state_dict().items()}
    with aside(path) as temporary:
        save_file(state, temporary, {"identity": json.dumps(identity, sort_keys=True)})
    return identity


def load(extractor: Extractor, path: Path) -> dict[str, Any]:
    """Load weights made by :func:`make` into the extractor's network.

    Returns:
        What they are.
    Raises:
        WeightsError: the file is missing, damaged, or of another network.
    """
    identity = identity_of(path)
    if identity.get("extractor") != extractor.name:
        raise WeightsError(
            f"{path} holds no weights of {extractor.name}",
            f"make them with `avparse weights {extractor.name} --out {path}`",
        )
    _fit(extractor, load_file(path))
    extractor.adopt(identity)
    return identity


def identity_of(path: Path) -> dict[str, Any]:
    """What the weights in a file made by :func:`make` are.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            said = json.loads((file.metadata() or {}).get("identity", "{}"))
    except (OSError, safetensors.SafetensorError, ValueError) as error:
        raise WeightsError(f"cannot read weights {path}", f"make them again ({error})") from None
    return said if isinstance(said, dict) else {}


def _published(extractor: Extractor, kind: str, folder: Path) -> dict[str, Any]:
    chosen = next(iter(extractor.weights)) if kind == PRETRAINED else kind
    published = extractor.weights[chosen]
    files = [_fetch(one, folder) for one in extractor.files(published)]
    _fit(extractor, _merged(extractor, [tensors.read(file) for file in files]))
    return {
        "kind": PRETRAINED,
        "name": chosen,
        "source": published.source,
        "licence": published.licence,
        "sha256": [sha256_of(file) for file in files],
        "pixels": published.pixels,
    }


def _from_file(extractor: Extractor, path: Path, folder: Path) -> dict[str, Any]:
    """A user's file; a published one is known by its digest."""
    if not path.is_file():
        raise WeightsError(f"no weights file {path}", "check the path")
    known = [one for one in extractor.weights.values() if matches(path, one.digest)]
    extra = [_fetch(one, folder) for one in extractor.files(known[0])[1:]] if known else []
    states = [tensors.read(file) for file in (path, *extra)]
    _fit(extractor, _merged(extractor, states))
    return {
        "kind": "file",
        "source": path.name,
        "sha256": [sha256_of(file) for file in (path, *extra)],
        "pixels": known[0].pixels if known else _pixels_of(extractor, path, states[0]),
    }


def _pixels_of(extractor: Extractor, path: Path, state: Mapping[str, Tensor]) -> str | None:
    """What the weights of an unknown file want: as a file of ours says, or as its names tell."""
    if path.suffix == ".safetensors":
        return identity_of(path).get("pixels")
    named = any(key.startswith("block1_conv1/") for key in state)
    return extractor.weights["keras"].pixels if named and "keras" in extractor.weights else None


def matches(path: Path, digest: str) -> bool:
    """Whether a file has a digest such as ``"sha256:dcbb9e9d"``, as far as that goes."""
    method, _, expected = digest.partition(":")
    return digest_of_file(path, method).startswith(expected)


def _fetch(published: Weights, folder: Path) -> Path:
    """The published file in ``folder``, downloaded if it is not there, its digest checked.

    Raises:
        WeightsError: it cannot be had, or is another file.
    """
    path = folder / published.file
    if path.is_file():
        _check(path, published, f"delete it, or put the file of {published.url} there")
    else:
        say(f"weights: fetching {published.url}")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside(path) as temporary:
                torch.hub.download_url_to_file(published.url, str(temporary))
                _check(temporary, published, "it was cut off or replaced; try again")
        except OSError as error:
            raise WeightsError(
                f"cannot fetch {published.url} ({error})",
                f"put the file at {path}, or name its folder as runtime.weights_folder",
            ) from None
    return path


def _check(path: Path, published: Weights, hint: str) -> None:
    if not matches(path, published.digest):
        raise WeightsError(f"{path} is not {published.file} ({published.digest})", hint)


def _merged(extractor: Extractor, states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {key: value for one in states for key, value in extractor.translate(one).items()}


def _fit(extractor: Extractor, state: Mapping[str, Tensor]) -> None:
    """Load a state dict by our names; what the network lacks is dropped."""
    own = extractor.network.state_dict()
    fitted = {}
    for name, tensor in own.items():
        if name.endswith("num_batches_tracked"):
            fitted[name] = state.get(name, tensor)
            continue
        if name not in state:
            raise WeightsError(f"no {name!r} in the weights of {extractor.name}", "wrong file?")
        given = state[name]
        if given.squeeze().shape == tensor.squeeze().shape:
            given = given.reshape(tensor.shape)
        if given.shape != tensor.shape:
            raise WeightsError(
                f"{name!r} in the weights of {extractor.name} is {tuple(given.shape)}",
                f"expected {tuple(tensor.shape)}",
            )
        fitted[name] = given
    extractor.network.load_state_dict(fitted)
