"""Published checkpoints, by their own parameter names."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from avparse.errors import CheckpointError
from avparse.models.base import Model

_SHOWN = 3


def published_name(model: Model, name: str) -> str:
    """The published name of one of a model's parameters."""
    for pattern, replacement in model.renames:
        name = re.sub(pattern, replacement, name)
    return name


def fill(name: str, model: Model, state_dict: Mapping[str, Any]) -> None:
    """Copy published parameters into a model.

    Args:
        name: of the model, for messages.
        state_dict: published name -> tensor or array, perhaps with a leading ``module.``.
    Raises:
        CheckpointError: some are missing, of another shape, or no tensors.
    """
    found = {key.removeprefix("module."): value for key, value in state_dict.items()}
    state: dict[str, Tensor] = {}
    wrong = []
    for own, parameter in model.state_dict().items():
        published = published_name(model, own)
        value = found.get(published)
        if value is None:
            wrong.append(f"{published} is missing")
            continue
        tensor = torch.as_tensor(value)
        if tensor.shape != parameter.shape:
            shapes = f"{tuple(tensor.shape)}, not {tuple(parameter.shape)}"
            wrong.append(f"{published} is {shapes}")
            continue
        state[own] = tensor
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        hint = "give the options it was trained with, such as supervision or num_classes"
        raise CheckpointError(f"no {name}: {'; '.join(wrong[:_SHOWN])}{more}", hint)
    model.load_state_dict(state)
