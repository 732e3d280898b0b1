"""Scores of experiments: over seeds, beside what papers say, above baselines; by class."""

from collections.abc import Callable, Iterator
from pathlib import Path

from avparse.config.settings import Settings
from avparse.core.files import read_tsv
from avparse.core.tables import HISTORY
from avparse.datasets.labels import LabelledClips
from avparse.evaluation import breakdown, paper_results
from avparse.evaluation.breakdown import Sweep
from avparse.evaluation.scoring import MAIN, SCORED
from avparse.prediction.predictions import Predictions
from avparse.report.page import Figure, Scores, Table, drawing
from avparse.report.plots import charts

_PUBLISHED = ("published", "ours less published", "source")


def scores_of(
    results: Path,
    settings: Settings,
    found: Predictions,
    labels: LabelledClips,
    rows: list[dict[str, str]],
    counts: list[dict[str, str]],
) -> Scores:
    """The table of an experiment's scores, and its charts.

    Args:
        results: folder with the histories of its trainings.
        found: its predictions.
        labels: of the clips of those.
        rows: the metrics of all experiments.
        counts: how many samples of each split are there.
    """
    name = found.experiment
    experiment = settings.experiments[name]
    seeds = [str(seed) for seed in experiment.seeds]
    theirs = _published(settings, name, found.task, counts)
    sweep = breakdown.sweep(found, labels, experiment.threshold)
    head = ["score", *SCORED, *(f"seed {seed}" for seed in seeds), *(_PUBLISHED if theirs else ())]
    value = {
        (r["seed"], r["split"], r["metric"]): float(r["value"])
        for r in rows
        if r["experiment"] == name
    }
    table = [*_measured(value, seeds, theirs), *_tuned(found.task, sweep), *_guessed(value)]
    main = next((n for n, row in enumerate(table) if row[0] == _words(MAIN[found.task])), None)
    histories = {
        seed: read_tsv(results / "checkpoints" / name / f"seed{seed}" / "history.tsv", HISTORY)
        for seed in seeds
    }
    curves = Figure(drawing(charts.curves(histories, _words(MAIN[found.task]))), "Training")
    return Scores(
        name,
        f"{experiment.model} on {experiment.dataset}, seeds {' '.join(seeds)}; percent, "
        f"mean ± deviation over seeds, then each seed on test. Threshold {experiment.threshold:g}.",
        [head, *([*row, *[""] * (len(head) - len(row))] for row in table)],
        main,
        [curves, *_charts(found, labels, experiment.threshold, sweep)],
    )


def _measured(
    value: dict[tuple[str, str, str], float],
    seeds: list[str],
    theirs: Callable[[str, float | None], list[str]] | None,
) -> Iterator[list[str]]:
    """A row for every metric: mean and spread over seeds, each seed, the papers' number."""
    for metric in dict.fromkeys(metric for seed, _, metric in value if seed == "mean"):
        cells = [_words(metric)]
        for split in SCORED:
            mean, std = (value.get((s, split, metric)) for s in ("mean", "std"))
            cells.append("" if mean is None else f"{mean:.1f} ± {std:.1f}")
        for seed in seeds:
            number = value.get((seed, "test", metric))
            cells.append("" if number is None else f"{number:.1f}")
        yield cells + (theirs(metric, value.get(("mean", "test", metric))) if theirs else [])


def _tuned(task: str, sweep: Sweep | None) -> Table:
    """The main score at the threshold that is best on validation."""
    if sweep is None:
        return []
    numbers = [f"{sweep.at(split, sweep.best):.1f}" for split in SCORED]
    return [[f"{_words(MAIN[task])}, threshold {sweep.best:g}, best on val", *numbers]]


def _guessed(value: dict[tuple[str, str, str], float]) -> Iterator[list[str]]:
    """A row for every baseline."""
    for metric in dict.fromkeys(metric for seed, _, metric in value if seed == "baseline"):
        numbers = [value.get(("baseline", split, metric)) for split in SCORED]
        yield [_words(metric), *("" if n is None else f"{n:.1f}" for n in numbers)]


def _charts(
    found: Predictions, labels: LabelledClips, threshold: float, sweep: Sweep | None
) -> Iterator[Figure]:
    """Of the test split: classes, confusions; of both: thresholds."""
    if len(labels.scorable("test")):
        by_class = breakdown.class_scores(found, labels, "test", threshold)
        bars = charts.class_bars(by_class, found.classes)
        yield Figure(drawing(bars), "F by class over all test segments, mean and spread over seeds")
        if found.task == "localization":
            matrix = breakdown.confusion(found, labels, "test", threshold)
            caption = "What test segments are taken for, % of each true label, all seeds"
            yield Figure(drawing(charts.confusion(matrix)), caption, wide=False)
    if sweep is not None:
        chart = charts.sweep(sweep, _words(MAIN[found.task]))
        yield Figure(drawing(chart), "Score by threshold, mean over seeds", wide=False)


def _published(
    settings: Settings, name: str, task: str, counts: list[dict[str, str]]
) -> Callable[[str, float | None], list[str]] | None:
    """What fills :data:`_PUBLISHED`; None where no paper has numbers of that name and data.

    A test split that lacks samples is another test: the difference is marked.
    """
    experiment = settings.experiments[name]
    data = settings.datasets[experiment.dataset].kind.upper()
    papers = {k: p for k, p in paper_results.read().items() if k[0] == name and p.data == data}
    if not papers:
        return None
    own = (experiment.dataset, task, "test")
    test = next((r for r in counts if (r["what"], r["task"], r["split"]) == own), None)
    if test is None:
        return None
    wanted = paper_results.TEST_SAMPLES[data]

    def cells(metric: str, ours: float | None) -> list[str]:
        paper = papers.get((name, metric))
        if paper is None or ours is None:
            return [""] * len(_PUBLISHED)
        mark = "" if int(test["count"]) == wanted else f" (on {test['count']} of {wanted})"
        return [f"{paper.value:.1f}", f"{ours - paper.value:+.1f}{mark}", paper.source]

    return cells


def _words(metric: str) -> str:
    """A metric as people say it."""
    text = metric.replace("_", " ").replace("type av", "Type@AV").replace("event av", "Event@AV")
    return f"baseline: {text.removeprefix('baseline ')}" if metric.startswith("baseline") else text
