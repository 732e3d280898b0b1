"""What every model declares: its task, inputs, published recipe, outputs and loss."""

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from torch import Tensor, nn

from avparse.errors import ConfigError
from avparse.registry import near


class Task(StrEnum):
    """What a model is trained to tell."""

    LOCALIZATION = "localization"
    PARSING = "parsing"


@dataclass(frozen=True)
class Recipe:
    """How a model was trained by its authors.

    Attributes:
        epochs: passes over the training split.
        batch_size: samples per step; the last, smaller batch is kept.
        learning_rate: of Adam.
        milestones: epochs after which the learning rate is multiplied by ``gamma``.
        clip_norm: largest global norm of the gradient; None for no clipping.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    milestones: tuple[int, ...]
    gamma: float
    clip_norm: float | None = None


@dataclass(frozen=True)
class ParsingOutput:
    """What a parsing model says; modality 0 is audio, 1 visual.

    Attributes:
        clip_prob: (B, C) that a class occurs in the clip; pooled, and may exceed 1 a little.
        modality_prob: (B, 2, C) that it is heard, that it is seen.
        segment_prob: (B, T, 2, C) for each segment.
    """

    clip_prob: Tensor
    modality_prob: Tensor
    segment_prob: Tensor


@dataclass(frozen=True)
class LocalizationOutput:
    """What a localization model says.

    Attributes:
        event_logits: (B, T) that a segment is an audio-visual event.
        class_logits: (B, K) which event the clip holds.
    """

    event_logits: Tensor
    class_logits: Tensor


@dataclass(frozen=True)
class Targets:
    """What a batch should have said.

    Attributes:
        clip_labels: (B, C) 0/1, parsing.
        segment_labels: (B, T) class index with C for background, localization.
    """

    clip_labels: Tensor | None = None
    segment_labels: Tensor | None = None


class Model(nn.Module):
    """Base of all models.

    Attributes:
        task: what it tells.
        inputs: argument of ``forward`` -> extractor whose features it was published with.
        recipe: how it was published.
        many: arguments that may have several features a segment.
        num_classes: C, background not counted.
    """

    task: ClassVar[Task]
    inputs: ClassVar[dict[str, str]]
    recipe: ClassVar[Recipe]
    many: ClassVar[frozenset[str]] = frozenset()
    num_classes: int

    @abstractmethod
    def loss(self, output: Any, targets: Targets) -> Tensor:
        """The published training loss of a batch: a scalar."""


def check_options(name: str, model: type[Model], options: Mapping[str, Any]) -> None:
    """Refuse options that a model's constructor does not have."""
    known = [p for p in inspect.signature(model).parameters if p != "self"]
    for option in options:
        if option not in known:
            raise ConfigError(f"model {name} has no option {option!r}", near(option, known))
