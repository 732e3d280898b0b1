"""report: scores, curves and timelines of a run on one page."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from avparse import config, datasets, features, manifest, plan, predictions, published
from avparse.config import Experiment, Settings
from avparse.errors import MediaError
from avparse.files import read_tsv
from avparse.media.preview import Preview, preview
from avparse.media.sandbox import run_all
from avparse.predictions import Timeline
from avparse.progress import track
from avparse.report import figures, page
from avparse.report.figures import Lane
from avparse.report.page import Figure, Gallery, Row, ScoreTable
from avparse.scoring import MAIN, SCORED
from avparse.store import Shard
from avparse.tables import COVERAGE, FAILED, HISTORY, METRICS
from avparse.timeline import Event, Modality

_PUBLISHED = ("published", "ours less published", "source")
_SHOWN = 200
Truth = Mapping[str, Mapping[Modality, list[Event]]]
Found = dict[str, tuple[str, dict[str, Timeline]]]
"""Experiment -> its task, and its timelines by video."""


def run(settings: Settings, results: Path, listed: Path, out: Path) -> None:
    """Write the report.

    Args:
        results: the folder the other stages wrote to.
        listed: the manifest.
        out: an HTML file.
    """
    entries = [e for e in manifest.read(listed) if plan.is_wanted(settings, e)]
    extracted = len(entries)
    entries += _released(settings)
    rows = read_tsv(results / "metrics.tsv", METRICS)
    failed = read_tsv(results / "failed.tsv", FAILED)
    counts = read_tsv(results / "coverage.tsv", COVERAGE)
    found = {
        name: _timelines(results, name, experiment, entries)
        for name, experiment in settings.experiments.items()
    }
    page.write(
        page.Page(
            title="avparse",
            lead="What was heard and seen, and when.",
            cards=[
                *([("videos", str(extracted))] * bool(extracted)),
                ("clips", counts[0]["of"]),
                ("failed", counts[0]["count"]),
                ("experiments", str(len(found))),
            ],
            notices=_of_features(settings, bool(extracted)) + _of_experiments(settings),
            scores=[
                _scores(results, settings, name, found[name][0], rows, counts)
                for name, experiment in settings.experiments.items()
            ],
            sections=_galleries(settings, entries, found),
            failures=_first(failed),
            tables={
                "Data": _coverage(settings, counts),
                "Features": _features(results, settings, entries),
            },
            settings=config.to_yaml(settings),
        ),
        out,
    )


def _released(settings: Settings) -> list[manifest.Entry]:
    """Entries for the test videos of data sets whose features were published."""
    found = []
    for name in plan.released(settings):
        dataset = datasets.load(settings.datasets[name])
        files = dataset.videos()
        videos = dict.fromkeys(
            s.video_id for t in dataset.tasks for s in dataset.samples(t) if s.split == "test"
        )
        found += [manifest.Entry(v, str(files.get(v, "")), name, name) for v in videos]
    return found


def _of_features(settings: Settings, extracted: bool) -> list[str]:
    """What a reader has to know of the features."""
    notices = [
        f"Features of {name} as published with {settings.datasets[name].kind.upper()}, not ours."
        for name in plan.released(settings)
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


def _of_experiments(settings: Settings) -> list[str]:
    """What makes scores doubtful."""
    notices = []
    for name, experiment in settings.experiments.items():
        if experiment.training.selection == "test":
            notices.append(f"{name} chose its epoch on the test split: its score is optimistic.")
        if experiment.training.shuffle_labels:
            notices.append(f"{name} is a control: it was trained on shuffled labels.")
    return notices


def _timelines(
    results: Path, name: str, experiment: Experiment, entries: list[manifest.Entry]
) -> tuple[str, dict[str, Timeline]]:
    """The task of an experiment, and its timelines by video."""
    own = (experiment.dataset, "")
    shards = sorted({e.shard for e in entries if e.dataset in own})
    read = predictions.read([results / "predictions" / name / f"{s}.h5" for s in shards])
    made = predictions.timelines(read, experiment.threshold)
    return read.task, {timeline.video_id: timeline for timeline in made}


def _scores(
    results: Path,
    settings: Settings,
    name: str,
    task: str,
    rows: list[dict[str, str]],
    counts: list[dict[str, str]],
) -> ScoreTable:
    """Mean and spread over seeds of every metric, the papers' numbers, baselines below."""
    experiment = settings.experiments[name]
    theirs = _published(settings, name, task, counts)
    value = {
        (r["seed"], r["split"], r["metric"]): float(r["value"])
        for r in rows
        if r["experiment"] == name
    }
    main = MAIN[task]
    seeds = [str(seed) for seed in experiment.seeds]
    metrics = dict.fromkeys(metric for seed, _, metric in value if seed == "mean")
    table = []
    for metric in metrics:
        cells = [_words(metric)]
        for split in SCORED:
            mean, std = (value.get((s, split, metric)) for s in ("mean", "std"))
            cells.append("" if mean is None else f"{mean:.1f} ± {std:.1f}")
        cells += [
            f"{value[seed, 'test', metric]:.1f}"
            for seed in seeds
            if (seed, "test", metric) in value
        ]
        if theirs:
            cells += theirs(metric, value.get(("mean", "test", metric)))
        table.append(Row(cells, metric == main))
    for metric in dict.fromkeys(metric for seed, _, metric in value if seed == "baseline"):
        numbers = [value.get(("baseline", split, metric)) for split in SCORED]
        table.append(Row([_words(metric), *("" if n is None else f"{n:.1f}" for n in numbers)]))
    histories = {
        seed: read_tsv(results / "checkpoints" / name / f"seed{seed}" / "history.tsv", HISTORY)
        for seed in seeds
    }
    return ScoreTable(
        name,
        f"{experiment.model} on {experiment.dataset}, seeds {' '.join(seeds)}; percent, "
        "mean ± deviation over seeds, then each seed on test.",
        ["score", *SCORED, *(f"seed {seed}" for seed in seeds), *(_PUBLISHED if theirs else ())],
        table,
        page.drawing(figures.curves(histories, _words(main))),
    )


