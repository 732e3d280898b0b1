"""compare: how far two feature sets are apart, extractor by extractor."""

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
    """Compare every extractor that both sides have.

    Args:
        first, second: our feature files, or an archive published with AVE or LLP.
        annotations: AVE's Annotations.txt, to find the videos of AVE's rows.
        table: gets a row for each clip, those that one side lacks included.
    Raises:
        DataError: no extractor in common, or a file is damaged.
    """
    found = []
    for one, other in _pairs(sources.find(first, annotations), sources.find(second, annotations)):
        comparison, clips = compare(one, other)
        for _ in track(clips, f"compare {one.name}", len(comparison.common), "clips"):
            pass
        found.append(comparison)
    if table:
        write_tsv(table, COMPARED, [row for one in found for row in _rows(one)])
    return found


def _pairs(first: dict[str, Source], second: dict[str, Source]) -> list[tuple[Source, Source]]:
    if len(first) == len(second) == 1:
        return list(zip(first.values(), second.values(), strict=True))  # whatever they are called
    common = [name for name in first if name in second]
    if not common:
        raise DataError(
            f"no extractor in common: {', '.join(first)} and {', '.join(second)}",
            "give the folders of one extractor",
        )
    return [(first[name], second[name]) for name in common]


def _rows(comparison: Comparison) -> list[dict[str, object]]:
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
