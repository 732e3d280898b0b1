"""evaluate: score the predictions of an experiment, for each seed and over seeds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from avparse import datasets
from avparse.config.settings import Settings
from avparse.core.errors import CheckpointError
from avparse.core.files import write_tsv
from avparse.core.progress import say
from avparse.core.tables import METRICS
from avparse.datasets.labels import LabelledClips, of_dataset
from avparse.evaluation.scoring import MAIN, SCORED, baselines, score
from avparse.prediction import predictions
from avparse.prediction.predictions import Predictions


def run(settings: Settings, name: str, files: list[Path], out: Path) -> None:
    """Score predictions against the labels of the experiment's data set.

    Args:
        name: of the experiment.
        files: its prediction shards.
        out: table with a row for each seed, split and metric; other seeds are ``mean``, ``std``
            (over seeds) and ``baseline`` (constant predictions).
    """
    experiment = settings.experiments[name]
    predicted = predictions.read(files)
    if predicted.experiment != name:
        raise CheckpointError(
            f"{files[0]} holds predictions of {predicted.experiment!r}, not of {name!r}",
            "give the files of that experiment",
        )
    dataset = datasets.load(settings.datasets[experiment.dataset])
    labels = of_dataset(dataset, predicted.clips, settings.clips.seconds, predicted.task)
    rows = list(_rows(predicted, labels, experiment.threshold))
    write_tsv(out, METRICS, rows)
    main = MAIN[predicted.task]
    for row in rows:
        if row["split"] == "test" and (row["metric"] == main or row["seed"] == "baseline"):
            say(f"evaluate: {name} test {row['metric']} seed {row['seed']}: {row['value']}")


def _rows(
    predicted: Predictions, labels: LabelledClips, threshold: float
) -> Iterator[dict[str, object]]:
    for split in SCORED:
        index = labels.scorable(split)
        if not len(index):
            continue
        each = [
            score(predicted.task, predicted.of_seed(i), labels, index, threshold)
            for i in range(len(predicted.seeds))
        ]
        named = {str(seed): values for seed, values in zip(predicted.seeds, each, strict=True)}
        metrics = list(each[0])
        table = np.array([[values[m] for m in metrics] for values in each])
        named["mean"] = dict(zip(metrics, table.mean(0), strict=True))
        named["std"] = dict(zip(metrics, table.std(0), strict=True))
        named["baseline"] = baselines(predicted.task, labels, index)
        for seed, values in named.items():
            for metric, value in values.items():
                yield {
                    "experiment": predicted.experiment,
                    "seed": seed,
                    "split": split,
                    "metric": metric,
                    "value": f"{value:.4f}",
                }
