"""Published results, keyed by the experiment names of the presets."""

from dataclasses import dataclass
from importlib.resources import as_file, files

from avparse.core.files import read_tsv
from avparse.core.tables import PUBLISHED

TEST_SAMPLES = {"AVE": 402, "LLP": 1200}
"""Sizes of the test splits that the papers evaluate on."""


@dataclass(frozen=True)
class PaperResult:
    """One number of a paper.

    Attributes:
        data: the data set, AVE or LLP.
        value: percent.
        source: paper and table; most papers selected the epoch on the test split.
    """

    data: str
    value: float
    source: str


def read() -> dict[tuple[str, str], PaperResult]:
    """Read all published results, by (experiment, metric)."""
    with as_file(files("avparse.evaluation") / "paper_results.tsv") as path:
        rows = read_tsv(path, PUBLISHED)
    return {
        (row["experiment"], row["metric"]): PaperResult(
            row["data"], float(row["value"]), row["source"]
        )
        for row in rows
    }
