"""Published results: complete, in range, and with metrics that avparse computes."""

from collections import defaultdict

import numpy as np

from avparse.evaluation import paper_results
from avparse.evaluation.metrics import parsing_scores


def test_metrics_are_known_and_values_are_percent() -> None:
    grid = np.zeros((1, 10, 2))
    levels = parsing_scores(grid, grid, grid, grid)
    parsing = {f"{level}_{name}" for level, scores in levels.items() for name in scores}
    known = {"LLP": parsing, "AVE": {"accuracy", "accuracy_partial"}}
    found = paper_results.read()
    assert all(metric in known[paper.data] for (_, metric), paper in found.items())
    assert all(20 < paper.value < 80 for paper in found.values())
    assert all(paper.source for paper in found.values())


def test_llp_tables_are_whole_and_type_av_is_the_mean_of_its_three() -> None:
    tables: dict[str, dict[str, float]] = defaultdict(dict)
    for (name, metric), paper in paper_results.read().items():
        if paper.data == "LLP":
            tables[name][metric] = paper.value
    for scores in tables.values():
        assert len(scores) == 10
        for level in ("segment", "event"):
            three = [scores[f"{level}_{kind}"] for kind in ("audio", "visual", "audio_visual")]
            # Some papers print a mean that is up to 0.8 off; a typing error would be larger.
            assert abs(sum(three) / 3 - scores[f"{level}_type_av"]) < 1
