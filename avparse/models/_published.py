"""Published checkpoints, read by their own parameter names."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from avparse.core.errors import CheckpointError
from avparse.models.base import Model

_SHOWN = 3
"""How many wrong parameters a message names."""


def published_name(model: Model, name: str) -> str:
    """The published name of a parameter."""
    for pattern, replacement in model.renames:
        name = re.sub(pattern, replacement, name)
    return name


def fill(name: str, model: Model, state_dict: Mapping[str, Any]) -> None:
    """Copy published parameters into a model.

    Args:
        name: of the model, for messages.
        state_dict: published name -> tensor or array, perhaps with a leading ``module.``.
    Raises:
        CheckpointError: a parameter is missing or has another shape.
    """
    published = {key.removeprefix("module."): value for key, value in state_dict.items()}
    state: dict[str, Tensor] = {}
    wrong = []
    for key, parameter in model.state_dict().items():
        published_key = published_name(model, key)
        value = published.get(published_key)
        if value is None:
            wrong.append(f"{published_key} is missing")
            continue
        tensor = torch.as_tensor(value)
        if tensor.shape != parameter.shape:
            shapes = f"{tuple(tensor.shape)}, not {tuple(parameter.shape)}"
            wrong.append(f"{published_key} is {shapes}")
            continue
        state[key] = tensor
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        hint = "give the options it was trained with, such as supervision or num_classes"
        raise CheckpointError(f"no {name}: {'; '.join(wrong[:_SHOWN])}{more}", hint)
    model.load_state_dict(state)
