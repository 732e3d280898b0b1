"""Columns of all tables that the stages write."""

STATUS = ("clip", "video", "start_s", "duration_s", "num_segments", "missing", "status", "note")
"""``results/status/{shard}.tsv``: a row for every clip, including failed ones; ``missing`` lists
the indices of segments that cannot be decoded."""

FAILED = ("clip", "stage", "reason", "shard")
"""``results/failed.tsv``: a row for every clip that failed in a stage."""

COVERAGE = ("what", "task", "split", "count", "of")
"""``results/coverage.tsv``: number of failed clips, and of samples with features in each split of
each data set."""

HISTORY = ("epoch", "loss", "learning_rate", "score", "seconds")
"""``results/checkpoints/{experiment}/seed{seed}/history.tsv``: a row per epoch."""

REMOVED = ("clip", "label", "modality")
"""``results/labels/{experiment}/seed{seed}.tsv``: labels that refinement removes from a
modality."""

METRICS = ("experiment", "seed", "split", "metric", "value")
"""``results/metrics.tsv``: values in percent; ``seed`` may also be ``mean`` or ``std`` (over
seeds), or ``baseline``."""

PUBLISHED = ("experiment", "data", "metric", "value", "source")
"""``published.tsv`` in the package: results of the papers."""

RANKING = (
    "setting", "experiment", "model", "options", "seeds",
    "val", "val_std", "test", "test_std", "published", "source",
)  # fmt: skip
"""``results/compare/table.tsv``: main score of the task in percent, best first."""

EVENTS = ("video", "clip", "modality", "label", "onset", "offset", "score")
"""``results/events/{experiment}.tsv``: seconds in the source video; ``clip`` is the clip in which
the event starts."""

TSNE = ("extractor", "clip", "segment", "label", "x", "y")
"""``results/tsne/{dataset}.tsv``: t-SNE coordinates of segments."""

COMPARED = ("extractor", "clip", "cosine", "least_cosine", "mean", "largest", "ratio", "note")
"""Output of ``avparse features compare``: differences of two feature sets, a row per clip."""

WANTED = ("video", "start_s", "seconds", "file")
"""Input of ``avparse download``: a row per segment of a video; times in seconds."""

DOWNLOADS = ("video", "outcome", "note")
"""Output of ``avparse download``: a row per video, including failed ones."""
