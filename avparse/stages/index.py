"""index: which videos there are, and in which shard each is."""

from pathlib import Path

from avparse import datasets, manifest
from avparse.config import Settings
from avparse.models import MODELS
from avparse.models.base import check_options
from avparse.progress import say


def run(settings: Settings, out: Path) -> None:
    """Append new videos to the manifest, in new shards.

    Args:
        out: the manifest; what it already lists stays as it is.
    """
    for experiment in settings.experiments.values():
        check_options(experiment.model, MODELS.load(experiment.model), experiment.options)
    labelled = {
        name: {
            video: path.as_posix()
            for video, path in datasets.create(d.kind, Path(d.path)).videos().items()
        }
        for name, d in settings.datasets.items()
    }
    dropped = manifest.listing(Path(settings.raw)) if settings.raw else []
    known = manifest.read(out)
    entries = manifest.extend(
        known, labelled, dropped, settings.raw or "", settings.decode.shard_size
    )
    manifest.write(out, entries)
    shards = len(manifest.shards(entries))
    say(f"index: {len(entries) - len(known)} new of {len(entries)} videos, {shards} shards")
