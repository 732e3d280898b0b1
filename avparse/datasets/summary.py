"""Statistics of a labelled data set: splits, classes, events, lengths, leakage, warnings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from avparse.core.events import AXIS, Event, Modality
from avparse.datasets.base import CLIP_S, Dataset, Sample
from avparse.prediction.grids import events_to_grid, runs


def describe(dataset: Dataset, name: str, num_segments: int = CLIP_S) -> dict[str, Any]:
    """Summarize the annotations of a data set.

    Args:
        name: name of the data set in the summary.
        num_segments: length of a clip in seconds.
    Returns:
        JSON types: ``{"name", "classes", "tables", "versions", "videos_there",
        "tasks": {task: counts}, "odd": {kind: count}, "oddities"}``.
    """
    oddities = dataset.oddities()
    return {
        "name": name,
        "classes": list(dataset.classes),
        "tables": {path.name: _rows(path) for path in dataset.tables()},
        "versions": dataset.versions(),
        "videos_there": len(dataset.videos()),
        "tasks": {
            task: _of_task(dataset, task, num_segments)
            for task in dataset.tasks
            if dataset.samples(task)
        },
        "odd": dict(sorted(Counter(o.kind for o in oddities).items())),
        "oddities": [{"kind": o.kind, "where": o.where, "what": o.what} for o in oddities],
    }


def _of_task(dataset: Dataset, task: str, num_segments: int) -> dict[str, Any]:
    samples = dataset.samples(task)
    splits: dict[str, list[Sample]] = {}
    for sample in samples:
        splits.setdefault(sample.split, []).append(sample)
    labelled = [s for s in samples if s.split != "background"]
    counts = Counter(len(set(s.labels)) for s in labelled)
    rows = Counter(s.video_id for s in labelled)
    return {
        "samples": len(labelled),
        "videos": len(rows),
        "videos_with_several_samples": sum(n > 1 for n in rows.values()),
        "samples_with_several_classes": sum(n for size, n in counts.items() if size > 1),
        "mean_classes": _mean(counts),
        "lengths": _lengths(labelled),
        "leakage": _leakage(splits),
        "splits": {
            split: _of_split(chosen, task, dataset.classes, num_segments)
            for split, chosen in splits.items()
        },
    }


def _of_split(
    samples: Sequence[Sample], task: str, classes: Sequence[str], num_segments: int
) -> dict[str, Any]:
    """Counts for a split; those of events only if it has strong labels."""
    labels = Counter(label for s in samples for label in dict.fromkeys(s.labels))
    counts = Counter(len(set(s.labels)) for s in samples)
    out: dict[str, Any] = {
        "samples": len(samples),
        "videos": len({s.video_id for s in samples}),
        "mean_classes": _mean(counts),
        "most_classes": max(counts),
        "classes": {label: labels[label] for label in classes if labels[label]},
    }
    strong = [s for s in samples if s.events is not None]
    if strong:
        out |= _of_events(strong, task, classes, num_segments)
    return out


def _of_events(
    samples: Sequence[Sample], task: str, classes: Sequence[str], num_segments: int
) -> dict[str, Any]:
    """Merged events, event segments and empty samples by modality, and background segments."""
    events: Counter[str] = Counter()
    segments: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    background = full = 0
    for sample in samples:
        grids = _grids(sample.events or (), task, classes, num_segments)
        for modality, grid in grids.items():
            events[modality] += sum(len(runs(grid[:, c])) for c in np.flatnonzero(grid.any(0)))
            segments[modality] += int(grid.sum())
            empty[modality] += not grid.any()
        active = np.any([grid.any(1) for grid in grids.values()], axis=0)
        background += int((~active).sum())
        full += bool(active.all())
    return {
        "events": dict(events),
        "segments": dict(segments),
        "samples_without": dict(empty),
        "background_segments": background,
        "background_share": round(background / (len(samples) * num_segments), 4),
        "full_length": full,
    }


def _grids(
    events: Sequence[Event], task: str, classes: Sequence[str], num_segments: int
) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Map each modality to its (T, C) event segments; parsing has audio-visual ones as well."""
    if task == "localization":
        return {Modality.AUDIO_VISUAL: events_to_grid(events, classes, num_segments)}
    audio, visual = (
        events_to_grid([e for e in events if e.modality == m], classes, num_segments) for m in AXIS
    )
    return {Modality.AUDIO: audio, Modality.VISUAL: visual, Modality.AUDIO_VISUAL: audio & visual}


def _lengths(samples: Iterable[Sample]) -> dict[str, dict[str, int]]:
    """Count events by modality and length in seconds; 0 stands for labelled samples without one."""
    counts: dict[str, Counter[float]] = {}
    for sample in samples:
        if sample.events == () and sample.labels:
            counts.setdefault(Modality.AUDIO_VISUAL, Counter())[0] += 1
        for event in sample.events or ():
            length = event.offset_s - event.onset_s
            counts.setdefault(event.modality, Counter())[length] += 1
    return {m: {f"{k:g}": n for k, n in sorted(lengths.items())} for m, lengths in counts.items()}


def _rows(table: Path) -> int | None:
    """Number of rows of a text table without its header; None for other files."""
    if table.suffix not in (".txt", ".csv", ".tsv"):
        return None
    lines = [line for line in table.read_text(encoding="utf-8-sig").splitlines() if line]
    header = table.suffix != ".txt" or (lines and lines[0].startswith("Category&"))
    return len(lines) - bool(header)


def _leakage(splits: dict[str, list[Sample]]) -> dict[str, int]:
    """Number of videos that each pair of splits shares."""
    videos = {split: {s.video_id for s in chosen} for split, chosen in splits.items()}
    return {f"{a} and {b}": len(videos[a] & videos[b]) for a, b in combinations(videos, 2)}


def _mean(counts: Counter[int]) -> float:
    return round(sum(size * n for size, n in counts.items()) / max(sum(counts.values()), 1), 3)
