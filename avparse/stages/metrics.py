"""metrics: merge the scores of all experiments into a table."""

from pathlib import Path

from avparse.core.files import read_tsv, write_tsv
from avparse.core.tables import METRICS


def run(tables: list[Path], out: Path) -> None:
    """Merge the tables of all experiments."""
    rows = [row for table in tables for row in read_tsv(table, METRICS)]
    write_tsv(out, METRICS, rows)
