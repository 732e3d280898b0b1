"""predict: predict the clips of a shard with the trained models of an experiment."""

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
    """Predict with every checkpoint, and store the probabilities of each seed.

    Args:
        checkpoints: one folder for each seed, all of the same experiment.
        features: folder with ``{extractor}/{shard}.h5``.
        out: file of the predictions.
    """
    device = pick_device(settings.runtime.device)
    loaded = [checkpoint.load(folder, device) for folder in checkpoints]
    cards = [trained.card for trained in loaded]
    same_models(cards, checkpoints)
    sources = {argument: source.extractor for argument, source in cards[0].inputs.items()}
    data = reader.load(features, sources, [shard])
    for card in cards:
        _same_features(card, data)
    inputs = {argument: x.to(device) for argument, x in data.inputs.items()}
    results = [predict_and_watch(trained.model, inputs) for trained in loaded if data.clips]
    outputs, maps = zip(*results, strict=True) if results else (({},), ({},))
    arrays = {name: np.stack([seed[name] for seed in outputs], 1) for name in outputs[0]}
    attention = {name: np.mean([seed[name] for seed in maps], 0) for name in maps[0]}
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
                    "use checkpoints of the same experiment",
                )


def _view(data: FeatureSet) -> str:
    """The key of the frames of the visual maps; empty for released features."""
    view = str(data.provenance["visual"]["view"])
    return "" if view == RELEASED else view


def _same_features(card: Card, data: FeatureSet) -> None:
    """Refuse features extracted with other settings or weights than the training features."""
    for argument, source in card.inputs.items():
        made = data.provenance[argument]
        settings = source.settings.model_dump(mode="json")
        for what, trained, given in (
            ("settings", settings, reader.settings_of(made)),
            ("weights", source.weights, made["weights"]),
        ):
            if what == "weights" and trained is not None and trained.get("kind") == RELEASED:
                continue  # unknown for published features
            if trained is not None and trained != given:
                raise DataError(
                    f"{source.extractor} features were extracted with other {what} than those "
                    f"{card.experiment} was trained on",
                    f"extract them with {trained}",
                )
