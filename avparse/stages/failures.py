"""failures: list all failed clips with the stage and the reason."""

from pathlib import Path

from avparse.core.files import read_tsv, write_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import FAILED, STATUS


def run(statuses: list[Path], features: list[Path], out: Path) -> None:
    """List all failed clips.

    Args:
        statuses: status tables of all shards.
        features: all feature files.
    """
    rows = [
        {"clip": row["clip"], "stage": "decode", "reason": row["note"], "shard": table.stem}
        for table in statuses
        if table.stem.isdigit()  # failures of imported features are read from the files
        for row in read_tsv(table, STATUS)
        if row["status"] == "failed"
    ]
    known = {(row["shard"], row["clip"]) for row in rows}
    for path in features:
        with Shard(path) as shard:
            stage = shard.provenance.get("stage", "extract")
            rows += [
                {"clip": clip, "stage": stage, "reason": reason, "shard": path.stem}
                for clip, reason in shard.failed
                if (path.stem, clip) not in known
            ]
    write_tsv(out, FAILED, rows)