def _published(
    settings: Settings, name: str, task: str, counts: list[dict[str, str]]
) -> Callable[[str, float | None], list[str]] | None:
    """What fills :data:`_PUBLISHED`; None where no paper has numbers of that name and data.

    A test split that lacks samples is another test: the difference is marked.
    """
    experiment = settings.experiments[name]
    data = settings.datasets[experiment.dataset].kind.upper()
    papers = {k: p for k, p in published.read().items() if k[0] == name and p.data == data}
    if not papers:
        return None
    own = (experiment.dataset, task, "test")
    test = next((r for r in counts if (r["what"], r["task"], r["split"]) == own), None)
    if test is None:
        return None
    wanted = published.TEST_SAMPLES[data]

    def cells(metric: str, ours: float | None) -> list[str]:
        paper = papers.get((name, metric))
        if paper is None or ours is None:
            return [""] * len(_PUBLISHED)
        mark = "" if int(test["count"]) == wanted else f" (on {test['count']} of {wanted})"
        return [f"{paper.value:.1f}", f"{ours - paper.value:+.1f}{mark}", paper.source]

    return cells


def _coverage(settings: Settings, counts: list[dict[str, str]]) -> list[list[str]]:
    """A row for each data set, task and split; and which version of a table this is."""
    table = [["data set", "task", "split", "samples there", "of"]]
    table += [[row[c] for c in COVERAGE] for row in counts if row["split"]]
    for name, source in settings.datasets.items():
        for file, version in datasets.load(source).versions().items():
            table.append([name, f"{file}: {version}", "", "", ""])
    return table


def _first(failed: list[dict[str, str]]) -> list[dict[str, str]]:
    """The failures that are shown: a page is no place for thousands."""
    more = len(failed) - _SHOWN
    rest = {"clip": "", "stage": "", "reason": f"and {more} more, in results/failed.tsv"}
    return failed[:_SHOWN] + [rest] * (more > 0)


