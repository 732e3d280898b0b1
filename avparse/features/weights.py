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

from avparse.errors import WeightsError
from avparse.features.base import Extractor
from avparse.features.calibrate import randomise
from avparse.files import aside, sha256_of
from avparse.progress import say


def make(extractor: Extractor, kind: str, seed: int, path: Path) -> dict[str, Any]:
    """Put an extractor's weights into ``path``.

    Args:
        kind: ``"random"``, ``"pretrained"``, or a .safetensors or .pth file.
        seed: of random weights.
    Returns:
        What they are: kind, seed or source.
    Raises:
        WeightsError: they cannot be had, or do not fit the network.
    """
    if kind == "random":
        inputs = extractor.prepare(extractor.calibration())
        randomise(extractor.network, inputs, seed, extractor.smooth)
        identity: dict[str, Any] = {"kind": "random", "seed": seed}
    elif kind == "pretrained":
        published = extractor.pretrained
        _fit(extractor, _download(published.url, published.sha256))
        identity = {"kind": "pretrained", "source": published.source, "url": published.url}
    else:
        _fit(extractor, _read(Path(kind)))
        identity = {"kind": "file", "source": kind}
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
        WeightsError: the file is missing, damaged, or of another extractor.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            identity: dict[str, Any] = json.loads((file.metadata() or {}).get("identity", "{}"))
    except (OSError, safetensors.SafetensorError, ValueError) as error:
        raise WeightsError(f"cannot read weights {path}", f"make them again ({error})") from None
    if identity.get("extractor") != extractor.name:
        raise WeightsError(
            f"{path} holds no weights of {extractor.name}",
            f"make them with `avparse weights {extractor.name} --out {path}`",
        )
    _fit(extractor, load_file(path))
    return identity


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return state
    except Exception as error:  # torch.load raises many kinds for a bad file
        reason = " ".join(str(error).split())[:120]
        raise WeightsError(f"cannot read weights {path}", reason or type(error).__name__) from None


def _download(url: str, sha256: str) -> dict[str, Tensor]:
    """Fetch a published file once into torch's cache, and check its hash."""
    target = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if not target.is_file():
        say(f"weights: fetching {url}")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(target), hash_prefix=sha256)
        except (OSError, RuntimeError) as error:
            raise WeightsError(
                f"cannot fetch {url} ({error})",
                f"put the file at {target}, or give its path as the extractor's weights",
            ) from None
    if not sha256_of(target).startswith(sha256):
        raise WeightsError(f"{target} is not {url}", "delete it and run again")
    return _read(target)


def _fit(extractor: Extractor, state: Mapping[str, Tensor]) -> None:
    """Load a state dict by the published names; what the network lacks is dropped."""
    prefix = extractor.prefix
    renamed = {k.removeprefix(prefix) if prefix else k: v for k, v in state.items()}
    own = extractor.network.state_dict()
    for name, tensor in own.items():
        if name not in renamed and not name.endswith("num_batches_tracked"):
            raise WeightsError(f"no {name!r} in the weights of {extractor.name}", "wrong file?")
        if name in renamed and renamed[name].shape != tensor.shape:
            raise WeightsError(
                f"{name!r} in the weights of {extractor.name} is {tuple(renamed[name].shape)}",
                f"expected {tuple(tensor.shape)}",
            )
    extractor.network.load_state_dict({k: renamed.get(k, v) for k, v in own.items()})
