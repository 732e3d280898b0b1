"""failures: every clip that failed, with the stage and the reason."""

from pathlib import Path

from avparse.core.files import read_tsv, write_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import FAILED, STATUS


def run(statuses: list[Path], features: list[Path], out: Path) -> None:
    """List every clip that failed, in which stage, and why.

    Args:
        statuses: of the decoded shards.
        features: all feature files.
    """
    rows = [
        {"clip": row["clip"], "stage": "decode", "reason": row["note"], "shard": table.stem}
        for table in statuses
        if table.stem.isdigit()  # of imported features, the files themselves tell
        for row in read_tsv(table, STATUS)
        if row["status"] == "failed"
    ]
    known = {(row["shard"], row["clip"]) for row in rows}
    for path in features:
        with Shard(path) as shard:
            stage = shard.provenance.get("stage", "extract")
            rows += [
                {"clip": clip, "stage": stage, "reason": why, "shard": path.stem}
                for clip, why in shard.failed
                if (path.stem, clip) not in known
            ]
    write_tsv(out, FAILED, rows)
