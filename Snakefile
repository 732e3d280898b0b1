# Raw videos to audio-visual event timelines. Results land in results/, see README.md.
import sys
from pathlib import Path

from snakemake.utils import min_version, validate

from avparse import jobs, lock, plan
from avparse.errors import AvparseError

min_version("9.11")


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


try:
    settings = plan.load(config)
    plan.check_files(settings)
    every = plan.with_compared(settings, Path(workflow.basedir))
    listing = plan.listing_digest(settings)
    if workflow.is_main_process:
        lock.enter(Path(".snakemake"))
except AvparseError as error:
    print(f"avparse: {error}", file=sys.stderr, flush=True)
    os._exit(2)

validate(
    settings.model_dump(mode="json"),
    "workflow/schemas/config.schema.yaml",
    set_default=False,
)
jobs.share_runtime(settings)


include: "workflow/rules/common.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/decode.smk"
include: "workflow/rules/extract.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"


# What takes a second is no job for a cluster.
localrules:
    all,
    index,
    metrics,
    failures,
    coverage,


rule all:
    default_target: True
    input:
        "results/metrics.tsv",
        "results/failed.tsv",
        "results/coverage.tsv",
        expand(map(events, plan.formats(settings)), experiment=settings.experiments),
        "results/report/index.html",
        "results/viewer/index.html",
