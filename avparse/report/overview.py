"""What a run was made of: notices, data, features, failures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avparse import datasets, features
from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import COVERAGE, TSNE
from avparse.datasets.videos import Entry
from avparse.report.page import Figure, Gallery, Table, drawing
from avparse.report.plots import charts

_SHOWN = 200


def notices_of_features(settings: Settings, extracted: bool) -> list[str]:
    """What a reader has to know of the features."""
    notices = [
        f"Features of {name} as published with {settings.datasets[name].kind.upper()}, not ours."
        for name in settings.released
    ]
    if not extracted:
        return notices
    random = [name for name, e in settings.extractors.items() if e.weights == "random"]
    if random:
        notices.append(
            f"Random weights in {', '.join(random)}: features tell simple things apart, "
            "but are not those of any paper."
        )
    views = {name: features.view(name, e) for name, e in settings.extractors.items()}
    even = [f"{name} {v.rate}" for name, v in views.items() if v and v.sampling == "even"]
    if even:
        notices.append(
            f"Frames sampled evenly in time, not as for AVE or LLP, per second: {', '.join(even)}."
        )
    return notices


def notices_of_experiments(settings: Settings) -> list[str]:
    """What makes scores doubtful."""
    notices = []
    for name, experiment in settings.experiments.items():
        if experiment.training.selection == "test":
            notices.append(f"{name} chose its epoch on the test split: its score is optimistic.")
        if experiment.training.shuffle_labels:
            notices.append(f"{name} is a control: it was trained on shuffled labels.")
    return notices


def coverage(settings: Settings, counts: list[dict[str, str]]) -> Table:
    """A row for each data set, task and split; and which version of a table this is."""
    table = [["data set", "task", "split", "samples there", "of"]]
    table += [[row[c] for c in COVERAGE] for row in counts if row["split"]]
    for name, source in settings.datasets.items():
        for file, version in datasets.load(source).versions().items():
            table.append([name, f"{file}: {version}", "", "", ""])
    return table


def failures(failed: list[dict[str, str]]) -> Table:
    """The first clips that failed: a page is no place for thousands."""
    columns = ("clip", "stage", "reason")
    more = len(failed) - _SHOWN
    rest = [["", "", f"and {more} more, in results/failed.tsv"]] * (more > 0)
    return [[*columns], *([row[c] for c in columns] for row in failed[:_SHOWN]), *rest]


def maps(results: Path, settings: Settings, mapped: list[str]) -> list[Gallery]:
    """Segments of each data set as points of a plane, a figure for each extractor."""
    galleries = []
    for name in mapped:
        points: dict[str, list[tuple[float, float, str]]] = {}
        for row in read_tsv(results / "tsne" / f"{name}.tsv", TSNE):
            place = (float(row["x"]), float(row["y"]), row["label"])
            points.setdefault(row["extractor"], []).append(place)
        figures = [
            Figure(drawing(charts.scatter(found)), _seen_or_heard(settings, extractor), wide=False)
            for extractor, found in points.items()
        ]
        if figures:
            about = "Segments of one class, or none, by t-SNE: near ones have like features."
            galleries.append(Gallery(f"Features of {name}", about, figures))
    return galleries


def _seen_or_heard(settings: Settings, extractor: str) -> str:
    view = features.view(extractor, settings.extractors[extractor])
    return f"{extractor}: labels of what is {'seen' if view else 'heard'}"


def extractors(results: Path, settings: Settings, entries: list[Entry]) -> Table:
    """A row for each extractor: what made its features."""
    table = [["extractor", "weights", "view", "precision", "torch"]]
    for folder in sorted((results / "features").glob("*")):
        files = (folder / f"{e.shard}.h5" for e in entries)
        path = next((file for file in files if file.is_file()), None)
        if folder.name in settings.extractors and path:
            with Shard(path) as shard:
                made = shard.provenance
            weights = _weights(made["weights"])
            table.append(
                [folder.name, weights, made["view"], made["precision"], made["versions"]["torch"]]
            )
    return table


def _weights(identity: Mapping[str, Any]) -> str:
    """What weights a network had, for a person."""
    if identity["kind"] == "random":
        return f"random, seed {identity['seed']}"
    digests = " ".join(digest[:12] for digest in identity.get("sha256", ()))
    said = (identity.get("source"), identity.get("licence"), digests and f"sha256 {digests}")
    return ", ".join(word for word in said if word)
