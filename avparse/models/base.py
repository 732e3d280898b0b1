"""The interface of every model: its task, inputs, published recipe, outputs and loss."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from torch import Tensor, nn


class Task(StrEnum):
    """What a model is trained to do."""

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
    """Output of a parsing model; modality 0 is audio, 1 visual.

    Attributes:
        clip_prob: (B, C) probability of each class in the clip; pooling may exceed 1 slightly.
        modality_prob: (B, 2, C) probability of each class in each modality.
        segment_prob: (B, T, 2, C) the same for each segment.
        similarity: (B, T, T) of audio and visual segments, divided by the temperature, if the loss
            needs it.
    """

    clip_prob: Tensor
    modality_prob: Tensor
    segment_prob: Tensor
    similarity: Tensor | None = None


@dataclass(frozen=True)
class LocalizationOutput:
    """Output of a localization model: relevance and category, or scores of each segment.

    Attributes:
        event_logits: (B, T) that a segment is an audio-visual event.
        class_logits: (B, K) of the clip's event class; (B, K + 1), background last, if weak.
        segment_scores: (B, T, K + 1) of each label, background last, as the published model
            returns them: probabilities of supervised AVEL and DMRN, else raw scores.
        clip_prob: (B, K + 1) of the clip's label, in weak settings.
        similarity: (B, T) between audio and visual features, of PSP.
    """

    event_logits: Tensor | None = None
    class_logits: Tensor | None = None
    segment_scores: Tensor | None = None
    clip_prob: Tensor | None = None
    similarity: Tensor | None = None


@dataclass(frozen=True)
class Targets:
    """Targets of a batch.

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
        task: parsing or localization.
        inputs: argument of ``forward`` -> extractor whose features it was published with.
        recipe: published training; an instance may have another one, depending on its options.
        many: arguments that may have several features per segment.
        renames: pairs (pattern, replacement) that turn a parameter's name into the published one.
        splits: splits that the model is trained on.
        strong: whether the loss needs labels of segments; clips without them are then left out.
        num_classes: C, background not counted.
        epoch: the epoch of training, from 1, for losses that change with it.
    """

    task: ClassVar[Task]
    inputs: ClassVar[dict[str, str]]
    many: ClassVar[frozenset[str]] = frozenset()
    renames: ClassVar[tuple[tuple[str, str], ...]] = ()
    recipe: Recipe
    splits: tuple[str, ...] = ("train",)
    strong: bool = False
    num_classes: int
    epoch: int = 1

    @abstractmethod
    def arrays(self, output: Any) -> dict[str, Tensor]:
        """The arrays of an output that :mod:`avparse.prediction.decisions` reads."""

    def attention_maps(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Attention maps to show, from recorded weights: see :mod:`avparse.models._attention`."""
        return {}

    @abstractmethod
    def loss(self, output: Any, targets: Targets) -> Tensor:
        """The published training loss of a batch: a scalar."""

    def batch_loss(self, inputs: Mapping[str, Tensor], targets: Targets) -> Tensor:
        """The loss of a training step; a model that needs several forward passes overrides it."""
        return self.loss(self(**inputs), targets)
