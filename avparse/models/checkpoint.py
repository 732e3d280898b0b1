"""Trained models on disk: parameters as safetensors, everything else as JSON beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from safetensors.torch import load_file, save_file

from avparse import models
from avparse.config.data import ExtractorSettings
from avparse.config.section import ExtractorName
from avparse.core.errors import CheckpointError, DataError
from avparse.core.files import aside, read_json, write_json
from avparse.core.layouts import LAYOUTS
from avparse.models.base import Model

WEIGHTS = "model.safetensors"
CARD = "checkpoint.json"


class Input(BaseModel):
    """Where one input of a model comes from.

    Attributes:
        extractor: by name.
        settings: of the extractor.
        weights: what weights its network had; None for a published checkpoint, which does not tell.
    """

    model_config = ConfigDict(extra="forbid")

    extractor: ExtractorName
    settings: ExtractorSettings
    weights: dict[str, Any] | None


class Card(BaseModel):
    """What one needs to know to use a checkpoint."""

    model_config = ConfigDict(extra="forbid")

    format: int = LAYOUTS["checkpoint"]
    experiment: str
    model: str
    task: str
    options: dict[str, Any]
    classes: list[str]
    clip_seconds: int
    hop_seconds: int
    inputs: dict[str, Input]
    seed: int
    training: dict[str, Any]
    selected: dict[str, Any]
    versions: dict[str, str]

    @field_validator("format", mode="before")
    @classmethod
    def _layout_of_this_version(cls, value: Any) -> Any:
        if type(value) is not int or value != LAYOUTS["checkpoint"]:
            expected = {"layout": LAYOUTS["checkpoint"]}
            raise PydanticCustomError("layout", "Input should be {layout}", expected)
        return value


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint: the model, in eval mode, and its card."""

    model: Model
    card: Card


def save(folder: Path, model: Model, card: Card) -> None:
    """Write a checkpoint into a folder; the card comes last, so a whole card means a whole one."""
    state = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    with aside(folder / WEIGHTS) as temporary:
        save_file(state, temporary)
    write_json(folder / CARD, card.model_dump(mode="json"))


def read_card(folder: Path) -> Card:
    """The card of a checkpoint.

    Raises:
        CheckpointError: the folder holds none, or it is damaged.
    """
    path = folder / CARD
    if not path.is_file():
        raise CheckpointError(
            f"no checkpoint in {folder}", f"expected {CARD}, as `avparse train` writes it"
        )
    try:
        return Card.model_validate(read_json(path))
    except DataError as error:
        raise CheckpointError(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CheckpointError(f"{path}: {where}", first["msg"]) from None


def load(folder: Path, device: torch.device) -> Checkpoint:
    """Load a checkpoint.

    Raises:
        CheckpointError: it is missing, damaged, or its parameters do not fit its model.
    """
    card = read_card(folder)
    model: Model = models.create(card.model, num_classes=len(card.classes), **card.options)
    try:
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, safetensors.SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"cannot load {folder / WEIGHTS}", reason) from None
    return Checkpoint(model.to(device).eval(), card)


def find(folder: Path) -> list[Path]:
    """The checkpoint in a folder, or those of all seeds in its subfolders, sorted.

    Raises:
        CheckpointError: there is none.
    """
    if (folder / CARD).is_file():
        return [folder]
    below = sorted(path.parent for path in folder.glob(f"*/{CARD}"))
    if not below:
        raise CheckpointError(
            f"no checkpoint in {folder}",
            f"expected {CARD} in it or in its subfolders, as `avparse train` writes it",
        )
    return below
