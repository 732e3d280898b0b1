# The files that each stage needs. They depend on the manifest, which exists once index has run.
import functools
import re

from avparse import datasets
from avparse.pipeline import manifest
from avparse.pipeline.validate import inputs
from avparse.formats import EXPORTS
from avparse.formats.base import Folder
from avparse.models import MODELS


wildcard_constraints:
    shard="|".join([r"\d{5}", *settings.released]),
    seed=r"\d+",
    experiment="|".join(compare_settings.experiments),
    extractor="|".join(map(re.escape, settings.extractors)) or "none",


def growing(amount):
    """A resource that grows with each attempt, so that a job that ran out of memory gets more."""
    return lambda wildcards, attempt: amount * attempt


def listed():
    path = Path(checkpoints.index.get().output[0])
    return listed_when(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def listed_when(path, changed_ns):
    """Read the manifest once, not once per job."""
    known = manifest.read(path)
    return manifest.Listing(entry for entry in known if targets.is_wanted(settings, entry))


def videos(wildcards):
    return {e.video: e.path for e in listed().of_shard.get(wildcards.shard, ())}


def named_videos(wildcards):
    return [f"{video}={path}" for video, path in videos(wildcards).items()]


def frames_of(wildcards):
    """Frames are not declared, so that changing one extractor does not rerun the others."""
    return f"resources/frames/{wildcards.shard}.h5"


def labelled_shards(experiment):
    return dataset_shards(compare_settings.experiments[experiment].dataset)


def dataset_shards(dataset):
    return targets.dataset_shards(settings, listed(), dataset)


def all_shards(experiment):
    return targets.experiment_shards(compare_settings, listed(), experiment)


def statuses(wildcards):
    shards = [*listed().shards(), *settings.released]
    return expand("results/status/{shard}.tsv", shard=shards)


def feature_files(experiment, shards):
    return expand(
        "results/features/{extractor}/{shard}.h5",
        extractor=sorted(set(inputs(compare_settings, experiment).values())),
        shard=shards,
    )


def all_features(wildcards):
    found = {
        path
        for experiment in settings.experiments
        for path in feature_files(experiment, all_shards(experiment))
    }
    return sorted(found)


def predictions(experiment, shards):
    return expand("results/predictions/{{experiment}}/{shard}.h5", shard=shards)


def events(format):
    """The file or folder with the events of an experiment in one format."""
    return f"results/events/{EXPORTS.load(format).target}"


def exported(format):
    """The same path as Snakemake takes it for an output: a file or a folder of files."""
    path = events(format)
    return directory(path) if issubclass(EXPORTS.load(format), Folder) else path


def tables(dataset):
    return sorted(map(str, datasets.load(settings.datasets[dataset]).tables()))


def refined_labels(wildcards):
    base = compare_settings.experiments[wildcards.experiment].labels_from
    return [f"results/labels/{base}/seed{wildcards.seed}.tsv"] if base else []
