"""refine: refine clip labels for each modality with a trained parsing model (step 2 of MA)."""

from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.core.device import pick_device
from avparse.core.errors import CheckpointError
from avparse.core.files import write_tsv
from avparse.core.progress import say
from avparse.core.tables import REMOVED
from avparse.datasets.labels import lay_out
from avparse.features import reader
from avparse.models import checkpoint
from avparse.models.base import Task
from avparse.training import refine


def run(
    settings: Settings, name: str, folder: Path, features: Path, shards: list[str], out: Path
) -> None:
    """Write the labels to remove from the audio or visual modality of training clips.

    Args:
        name: of the experiment that trained the model.
        folder: one of its checkpoints.
        features: folder with ``{extractor}/{shard}.h5``.
        shards: of the experiment's data set.
        out: table with a row for each removed label.
    Raises:
        CheckpointError: the model is not for parsing, or has other classes than the data set.
    """
    device = pick_device(settings.runtime.device)
    loaded = checkpoint.load(folder, device)
    card = loaded.card
    if card.task != Task.PARSING:
        raise CheckpointError(f"{folder} is for {card.task}", "use a checkpoint for parsing")
    source = settings.datasets[settings.experiments[name].dataset]
    dataset = datasets.load(source)
    if list(dataset.classes) != card.classes:
        raise CheckpointError(f"{folder} has other classes than {source.path}", "train it again")
    inputs = {argument: origin.extractor for argument, origin in card.inputs.items()}
    data = reader.load(features, inputs, shards)
    labels = lay_out(
        dataset.samples(card.task), data.clips, dataset.classes, settings.clips.seconds, card.task
    )
    moved = {argument: x.to(device) for argument, x in data.inputs.items()}
    removed = refine.refine(loaded.model, moved, labels, card.seed)
    write_tsv(out, REMOVED, refine.rows(removed, labels, data.clips, card.classes))
    audio, visual = removed.sum((0, 2))
    say(f"refine: {name} seed {card.seed} removes {audio} audio and {visual} visual labels")
