"""What the papers' tables say, by the names our presets give their experiments."""

from dataclasses import dataclass
from importlib.resources import as_file, files

from avparse.core.files import read_tsv
from avparse.core.tables import PUBLISHED

TEST_SAMPLES = {"AVE": 402, "LLP": 1200}
"""Size of the test splits behind the numbers."""


@dataclass(frozen=True)
class Published:
    """One number of a paper.

    Attributes:
        data: the data set, AVE or LLP.
        value: percent.
        source: paper and table; most chose their epoch on the test split.
    """

    data: str
    value: float
    source: str


def read() -> dict[tuple[str, str], Published]:
    """(experiment, metric) -> the published number."""
    with as_file(files("avparse.evaluation") / "paper_results.tsv") as path:
        rows = read_tsv(path, PUBLISHED)
    return {
        (row["experiment"], row["metric"]): Published(
            row["data"], float(row["value"]), row["source"]
        )
        for row in rows
    }
