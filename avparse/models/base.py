"""What every model declares: its task, inputs, published recipe, outputs and loss."""

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from torch import Tensor, nn

from avparse.core.errors import ConfigError
from avparse.core.registry import near


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
        similarity: (B, T, T) of heard and seen seconds over the temperature, where the model
            learns from it.
    """

    clip_prob: Tensor
    modality_prob: Tensor
    segment_prob: Tensor
    similarity: Tensor | None = None


@dataclass(frozen=True)
class LocalizationOutput:
    """What a localization model says: relevance and category, or scores of each segment.

    Attributes:
        event_logits: (B, T) that a segment is an audio-visual event.
        class_logits: (B, K) which event the clip holds; (B, K + 1), background last, if weak.
        segment_scores: (B, T, K + 1) of each label, background last, as the published model
            returns them: probabilities of supervised AVEL and DMRN, else raw scores.
        clip_prob: (B, K + 1) of the clip's label, in weak settings.
        similarity: (B, T) between what is heard and seen, of PSP.
    """

    event_logits: Tensor | None = None
    class_logits: Tensor | None = None
    segment_scores: Tensor | None = None
    clip_prob: Tensor | None = None
    similarity: Tensor | None = None


@dataclass(frozen=True)
class Targets:
    """What a batch should have said.

    Attributes:
        clip_labels: (B, C) 0/1: the weak labels.
        segment_labels: (B, T) class index with C for background, localization.
        modality_labels: (B, 2, C) 0/1: weak labels refined for each modality, parsing.
    """

    clip_labels: Tensor
    segment_labels: Tensor | None = None
    modality_labels: Tensor | None = None


class Model(nn.Module):
    """Base of all models.

    Attributes:
        task: what it tells.
        inputs: argument of ``forward`` -> extractor whose features it was published with.
        recipe: how it was published; may depend on the options.
        many: arguments that may have several features a segment.
        renames: pairs (pattern, replacement) that turn a parameter's name into the published one,
            or into several: see :func:`~avparse.models._published.published_parts`.
        splits: which it is trained on.
        strong: whether its loss needs labels of segments; clips without are then left out.
        num_classes: C, background not counted.
        epoch: the epoch of training, from 1, for losses that change with it.
    """

    task: ClassVar[Task]
    inputs: ClassVar[dict[str, str]]
    many: ClassVar[frozenset[str]] = frozenset()
    renames: tuple[tuple[str, str], ...] = ()
    recipe: Recipe
    splits: tuple[str, ...] = ("train",)
    strong: bool = False
    num_classes: int
    epoch: int = 1

    @abstractmethod
    def arrays(self, output: Any) -> dict[str, Tensor]:
        """What :mod:`avparse.prediction.decisions` reads, of an output."""

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """What people can look at, of the weights that a watch kept: see
        :mod:`avparse.models._attention`."""
        return {}

    @abstractmethod
    def loss(self, output: Any, targets: Targets) -> Tensor:
        """The published training loss of a batch: a scalar."""

    def batch_loss(self, inputs: Mapping[str, Tensor], targets: Targets) -> Tensor:
        """The loss of a training step; models that need more than one forward pass say how."""
        return self.loss(self(**inputs), targets)


def check_options(name: str, model: type[Model], options: Mapping[str, Any]) -> None:
    """Refuse options that a model's constructor does not have."""
    known = [p for p in inspect.signature(model).parameters if p != "self"]
    for option in options:
        if option not in known:
            raise ConfigError(f"model {name} has no option {option!r}", near(option, known))


def one_of(option: str, value: object, *choices: object) -> None:
    """Refuse a value that an option does not have.

    Raises:
        ConfigError: names the nearest.
    """
    if value not in choices:
        hint = near(str(value), map(str, choices))
        raise ConfigError(f"option {option} = {value!r}", hint)
