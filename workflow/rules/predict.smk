# Predictions, scores and events.
rule predict:
    input:
        features=lambda w: feature_files(w.experiment, [w.shard]),
        checkpoints=lambda w: expand(
            "results/checkpoints/{{experiment}}/seed{seed}/{file}",
            seed=compare_settings.experiments[w.experiment].seeds,
            file=["model.safetensors", "checkpoint.json"],
        ),
    output:
        "results/predictions/{experiment}/{shard}.h5",
    log:
        "logs/predict/{experiment}/{shard}.log",
    benchmark:
        "logs/benchmarks/predict/{experiment}/{shard}.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: 1
    resources:
        gpu=parameters.gpus(settings),
        mem_mb=growing(4000),
    params:
        checkpoints=lambda w: [
            f"--checkpoint=results/checkpoints/{w.experiment}/seed{seed}"
            for seed in compare_settings.experiments[w.experiment].seeds
        ],
        code=lambda w: stage_digest(
            "predict", *parameters.experiment_modules(compare_settings, w.experiment)
        ),
    shell:
        "avparse predict {params.checkpoints} --shard {wildcards.shard} --out {output:q}"
        " --threads {threads} > {log} 2>&1"


rule evaluate:
    input:
        predictions=lambda w: predictions(w.experiment, labelled_shards(w.experiment)),
        tables=lambda w: tables(compare_settings.experiments[w.experiment].dataset),
    output:
        "results/evaluation/{experiment}.tsv",
    log:
        "logs/evaluate/{experiment}.log",
    benchmark:
        "logs/benchmarks/evaluate/{experiment}.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        predictions=lambda w, input: manifest.braces(input.predictions),
        settings=lambda w: parameters.evaluate_flags(compare_settings, w.experiment),
        code=stage_digest("evaluate", *parameters.dataset_modules(settings)),
    shell:
        "avparse evaluate {wildcards.experiment} {params.predictions} --out {output:q}"
        " {params.settings:q} > {log} 2>&1"


rule metrics:
    input:
        expand("results/evaluation/{experiment}.tsv", experiment=settings.experiments),
    output:
        report(
            "results/metrics.tsv",
            caption="../report/metrics.rst",
            category="Results",
        ),
    log:
        "logs/metrics.log",
    benchmark:
        "logs/benchmarks/metrics.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        code=stage_digest("metrics"),
    shell:
        "avparse metrics {input:q} --out {output:q} > {log} 2>&1"


rule export:
    input:
        lambda w: predictions(w.experiment, all_shards(w.experiment)),
    output:
        **{name: exported(name) for name in targets.formats(settings)},
    log:
        "logs/export/{experiment}.log",
    benchmark:
        "logs/benchmarks/export/{experiment}.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        predictions=lambda w, input: manifest.braces(input),
        threshold=lambda w: settings.experiments[w.experiment].threshold,
        formats=[f"--format={name}" for name in targets.formats(settings)],
        code=stage_digest("export", *map(EXPORTS.module, targets.formats(settings))),
    shell:
        "avparse export {params.predictions} {params.formats} --out results/events"
        " --threshold {params.threshold} > {log} 2>&1"
