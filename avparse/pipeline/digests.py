"""Digests of the code behind each rule, so that a rule reruns when what it computes changes.

The four expensive stages name the modules that compute their results; everything else about them
is plumbing. The other stages take seconds, and their own module counts, too.
"""

from avparse.core.layouts import LAYOUTS
from avparse.core.provenance import digest_of, source_digest

_COMPUTED_BY = {
    "decode": ("media.shards",),
    "weights": ("features.weights",),
    "extract": ("media.shards", "features.pipeline"),
    "train": ("training.loop",),
    "refine": ("training.refine",),
    "predict": ("prediction.inference",),
}
"""Stage -> the modules that compute its results, beside the plug-ins it is given."""

_LAYOUTS = {
    "index": ("manifest",),
    "decode": ("shard", "tables"),
    "weights": (),
    "extract": ("shard",),
    "import_features": ("shard", "tables"),
    "train": ("shard", "checkpoint", "tables"),
    "refine": ("shard", "checkpoint", "tables"),
    "predict": ("shard", "checkpoint"),
    "evaluate": ("shard", "tables"),
    "export": ("shard",),
    "tsne": ("shard", "tables"),
    "metrics": ("tables",),
    "failures": ("shard", "tables"),
    "coverage": ("tables", "manifest"),
    "compare": ("tables",),
    "report": ("shard", "tables", "manifest"),
    "viewer": ("shard", "manifest"),
    "synth": (),
}
"""Stage -> the kinds of files it reads or writes."""


def stage_digest(stage: str, *plugins: str) -> str:
    """Digest of what a stage computes with, and of the layouts of its files.

    Args:
        stage: name of a module in :mod:`avparse.stages`.
        plugins: dotted modules that it loads by name: an extractor, a model, a data set.
    Returns:
        16 hexadecimal digits.
    """
    roots = _COMPUTED_BY.get(stage, (f"stages.{stage}",))
    layouts = {name: LAYOUTS[name] for name in _LAYOUTS[stage]}
    return digest_of([source_digest(*(f"avparse.{root}" for root in roots), *plugins), layouts])
