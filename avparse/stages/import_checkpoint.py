"""import_checkpoint: convert a published file of parameters into a checkpoint."""

from pathlib import Path
from typing import Any

from avparse import models
from avparse.config.settings import Settings
from avparse.core import tensors
from avparse.core.errors import ConfigError
from avparse.core.files import sha256_of
from avparse.core.progress import say
from avparse.core.provenance import versions
from avparse.core.registry import near
from avparse.datasets.classes import AVE_CLASSES, LLP_CLASSES
from avparse.models import checkpoint
from avparse.models.base import Model
from avparse.models.checkpoint import Card, Input
from avparse.pipeline.validate import check_names

PUBLISHED_ON = {"parsing": LLP_CLASSES, "localization": AVE_CLASSES}
"""Classes of the published checkpoints of each task: those of LLP and AVE."""


def run(
    settings: Settings,
    name: str,
    file: Path,
    options: dict[str, Any],
    classes: tuple[str, ...] | None,
    out: Path,
) -> Model:
    """Read a published file and write a checkpoint that all other stages can use.

    Args:
        settings: their extractors become the inputs of the checkpoint.
        name: of the model.
        file: .pt, .safetensors or .npz; never unpickled.
        options: options that the model was trained with.
        classes: in order; those of LLP or AVE if None.
        out: folder of the checkpoint.
    Returns:
        The model.
    Raises:
        CheckpointError: parameters are missing or have another shape.
        WeightsError: the file cannot be read.
    """
    kind: type[Model] = models.MODELS.load(name)
    inputs = models.INPUTS[name]
    for extractor in inputs.values():
        if extractor not in settings.extractors:
            hint = near(extractor, settings.extractors)
            raise ConfigError(f"{name} needs the extractor {extractor!r}", hint)
    known = classes or PUBLISHED_ON[kind.task.value]
    if len(known) != len(set(known)):
        raise ConfigError("a class occurs twice", "list each class once")
    state = tensors.read(file)
    model: Model = models.load_published(name, state, num_classes=len(known), **options)
    card = Card(
        experiment=f"{name}_published",
        model=name,
        task=kind.task.value,
        options=options,
        classes=list(known),
        clip_seconds=settings.clips.seconds,
        hop_seconds=settings.clips.hop_seconds,
        inputs={
            argument: Input(
                extractor=extractor, settings=settings.extractors[extractor], weights=None
            )
            for argument, extractor in inputs.items()
        },
        seed=0,
        training={"published": {"file": file.name, "sha256": sha256_of(file)}},
        selected={"epoch": None, "score": None},
        versions=versions(),
    )
    check_names(settings)
    checkpoint.save(out, model, card)
    used = sum(p.numel() for p in model.parameters())
    stored = sum(t.numel() for t in state.values())
    say(f"checkpoint: wrote {out} ({name}) with {used:,} of the {stored:,} parameters in {file}")
    return model
