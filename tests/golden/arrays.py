"""Parameters and inputs that depend only on (seed, name, shape)."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
INDEX: dict[str, Any] = json.loads((FOLDER / "index.json").read_text())


def array(name: str, shape: tuple[int, ...], seed: int = 0) -> NDArray[np.float32]:
    """Standard normal numbers."""
    rng = np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))
    return rng.standard_normal(tuple(shape), dtype=np.float32)


def parameters(model: str) -> dict[str, torch.Tensor]:
    """A checkpoint under its published names, scaled by fan-in."""
    return {
        name: torch.from_numpy(_parameter(name, tuple(shape)))
        for name, shape in INDEX[model]["parameters"].items()
    }


def _parameter(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    x, leaf = array(name, shape), name.rsplit(".", 1)[-1]
    if leaf.startswith("bias") or leaf.endswith("_bias"):
        return (0.1 * x).astype(np.float32)
    if len(shape) <= 1:
        return (1 + 0.1 * x).astype(np.float32)
    return (x / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def inputs(model: str, prefix: str = "input") -> dict[str, torch.Tensor]:
    """The inputs of a model; visual maps and HAN's features are rectified."""
    entry = INDEX[model]
    made = {k: array(f"{prefix}.{k}", s) for k, s in entry["inputs"].items()}
    rectified = set(made) if entry.get("rectified_inputs") else {"visual"}
    return {k: torch.from_numpy(np.maximum(x, 0) if k in rectified else x) for k, x in made.items()}
