"""coverage: count failed clips, and labelled samples with features."""

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
    """Count clips and samples, and fail if too many clips failed.

    Args:
        statuses: status tables of all shards.
        failed: table of failed clips.
        listed: manifest, which has the data set of each shard.
        out: table to write.
    Raises:
        DataError: if the share of failed clips exceeds ``failures.max_share``.
    """
    clip_rows = [(table.stem, row) for table in statuses for row in read_tsv(table, STATUS)]
    clips = [row["clip"] for _, row in clip_rows]
    lost = {(row["shard"], row["clip"]) for row in read_tsv(failed, FAILED)}
    share = len(lost) / max(len(clips), 1)
    limit = settings.failures.max_share
    if share > limit:
        raise DataError(
            f"{len(lost)} of {len(clips)} clips failed, more than failures.max_share = {limit:g}",
            f"see the reasons in {failed}",
        )
    sets = {entry.shard: entry.dataset for entry in manifest.read(listed)}
    available: dict[str, set[str]] = defaultdict(set)
    for shard, row in clip_rows:
        if (shard, row["clip"]) not in lost:
            available[sets.get(shard, shard)].add(
                row["video"]
            )  # the shard of released features has the name of the data set
    rows = [{"what": "failed", "task": "", "split": "", "count": len(lost), "of": len(clips)}]
    rows += [row for name in settings.datasets for row in _splits(settings, name, available[name])]
    write_tsv(out, COVERAGE, rows)
    say(f"coverage: {len(lost)} of {len(clips)} clips failed")


def _splits(settings: Settings, name: str, available: set[str]) -> list[dict[str, object]]:
    """Count the samples with a clip in each split of a data set."""
    dataset = datasets.load(settings.datasets[name])
    rows: list[dict[str, object]] = []
    for task in dataset.tasks:
        samples = dataset.samples(task)
        covered = [bool({s.row_id, s.video_id} & available) for s in samples]
        for split in dict.fromkeys(s.split for s in samples):
            in_split = [c for c, s in zip(covered, samples, strict=True) if s.split == split]
            counts = {"count": sum(in_split), "of": len(in_split)}
            rows.append({"what": name, "task": task, "split": split, **counts})
    return rows
