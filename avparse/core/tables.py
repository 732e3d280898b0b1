"""The columns of every table that stages hand to each other and to people."""

STATUS = ("clip", "video", "start_s", "duration_s", "num_segments", "missing", "status", "note")
"""``results/status/{shard}.tsv``: a row for every clip, failed ones too; ``missing`` are segments
lost to damage, by number."""

FAILED = ("clip", "stage", "reason", "shard")
"""``results/failed.tsv``: a row for every clip that some stage gave up."""

COVERAGE = ("what", "task", "split", "count", "of")
"""``results/coverage.tsv``: how many clips failed; how many samples of each data set's splits are
there."""

HISTORY = ("epoch", "loss", "learning_rate", "score", "seconds")
"""``results/checkpoints/{experiment}/seed{seed}/history.tsv``: a row for every epoch."""

REMOVED = ("clip", "label", "modality")
"""``results/labels/{experiment}/seed{seed}.tsv``: labels that sounds or pictures do not hold."""

METRICS = ("experiment", "seed", "split", "metric", "value")
"""``results/metrics.tsv``: percent; seed may be ``mean``, ``std`` (over seeds) or ``baseline``."""

PUBLISHED = ("experiment", "data", "metric", "value", "source")
"""``published.tsv`` of the package: what the papers' tables say."""

RANKING = (
    "setting", "experiment", "model", "options", "seeds",
    "val", "val_std", "test", "test_std", "published", "source",
)  # fmt: skip
"""``results/compare/table.tsv``: percent of the task's main score, best first."""

EVENTS = ("video", "clip", "modality", "label", "onset", "offset", "score")
"""``results/events/{experiment}.tsv``: seconds of the source video; ``clip`` is the one an event
begins in."""

TSNE = ("extractor", "clip", "segment", "label", "x", "y")
"""``results/tsne/{dataset}.tsv``: points of a plane; near ones have like features."""

COMPARED = ("extractor", "clip", "cosine", "least_cosine", "mean", "largest", "ratio", "note")

WANTED = ("video", "start_s", "seconds", "file")
"""What ``avparse download`` reads: a row for every piece of a video, seconds from its start."""

DOWNLOADS = ("video", "outcome", "note")
"""What ``avparse download`` writes: a row for every video, failed ones too."""
