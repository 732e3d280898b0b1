# Train an experiment with one seed, and refine its labels (MA).
rule train:
    input:
        features=lambda w: feature_files(w.experiment, labelled_shards(w.experiment)),
        tables=lambda w: tables(compare_settings.experiments[w.experiment].dataset),
        refined=refined_labels,
    output:
        model="results/checkpoints/{experiment}/seed{seed}/model.safetensors",
        card="results/checkpoints/{experiment}/seed{seed}/checkpoint.json",
        history="results/checkpoints/{experiment}/seed{seed}/history.tsv",
    log:
        "logs/train/{experiment}/{seed}.log",
    benchmark:
        "logs/benchmarks/train/{experiment}/{seed}.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.train_threads
    resources:
        gpu=parameters.gpus(settings),
        mem_mb=growing(8000),
    params:
        folder=lambda w: f"results/checkpoints/{w.experiment}/seed{w.seed}",
        shards=lambda w: manifest.braces(
            f"--shard={shard}" for shard in labelled_shards(w.experiment)
        ),
        settings=lambda w: parameters.train_flags(compare_settings, w.experiment),
        options=lambda w: parameters.model_options(compare_settings, w.experiment),
        refined=lambda w, input: [f"--refined={path}" for path in input.refined],
        code=lambda w: stage_digest(
            "train", *parameters.training_modules(compare_settings, w.experiment)
        ),
    shell:
        "avparse train {wildcards.experiment} --seed {wildcards.seed} {params.shards}"
        " {params.refined:q}"
        " --out {params.folder:q} --threads {threads} {params.settings:q} > {log} 2>&1"


rule refine:
    input:
        features=lambda w: feature_files(w.experiment, labelled_shards(w.experiment)),
        tables=lambda w: tables(compare_settings.experiments[w.experiment].dataset),
        checkpoint=[
            "results/checkpoints/{experiment}/seed{seed}/model.safetensors",
            "results/checkpoints/{experiment}/seed{seed}/checkpoint.json",
        ],
    output:
        "results/labels/{experiment}/seed{seed}.tsv",
    log:
        "logs/refine/{experiment}/{seed}.log",
    benchmark:
        "logs/benchmarks/refine/{experiment}/{seed}.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.train_threads
    resources:
        gpu=parameters.gpus(settings),
        mem_mb=growing(8000),
    params:
        folder=lambda w: f"results/checkpoints/{w.experiment}/seed{w.seed}",
        shards=lambda w: manifest.braces(
            f"--shard={shard}" for shard in labelled_shards(w.experiment)
        ),
        settings=lambda w: parameters.refine_flags(compare_settings, w.experiment),
        code=lambda w: stage_digest(
            "refine", *parameters.experiment_modules(compare_settings, w.experiment)
        ),
    shell:
        "avparse refine {wildcards.experiment} --checkpoint {params.folder:q} {params.shards}"
        " --out {output:q} --threads {threads} {params.settings:q} > {log} 2>&1"
