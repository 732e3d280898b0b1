"""compare: all models on one data set side by side, beside what their papers got on theirs."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from avparse.config.settings import Experiment, Settings
from avparse.core.files import read_tsv, write_tsv
from avparse.core.progress import say
from avparse.core.tables import METRICS, RANKING
from avparse.evaluation import paper_results
from avparse.evaluation.paper_results import Published
from avparse.evaluation.scoring import MAIN, SCORED
from avparse.models import INPUTS, PARSING_INPUTS
from avparse.report import page
from avparse.report.page import Figure, Page, Scores
from avparse.report.plots import charts

_LEAD = (
    "Mean and spread over seeds. Published numbers are of LLP and AVE with the published features: "
    "beside scores on other data, only their order can be compared."
)
_ABOUT = {
    "parsing": "Type@AV of segments, percent; labels of whole clips are all that is learned from.",
    "localization": "Segments labelled right, percent; learned from labelled segments.",
    "localization, weak": "Segments labelled right, percent; learned from labels of whole clips.",
}


def run(settings: Settings, tables: list[Path], out: Path) -> None:
    """Write the table and a page with a plot.

    Args:
        tables: evaluations, one of each experiment.
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
    experiment: Experiment,
    name: str,
    metrics: list[dict[str, str]],
    papers: Mapping[tuple[str, str], Published],
) -> dict[str, str]:
    task = "parsing" if INPUTS[experiment.model] is PARSING_INPUTS else "localization"
    weak = experiment.options.get("supervision") == "weak"
    theirs = papers.get((name, MAIN[task]))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in metrics:
        if row["metric"] == MAIN[task]:
            found[row["split"]][row["seed"]] = f"{float(row['value']):.1f}"
    scores = {
        key: found[split][what]
        for split in SCORED
        for key, what in ((split, "mean"), (f"{split}_std", "std"))
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
        "published": str(theirs.value) if theirs else "",
        "source": theirs.source if theirs else "",
    }


def _page(rows: list[dict[str, str]]) -> Page:
    of_setting: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        of_setting[row["setting"]].append(row)
    head = ["experiment", "model", "options", "val", "test", "published"]
    scores = [
        Scores(setting, _ABOUT[setting], [head, *map(_cells, found)], 0, [_ranking(found)])
        for setting, found in of_setting.items()
    ]
    return Page("Models compared", _LEAD, scores=scores)


def _cells(row: dict[str, str]) -> list[str]:
    split = [f"{row[name]} ± {row[f'{name}_std']}" for name in SCORED]
    return [row["experiment"], row["model"], row["options"], *split, row["published"]]


def _ranking(rows: list[dict[str, str]]) -> Figure:
    scores = [(row["experiment"], float(row["test"]), float(row["test_std"])) for row in rows]
    return Figure(page.drawing(charts.ranking(scores)), "Test")
