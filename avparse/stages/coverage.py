"""coverage: how many clips failed, and how many labelled samples have features."""

from collections import defaultdict
from pathlib import Path

from avparse import datasets
from avparse.config.settings import Settings
from avparse.core.errors import DataError
from avparse.core.files import read_tsv, write_tsv
from avparse.core.progress import say
from avparse.core.tables import COVERAGE, FAILED, STATUS
from avparse.pipeline import manifest


def run(settings: Settings, statuses: list[Path], failed: Path, listed: Path, out: Path) -> None:
    """Count clips and samples, and fail when too many clips did.

    Args:
        listed: the manifest, which tells the data set of each shard.
    Raises:
        DataError: a larger share failed than the settings allow.
    """
    known = [(table.stem, row) for table in statuses for row in read_tsv(table, STATUS)]
    clips = [row["clip"] for _, row in known]
    lost = {(row["shard"], row["clip"]) for row in read_tsv(failed, FAILED)}
    share = len(lost) / max(len(clips), 1)
    limit = settings.failures.max_share
    if share > limit:
        raise DataError(
            f"{len(lost)} of {len(clips)} clips failed, more than failures.max_share = {limit:g}",
            f"see {failed} for the reasons",
        )
    sets = {entry.shard: entry.dataset for entry in manifest.read(listed)}
    there: dict[str, set[str]] = defaultdict(set)
    for shard, row in known:
        if (shard, row["clip"]) not in lost:
            there[sets.get(shard, shard)].add(row["video"])  # a released set is its own shard
    rows = [{"what": "failed", "task": "", "split": "", "count": len(lost), "of": len(clips)}]
    rows += [row for name in settings.datasets for row in _splits(settings, name, there[name])]
    write_tsv(out, COVERAGE, rows)
    say(f"coverage: {len(lost)} of {len(clips)} clips failed")


def _splits(settings: Settings, name: str, there: set[str]) -> list[dict[str, object]]:
    """How many samples of each split of a data set have a clip."""
    dataset = datasets.load(settings.datasets[name])
    rows: list[dict[str, object]] = []
    for task in dataset.tasks:
        samples = dataset.samples(task)
        found = [bool({s.row_id, s.video_id} & there) for s in samples]
        for split in dict.fromkeys(s.split for s in samples):
            own = [here for here, s in zip(found, samples, strict=True) if s.split == split]
            counts = {"count": sum(own), "of": len(own)}
            rows.append({"what": name, "task": task, "split": split, **counts})
    return rows
