# Failures, coverage, comparison, report and viewer.
rule failures:
    input:
        statuses=statuses,
        features=all_features,
    output:
        report(
            "results/failed.tsv",
            caption="../report/failed.rst",
            category="Data",
        ),
    log:
        "logs/failures.log",
    benchmark:
        "logs/benchmarks/failures.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        statuses=lambda w, input: manifest.braces(input.statuses),
        features=lambda w, input: manifest.braces(f"--features={p}" for p in input.features),
        code=stage_digest("failures"),
    shell:
        "avparse failures {params.statuses} {params.features} --out {output:q}" " > {log} 2>&1"


rule coverage:
    input:
        statuses=statuses,
        failed="results/failed.tsv",
        manifest="resources/manifest.tsv",
        tables=sorted({path for name in settings.datasets for path in tables(name)}),
    output:
        report(
            "results/coverage.tsv",
            caption="../report/coverage.rst",
            category="Data",
        ),
    log:
        "logs/coverage.log",
    benchmark:
        "logs/benchmarks/coverage.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        statuses=lambda w, input: manifest.braces(input.statuses),
        settings=parameters.coverage_flags(settings),
        code=stage_digest("coverage", *parameters.dataset_modules(settings)),
    shell:
        "avparse coverage {params.statuses} --failed {input.failed:q}"
        " --manifest {input.manifest:q} --out {output:q}"
        " {params.settings:q} > {log} 2>&1"


rule compare:
    input:
        expand("results/evaluation/{experiment}.tsv", experiment=compare_settings.experiments),
    output:
        table="results/compare/table.tsv",
        page=report(
            "results/compare/index.html",
            caption="../report/compare.rst",
            category="Results",
        ),
    log:
        "logs/compare.log",
    benchmark:
        "logs/benchmarks/compare.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        folder=lambda w, output: str(Path(output.table).parent),
        settings=parameters.compare_flags(compare_settings),
        template=parameters.template_digest(),
        code=stage_digest("compare"),
    shell:
        "avparse compare {input:q} --out {params.folder:q} {params.settings:q} > {log} 2>&1"


rule tsne:
    input:
        features=lambda w: expand(
            "results/features/{extractor}/{shard}.h5",
            extractor=targets.read_by(settings, w.dataset),
            shard=dataset_shards(w.dataset),
        ),
        tables=lambda w: tables(w.dataset),
    output:
        "results/tsne/{dataset}.tsv",
    log:
        "logs/tsne/{dataset}.log",
    benchmark:
        "logs/benchmarks/tsne/{dataset}.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        extractors=lambda w: [f"--extractor={e}" for e in targets.read_by(settings, w.dataset)],
        shards=lambda w: manifest.braces(f"--shard={s}" for s in dataset_shards(w.dataset)),
        settings=lambda w: parameters.tsne_flags(settings, w.dataset),
        code=stage_digest("tsne", *parameters.dataset_modules(settings)),
    shell:
        "avparse tsne {wildcards.dataset:q} {params.extractors:q} {params.shards} --out {output:q}"
        " {params.settings:q} > {log} 2>&1"


rule report:
    input:
        manifest="resources/manifest.tsv",
        tables=["results/metrics.tsv", "results/failed.tsv", "results/coverage.tsv"],
        predictions=lambda w: [
            path.format(experiment=name)
            for name in settings.experiments
            for path in predictions(name, all_shards(name))
        ],
        tsne=expand("results/tsne/{dataset}.tsv", dataset=targets.with_tsne(settings)),
        histories=[
            f"results/checkpoints/{name}/seed{seed}/history.tsv"
            for name, experiment in settings.experiments.items()
            for seed in experiment.seeds
        ],
    output:
        report(
            "results/report/index.html",
            caption="../report/page.rst",
            category="Results",
        ),
    log:
        "logs/report.log",
    benchmark:
        "logs/benchmarks/report.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.decode_workers
    resources:
        mem_mb=growing(1500 + 500 * settings.runtime.decode_workers),
    params:
        settings=parameters.report_flags(settings),
        template=parameters.template_digest(),
        code=stage_digest("report", *parameters.dataset_modules(settings)),
    shell:
        "avparse report --manifest {input.manifest:q} --out {output:q} {params.settings:q}"
        " > {log} 2>&1"


rule viewer:
    input:
        manifest="resources/manifest.tsv",
        tables=sorted({path for name in settings.datasets for path in tables(name)}),
        predictions=lambda w: [
            path.format(experiment=name)
            for name in settings.experiments
            for path in predictions(name, all_shards(name))
        ],
    output:
        "results/viewer/index.html",
    log:
        "logs/viewer.log",
    benchmark:
        "logs/benchmarks/viewer.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.decode_workers
    resources:
        mem_mb=growing(1500 + 500 * settings.runtime.decode_workers),
    params:
        folder=lambda w, output: str(Path(output[0]).parent),
        settings=parameters.viewer_flags(settings),
        template=parameters.template_digest("viewer"),
        code=stage_digest("viewer", *parameters.dataset_modules(settings)),
    shell:
        "avparse viewer --manifest {input.manifest:q} --out {params.folder:q}"
        " {params.settings:q} > {log} 2>&1"
