# Raw videos to audio-visual event timelines. Results are written to results/; see README.md.
import sys
from pathlib import Path

from snakemake.utils import min_version

from avparse.core.errors import AvparseError
from avparse.pipeline import lock, parameters, targets, validate
from avparse.pipeline.digests import stage_digest

min_version("9.11")


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


try:
    settings = validate.load(config)
    targets.check_files(settings)
    compare_settings = targets.with_compared(settings, Path(workflow.basedir))
    listing = targets.listing_digest(settings)
    if workflow.is_main_process:
        lock.enter(Path(".snakemake"))
except AvparseError as error:
    print(f"avparse: {error}", file=sys.stderr, flush=True)
    sys.exit(2)

parameters.share_runtime(settings)


include: "workflow/rules/common.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/decode.smk"
include: "workflow/rules/extract.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"


# These take about a second, so they are not submitted to a cluster.
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
        expand(map(events, targets.formats(settings)), experiment=settings.experiments),
        "results/report/index.html",
        "results/viewer/index.html",
