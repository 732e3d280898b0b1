"""compare_features: compare two sets of features, extractor by extractor."""

from dataclasses import asdict
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.files import write_tsv
from avparse.core.progress import track
from avparse.core.tables import COMPARED
from avparse.features import sources
from avparse.features.compare import Comparison, compare
from avparse.features.sources import Source


def run(
    first: Path, second: Path, annotations: Path | None = None, table: Path | None = None
) -> list[Comparison]:
    """Compare the features of all extractors that both sets contain.

    Args:
        first, second: avparse's feature files, or an archive released with AVE or LLP.
        annotations: AVE's Annotations.txt, which maps rows to videos.
        table: table to write, with a row per clip, including clips that only one set has.
    Raises:
        DataError: if the sets have no extractor in common, or a file is damaged.
    """
    comparisons = []
    for a, b in _pairs(sources.find(first, annotations), sources.find(second, annotations)):
        comparison, clips = compare(a, b)
        for _ in track(clips, f"compare {a.name}", len(comparison.common), "clips"):
            pass
        comparisons.append(comparison)
    if table:
        write_tsv(table, COMPARED, [row for each in comparisons for row in _rows(each)])
    return comparisons


def _pairs(first: dict[str, Source], second: dict[str, Source]) -> list[tuple[Source, Source]]:
    """Pair the sources of the same extractor; single sources are paired whatever their names."""
    if len(first) == len(second) == 1:
        return list(zip(first.values(), second.values(), strict=True))  # whatever their names
    common = [name for name in first if name in second]
    if not common:
        raise DataError(
            f"no extractor in common: {', '.join(first)} and {', '.join(second)}",
            "pass a folder or file of a single extractor on each side",
        )
    return [(first[name], second[name]) for name in common]


def _rows(comparison: Comparison) -> list[dict[str, object]]:
    """The rows of a comparison, in the columns of ``COMPARED``."""
    rows: list[dict[str, object]] = []
    for clip in comparison.clips:
        numbers = {k: v if isinstance(v, str) else f"{v:.6g}" for k, v in asdict(clip).items()}
        rows.append({"extractor": comparison.name, **numbers})
    for side, missing in (("A", comparison.only_first), ("B", comparison.only_second)):
        blank = dict.fromkeys(COMPARED, "")
        rows += [
            {**blank, "extractor": comparison.name, "clip": key, "note": f"only in {side}"}
            for key in missing
        ]
    return rows
