"""compare: rank the models on one data set, next to their published results."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from avparse.config.settings import ExperimentSettings, Settings
from avparse.core.files import read_tsv, write_tsv
from avparse.core.progress import say
from avparse.core.tables import METRICS, RANKING
from avparse.evaluation import paper_results
from avparse.evaluation.paper_results import PaperResult
from avparse.evaluation.scoring import MAIN, SCORED
from avparse.models import INPUTS, PARSING_INPUTS
from avparse.report import page
from avparse.report.page import Figure, Page, Scores
from avparse.report.plots import charts

_LEAD = (
    "Mean and standard deviation over seeds. Published numbers are for LLP and AVE with the "
    "published features. On other data, only the order of the models can be compared."
)
_ABOUT = {
    "parsing": "Segment-level Type@AV, percent. Training uses clip labels only.",
    "localization": "Correctly labelled segments, percent. Training uses segment labels.",
    "localization, weak": "Correctly labelled segments, percent. Training uses clip labels only.",
}


def run(settings: Settings, tables: list[Path], out: Path) -> None:
    """Write the ranking as a table and as a page with a plot.

    Args:
        tables: metrics, one table for each experiment.
        out: folder for table.tsv and index.html.
    """
    papers = paper_results.read()
    rows = []
    for table in tables:
        metrics = read_tsv(table, METRICS)
        name = metrics[0]["experiment"]
        rows.append(_row(settings.experiments[name], name, metrics, papers))
    rows.sort(key=lambda row: (row["setting"], -float(row["test"])))
    write_tsv(out / "table.tsv", RANKING, rows)
    page.write(_page(rows), out / "index.html")
    for row in rows:
        say(f"compare: {row['setting']}: {row['experiment']} {row['test']} +- {row['test_std']}")


def _row(
    experiment: ExperimentSettings,
    name: str,
    metrics: list[dict[str, str]],
    papers: Mapping[tuple[str, str], PaperResult],
) -> dict[str, str]:
    task = "parsing" if INPUTS[experiment.model] is PARSING_INPUTS else "localization"
    weak = experiment.options.get("supervision") == "weak"
    paper = papers.get((name, MAIN[task]))
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for row in metrics:
        if row["metric"] == MAIN[task]:
            values[row["split"]][row["seed"]] = f"{float(row['value']):.1f}"
    scores = {
        key: values[split][seed]
        for split in SCORED
        for key, seed in ((split, "mean"), (f"{split}_std", "std"))
    }
    options = [f"{k}={v}" for k, v in experiment.options.items() if k != "supervision"]
    if experiment.labels_from:
        options.append(f"labels from {experiment.labels_from}")
    return {
        "setting": f"{task}, weak" if weak else task,
        "experiment": name,
        "model": experiment.model,
        "options": ", ".join(options),
        "seeds": str(len(experiment.seeds)),
        **scores,
        "published": str(paper.value) if paper else "",
        "source": paper.source if paper else "",
    }


def _page(rows: list[dict[str, str]]) -> Page:
    settings: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        settings[row["setting"]].append(row)
    head = ["experiment", "model", "options", "val", "test", "published"]
    scores = [
        Scores(setting, _ABOUT[setting], [head, *map(_cells, group)], 0, [_ranking(group)])
        for setting, group in settings.items()
    ]
    return Page("Comparison of models", _LEAD, scores=scores)


def _cells(row: dict[str, str]) -> list[str]:
    split = [f"{row[name]} ± {row[f'{name}_std']}" for name in SCORED]
    return [row["experiment"], row["model"], row["options"], *split, row["published"]]


def _ranking(rows: list[dict[str, str]]) -> Figure:
    scores = [(row["experiment"], float(row["test"]), float(row["test_std"])) for row in rows]
    return Figure(page.drawing(charts.ranking(scores)), "Test")