def _words(metric: str) -> str:
    """A metric as people say it."""
    text = metric.replace("_", " ").replace("type av", "Type@AV").replace("event av", "Event@AV")
    return f"baseline: {text.removeprefix('baseline ')}" if metric.startswith("baseline") else text


def _galleries(
    settings: Settings,
    entries: list[manifest.Entry],
    found: Found,
) -> list[Gallery]:
    """Timelines of test videos with the truth, and of dropped-in ones without."""
    truth = _truth(settings)
    tested = [e for e in entries if e.video in truth.get(e.dataset, ())]
    dropped = [e for e in entries if not e.dataset]
    newest = dropped[max(0, len(dropped) - settings.report.new_videos) :]
    shown = {
        "Test videos": ("Truth above, predictions below.", tested[: settings.report.videos]),
        "New videos": ("Without labels.", newest),
    }
    previews = _previews(settings, [e for _, chosen in shown.values() for e in chosen], found)
    galleries = []
    for title, (about, chosen) in shown.items():
        drawn = []
        for entry in chosen:
            own = _own(settings, found, entry)
            lanes = _lanes(truth.get(entry.dataset, {}).get(entry.video, {}), own, entry.video)
            length = _length(own, entry.video)
            if lanes and length:
                classes = sorted(
                    {e.label for lane in lanes for e in lane.events} | _classes(settings)
                )
                svg = figures.timeline(previews.get(entry.path), lanes, classes, length)
                drawn.append(Figure(page.drawing(svg), entry.video))
        if drawn:
            galleries.append(Gallery(title, about, drawn))
    return galleries


def _classes(settings: Settings) -> set[str]:
    return {c for d in settings.datasets.values() for c in datasets.load(d).classes}


def _truth(settings: Settings) -> dict[str, Truth]:
    """Data set -> test video -> modality -> annotated events."""
    out: dict[str, dict[str, dict[Modality, list[Event]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for name, source in settings.datasets.items():
        dataset = datasets.load(source)
        for task in ("parsing", "localization"):
            for sample in dataset.samples(task):
                for event in sample.events or ():
                    if sample.split == "test":
                        out[name][sample.video_id][event.modality].append(event)
    return dict(out)


def _own(settings: Settings, found: Found, entry: manifest.Entry) -> Found:
    """The timelines of experiments on an entry's data set; of a dropped-in video, all."""
    sets = {name: settings.experiments[name].dataset for name in found}
    return {name: found[name] for name in found if entry.dataset in ("", sets[name])}


def _lanes(
    truth: Mapping[Modality, list[Event]],
    found: Found,
    video: str,
) -> list[Lane]:
    lanes = [Lane("truth", modality, truth[modality]) for modality in Modality if modality in truth]
    for name, (task, timelines) in found.items():
        if video in timelines:
            lanes += prediction_lanes(name, task, timelines[video])
    return lanes


def prediction_lanes(name: str, task: str, timeline: Timeline) -> list[Lane]:
    """The lanes of one experiment's timeline."""
    return [
        Lane(name, modality, [e for e in timeline.events if e.modality == modality])
        for modality in predictions.LANES[task]
    ]


def _length(found: Found, video: str) -> float:
    return max((t[video].duration_s for _, t in found.values() if video in t), default=0.0)


def _previews(
    settings: Settings,
    entries: list[manifest.Entry],
    found: Found,
) -> dict[str, Preview]:
    """Pictures and loudness of the videos shown; those that are gone have none."""
    lengths = [_length(_own(settings, found, entry), entry.video) for entry in entries]
    tasks = [(Path(e.path), length) for e, length in zip(entries, lengths, strict=True)]
    d = settings.decode
    outcomes = run_all(preview, tasks, settings.runtime.decode_workers, d.timeout_s, d.memory_mb)
    out = {}
    for entry, (_, outcome) in zip(
        entries, track(outcomes, "report", len(tasks), "previews"), strict=True
    ):
        if not isinstance(outcome, MediaError):
            out[entry.path] = outcome
    return out


def _features(results: Path, settings: Settings, entries: list[manifest.Entry]) -> list[list[str]]:
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
