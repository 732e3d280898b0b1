"""predict: what the trained models of an experiment say about the clips of a shard."""

from pathlib import Path

import numpy as np

from avparse.config.settings import Settings
from avparse.core.device import pick_device
from avparse.core.errors import CheckpointError, DataError
from avparse.core.progress import say
from avparse.core.provenance import versions
from avparse.features import reader
from avparse.features.reader import RELEASED, FeatureSet
from avparse.models import checkpoint
from avparse.models.checkpoint import Card
from avparse.prediction.inference import predict_and_watch
from avparse.prediction.predictions import Predictions

_LENGTHS = ("clip_seconds", "hop_seconds")


def run(settings: Settings, checkpoints: list[Path], features: Path, shard: str, out: Path) -> None:
    """Predict with every checkpoint; probabilities are stored for each seed.

    Args:
        checkpoints: folders of one experiment, one for each seed.
        features: folder with ``{extractor}/{shard}.h5``.
        out: the predictions.
    """
    device = pick_device(settings.runtime.device)
    loaded = [checkpoint.load(folder, device) for folder in checkpoints]
    cards = [one.card for one in loaded]
    same_models(cards, checkpoints)
    sources = {argument: source.extractor for argument, source in cards[0].inputs.items()}
    data = reader.load(features, sources, [shard])
    for card in cards:
        _same_features(card, data)
    inputs = {argument: x.to(device) for argument, x in data.inputs.items()}
    parts = [predict_and_watch(one.model, inputs) for one in loaded] if data.clips else []
    said, attended = zip(*parts, strict=True) if parts else (({},), ({},))
    arrays = {name: np.stack([part[name] for part in said], 1) for name in said[0]}
    attention = {name: np.mean([part[name] for part in attended], 0) for name in attended[0]}
    first = cards[0]
    Predictions(
        first.experiment,
        first.task,
        tuple(first.classes),
        tuple(card.seed for card in cards),
        data.clips,
        arrays,
        attention,
        (_view(data),) * len(data.clips) if "where" in attention else (),
    ).write(out, {"versions": versions()})
    say(
        f"predict: {first.experiment}, {len(data.clips)} clips of shard {shard}, {len(cards)} seeds"
    )


def same_models(cards: list[Card], folders: list[Path]) -> None:
    """Refuse checkpoints whose outputs cannot be averaged."""
    for card, folder in zip(cards, folders, strict=True):
        for field in ("task", "classes", "experiment", "model", "options", "inputs", *_LENGTHS):
            if getattr(card, field) != getattr(cards[0], field):
                raise CheckpointError(
                    f"{folder} and {folders[0]} differ in their {field}",
                    "give checkpoints of one experiment",
                )


def _view(data: FeatureSet) -> str:
    """The key of the pictures that maps were made of; empty for released features."""
    view = str(data.provenance["visual"]["view"])
    return "" if view == RELEASED else view


def _same_features(card: Card, data: FeatureSet) -> None:
    """Refuse features that were made otherwise than those the model was trained on."""
    for argument, source in card.inputs.items():
        made = data.provenance[argument]
        settings = source.settings.model_dump(mode="json")
        for what, trained, given in (
            ("settings", settings, reader.settings_of(made)),
            ("weights", source.weights, made["weights"]),
        ):
            if what == "weights" and trained is not None and trained.get("kind") == RELEASED:
                continue  # whoever published the features did not tell
            if trained is not None and trained != given:
                raise DataError(
                    f"{source.extractor} features were made with other {what} than those "
                    f"{card.experiment} was trained on",
                    f"extract them with {trained}",
                )
