"""Published checkpoints, by their own parameter names."""

import itertools
import re
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from avparse.core.errors import CheckpointError
from avparse.models.base import Model

_SHOWN = 3


@runtime_checkable
class Joined(Protocol):
    """A layer that holds several published ones."""

    def parts(self, parameter: Tensor, count: int) -> list[Tensor]:
        """``count`` views of one of its parameters, each of the published shape."""


def published_parts(model: Model) -> dict[str, Tensor]:
    """Published name -> what it fills of a model's state: views, in the published shape.

    Braces in :attr:`~avparse.models.base.Model.renames` name the parameters that one of ours holds:
    ``l{a,v}{1,2}`` are la1, la2, lv1 and lv2.
    """
    found: dict[str, Tensor] = {}
    for own, tensor in model.state_dict().items():
        name = own
        for pattern, replacement in model.renames:
            name = re.sub(pattern, replacement, name)
        names = _spelled_out(name)
        layer, views = model.get_submodule(own.rpartition(".")[0]), [tensor]
        if isinstance(layer, Joined) and name != own:
            views = layer.parts(tensor, len(names))
        found.update(zip(names, views, strict=True))
    return found


def _spelled_out(name: str) -> list[str]:
    """All names of one with choices in braces."""
    pieces = re.split(r"\{(.+?)\}", name)  # every second one is a list of choices
    choices = [p.split(",") if place % 2 else [p] for place, p in enumerate(pieces)]
    return ["".join(picked) for picked in itertools.product(*choices)]


def fill(name: str, model: Model, state_dict: Mapping[str, Any]) -> None:
    """Copy published parameters into a model.

    Args:
        name: of the model, for messages.
        state_dict: published name -> tensor or array, perhaps with a leading ``module.``.
    Raises:
        CheckpointError: some are missing, of another shape, or no tensors.
    """
    found = {key.removeprefix("module."): value for key, value in state_dict.items()}
    wrong = []
    for name_there, part in published_parts(model).items():
        value = found.get(name_there)
        if value is None:
            wrong.append(f"{name_there} is missing")
            continue
        tensor = torch.as_tensor(value)
        if tensor.shape != part.shape:
            shapes = f"{tuple(tensor.shape)}, not {tuple(part.shape)}"
            wrong.append(f"{name_there} is {shapes}")
            continue
        part.copy_(tensor)
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        hint = "give the options it was trained with, such as supervision or num_classes"
        raise CheckpointError(f"no {name}: {'; '.join(wrong[:_SHOWN])}{more}", hint)
