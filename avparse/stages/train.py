"""train: train the model of an experiment with one seed."""

import math
from dataclasses import asdict
from pathlib import Path

from avparse import datasets, models
from avparse.config.settings import Settings
from avparse.core.device import pick_device
from avparse.core.errors import DataError
from avparse.core.files import write_tsv
from avparse.core.progress import say
from avparse.core.provenance import versions
from avparse.core.tables import HISTORY
from avparse.datasets.base import Sample
from avparse.datasets.labels import LabelledClips, lay_out
from avparse.features import reader
from avparse.models import checkpoint
from avparse.models.base import Model
from avparse.models.checkpoint import Card, Input
from avparse.training import refine
from avparse.training.loop import adjusted, fit, seed_everything, shuffled


def run(
    settings: Settings,
    name: str,
    seed: int,
    features: Path,
    shards: list[str],
    refined: Path | None,
    out: Path,
) -> None:
    """Train and save a checkpoint with its history.

    Args:
        name: of the experiment.
        features: folder with ``{extractor}/{shard}.h5``.
        shards: of the experiment's data set.
        refined: table of labels that refinement removed from a modality, or None.
        out: folder for model.safetensors, checkpoint.json, history.tsv.
    """
    experiment = settings.experiments[name]
    kind: type[Model] = models.MODELS.load(experiment.model)
    source = settings.datasets[experiment.dataset]
    dataset = datasets.load(source)
    data = reader.load(features, {**kind.inputs, **experiment.inputs}, shards)
    samples = dataset.samples(kind.task)
    labels = lay_out(samples, data.clips, dataset.classes, settings.clips.seconds, kind.task)
    _check(samples, labels, experiment.training.selection, source.path)
    if refined is not None:
        labels = refine.apply(refined, labels, data.clips, dataset.classes)
    if experiment.training.shuffle_labels:
        labels = shuffled(labels, seed)
    seed_everything(seed)
    device = pick_device(settings.runtime.device)
    model: Model = models.create(
        experiment.model, num_classes=len(dataset.classes), **experiment.options
    ).to(device)
    if model.strong and not len(labels.scorable("train")):
        hint = "add onsets and offsets to the labels, or set options: {supervision: weak}"
        raise DataError(f"no train clip of {source.path} has segment labels", hint)
    inputs = {argument: x.to(device) for argument, x in data.inputs.items()}
    training = experiment.training
    recipe = adjusted(model.recipe, training)
    title = f"train {name} seed {seed}"
    history, selected = fit(
        model, inputs, labels, recipe, training.selection, title, training.precision
    )
    card = Card(
        experiment=name,
        model=experiment.model,
        task=kind.task.value,
        options=experiment.options,
        classes=list(dataset.classes),
        clip_seconds=settings.clips.seconds,
        hop_seconds=settings.clips.hop_seconds,
        inputs={
            argument: Input(
                extractor=source["extractor"],
                settings=source["settings"],
                weights=source["weights"],
            )
            for argument, source in data.provenance.items()
        },
        seed=seed,
        training={**asdict(recipe), **training.model_dump(exclude=set(asdict(recipe)))},
        selected={
            "epoch": selected.epoch,
            "score": None if math.isnan(selected.score) else selected.score,
        },
        versions=versions(),
    )
    write_tsv(out / "history.tsv", HISTORY, map(asdict, history))
    checkpoint.save(out, model, card)
    parameters = sum(p.numel() for p in model.parameters())
    say(f"train: {name}, {parameters:,} parameters, epoch {selected.epoch} of {len(history)}")


def _check(samples: list[Sample], labels: LabelledClips, selection: str, path: str) -> None:
    """Refuse splits without samples, features or labels that training needs."""
    needed = {"train": labels.where("train")}
    if selection != "last":
        needed[selection] = labels.scorable(selection)
    for split, usable in needed.items():
        if not any(sample.split == split for sample in samples):
            raise DataError(f"no {split} sample in {path}", "assign some samples to that split")
        if not len(labels.where(split)):
            raise DataError(f"no {split} clip of {path} has features", "see results/failed.tsv")
        if not len(usable):
            hint = "add onsets and offsets to the labels"
            raise DataError(f"no {split} clip of {path} has segment labels", hint)
