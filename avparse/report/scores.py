"""Scores of experiments as tables: over seeds, beside what papers say, above baselines."""

from collections.abc import Callable
from pathlib import Path

from avparse import published
from avparse.config import Settings
from avparse.files import read_tsv
from avparse.report import figures, page
from avparse.report.page import Row, ScoreTable
from avparse.scoring import MAIN, SCORED
from avparse.tables import HISTORY

_PUBLISHED = ("published", "ours less published", "source")


def score_table(
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


def _words(metric: str) -> str:
    """A metric as people say it."""
    text = metric.replace("_", " ").replace("type av", "Type@AV").replace("event av", "Event@AV")
    return f"baseline: {text.removeprefix('baseline ')}" if metric.startswith("baseline") else text
