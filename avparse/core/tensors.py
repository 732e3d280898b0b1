"""Read named tensors from untrusted files; code in a pickle is never run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from avparse.core.errors import AvparseError, WeightsError
from avparse.core.hdf5 import read_tree

_RECONSTRUCT: Any = np.zeros(0).__reduce__()[0]
"""The function that pickles of NumPy arrays name; NumPy 1 kept it in another module."""

_ARRAYS: list[Any] = [
    _RECONSTRUCT,
    (_RECONSTRUCT, "numpy._core.multiarray._reconstruct"),
    (_RECONSTRUCT, "numpy.core.multiarray._reconstruct"),
    np.ndarray,
    np.dtype,
    *(type(np.dtype(kind)) for kind in ("f4", "f8")),
]
"""What a .pth file that holds plain arrays, as VGGish's PCA does, may name beside tensors."""

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net")
"""Keys under which training scripts keep the parameters among other things."""


def read(path: Path) -> dict[str, Tensor]:
    """The named tensors of a .safetensors, .h5, .npz or PyTorch file.

    Raises:
        WeightsError: there is none, it is damaged, or it holds a program rather than tensors.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if path.suffix == ".h5":
            return {key: torch.from_numpy(value) for key, value in read_tree(path).items()}
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return {key: torch.from_numpy(arrays[key]) for key in arrays}
        with torch.serialization.safe_globals(_ARRAYS):
            state = torch.load(path, map_location="cpu", weights_only=True)
        inner = (state[key] for key in _WRAPPERS if isinstance(state.get(key), Mapping))
        return {key: torch.as_tensor(value) for key, value in next(inner, state).items()}
    except AvparseError as error:
        raise WeightsError(str(error)) from None
    except Exception as error:  # a bad file raises many kinds
        reason = " ".join(str(error).split())[:120]
        raise WeightsError(f"cannot read weights {path}", reason or type(error).__name__) from None
