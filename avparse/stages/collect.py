"""collect: small tables of many jobs made into one."""

from pathlib import Path

from avparse.config import Settings
from avparse.errors import DataError
from avparse.files import read_tsv, write_tsv
from avparse.progress import say
from avparse.store import Shard
from avparse.tables import COVERAGE, FAILED, METRICS, STATUS


def metrics(tables: list[Path], out: Path) -> None:
    """Join the metrics of all experiments."""
    rows = [row for table in tables for row in read_tsv(table, METRICS)]
    write_tsv(out, METRICS, rows)


def failures(statuses: list[Path], features: list[Path], out: Path) -> None:
    """List every clip that failed, in which stage, and why.

    Args:
        statuses: of the decoded shards.
        features: all feature files.
    """
    rows = [
        {"clip": row["clip"], "stage": "decode", "reason": row["note"]}
        for table in statuses
        for row in read_tsv(table, STATUS)
        if row["status"] == "failed"
    ]
    for path in features:
        with Shard(path) as shard:
            rows += [{"clip": c, "stage": "extract", "reason": why} for c, why in shard.failed]
    write_tsv(out, FAILED, rows)


def coverage(settings: Settings, statuses: list[Path], failed: Path, out: Path) -> None:
    """Count clips, and fail when too many of them did.

    Raises:
        DataError: a larger share failed than the settings allow.
    """
    clips = [row["clip"] for table in statuses for row in read_tsv(table, STATUS)]
    lost = {row["clip"] for row in read_tsv(failed, FAILED)}
    share = len(lost) / max(len(clips), 1)
    limit = settings.failures.max_share
    if share > limit:
        raise DataError(
            f"{len(lost)} of {len(clips)} clips failed, more than failures.max_share = {limit:g}",
            f"see {failed} for the reasons",
        )
    counts = {"clips": len(clips), "failed": len(lost)}
    write_tsv(out, COVERAGE, [{"what": k, "count": v} for k, v in counts.items()])
    say(f"coverage: {len(lost)} of {len(clips)} clips failed")
