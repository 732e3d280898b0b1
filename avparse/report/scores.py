"""Score tables of experiments, with published results and baselines, and charts by class."""

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

_PUBLISHED = ("published", "difference", "source")


def scores_of(
    results: Path,
    settings: Settings,
    predictions: Predictions,
    labels: LabelledClips,
    rows: list[dict[str, str]],
    counts: list[dict[str, str]],
) -> Scores:
    """Make the score table and the charts of an experiment.

    Args:
        results: the folder of all results, with the training histories.
        predictions: of the experiment.
        labels: of the predicted clips.
        rows: metrics of all experiments.
        counts: available samples of each split.
    """
    name = predictions.experiment
    experiment = settings.experiments[name]
    seeds = [str(seed) for seed in experiment.seeds]
    published = _published(settings, name, predictions.task, counts)
    sweep = breakdown.sweep(predictions, labels, experiment.threshold)
    head = [
        "score",
        *SCORED,
        *(f"seed {seed}" for seed in seeds),
        *(_PUBLISHED if published else ()),
    ]
    value = {
        (r["seed"], r["split"], r["metric"]): float(r["value"])
        for r in rows
        if r["experiment"] == name
    }
    table = [
        *_measured(value, seeds, published),
        *_tuned(predictions.task, sweep),
        *_guessed(value),
    ]
    main = next(
        (n for n, row in enumerate(table) if row[0] == _words(MAIN[predictions.task])), None
    )
    histories = {
        seed: read_tsv(results / "checkpoints" / name / f"seed{seed}" / "history.tsv", HISTORY)
        for seed in seeds
    }
    curves = Figure(drawing(charts.curves(histories, _words(MAIN[predictions.task]))), "Training")
    return Scores(
        name,
        f"{experiment.model} on {experiment.dataset}, seeds {' '.join(seeds)}. Percent: mean ± "
        f"std over seeds, then each seed on test. Threshold {experiment.threshold:g}.",
        [head, *([*row, *[""] * (len(head) - len(row))] for row in table)],
        main,
        [curves, *_charts(predictions, labels, experiment.threshold, sweep)],
    )


def _measured(
    value: dict[tuple[str, str, str], float],
    seeds: list[str],
    published: Callable[[str, float | None], list[str]] | None,
) -> Iterator[list[str]]:
    """A row for every metric: mean and standard deviation, each seed, and the published value."""
    for metric in dict.fromkeys(metric for seed, _, metric in value if seed == "mean"):
        cells = [_words(metric)]
        for split in SCORED:
            mean, std = (value.get((s, split, metric)) for s in ("mean", "std"))
            cells.append("" if mean is None else f"{mean:.1f} ± {std:.1f}")
        for seed in seeds:
            number = value.get((seed, "test", metric))
            cells.append("" if number is None else f"{number:.1f}")
        yield cells + (published(metric, value.get(("mean", "test", metric))) if published else [])


def _tuned(task: str, sweep: Sweep | None) -> Table:
    """The main score at the threshold with the best validation score."""
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
    predictions: Predictions, labels: LabelledClips, threshold: float, sweep: Sweep | None
) -> Iterator[Figure]:
    """Charts by class and confusions on the test split, and scores by threshold."""
    if len(labels.scorable("test")):
        by_class = breakdown.class_scores(predictions, labels, "test", threshold)
        bars = charts.class_bars(by_class, predictions.classes)
        yield Figure(
            drawing(bars),
            "F-score by class over all test segments, mean and standard deviation over seeds",
        )
        if predictions.task == "localization":
            matrix = breakdown.confusion(predictions, labels, "test", threshold)
            caption = "Confusion matrix of test segments, % of each true label, all seeds"
            yield Figure(drawing(charts.confusion(matrix)), caption, wide=False)
    if sweep is not None:
        chart = charts.sweep(sweep, _words(MAIN[predictions.task]))
        yield Figure(drawing(chart), "Score by threshold, mean over seeds", wide=False)


def _published(
    settings: Settings, name: str, task: str, counts: list[dict[str, str]]
) -> Callable[[str, float | None], list[str]] | None:
    """A function for the cells of :data:`_PUBLISHED`; None if the experiment has no paper results.

    If the test split lacks samples, the scores are not comparable and the difference is marked.
    """
    experiment = settings.experiments[name]
    data = settings.datasets[experiment.dataset].kind.upper()
    papers = {k: p for k, p in paper_results.read().items() if k[0] == name and p.data == data}
    if not papers:
        return None
    split = (experiment.dataset, task, "test")
    test = next((r for r in counts if (r["what"], r["task"], r["split"]) == split), None)
    if test is None:
        return None
    size = paper_results.TEST_SAMPLES[data]

    def cells(metric: str, score: float | None) -> list[str]:
        paper = papers.get((name, metric))
        if paper is None or score is None:
            return [""] * len(_PUBLISHED)
        mark = "" if int(test["count"]) == size else f" (on {test['count']} of {size})"
        return [f"{paper.value:.1f}", f"{score - paper.value:+.1f}{mark}", paper.source]

    return cells


def _words(metric: str) -> str:
    """The display name of a metric."""
    text = (
        metric.replace("audio_visual", "audio-visual")
        .replace("_", " ")
        .replace("type av", "Type@AV")
        .replace("event av", "Event@AV")
    )
    return f"baseline: {text.removeprefix('baseline ')}" if metric.startswith("baseline") else text
