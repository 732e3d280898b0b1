# One model of one experiment, one seed.
rule train:
    input:
        features=lambda w: feature_files(w.experiment, labelled_shards(w.experiment)),
        tables=lambda w: tables(settings.experiments[w.experiment].dataset),
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
        gpu=plan.gpus(settings),
        mem_mb=8000,
    params:
        folder=lambda w: f"results/checkpoints/{w.experiment}/seed{w.seed}",
        shards=lambda w: [f"--shard={shard}" for shard in labelled_shards(w.experiment)],
        settings=lambda w: plan.train_flags(settings, w.experiment),
        code=lambda w: plan.code("train", *plan.experiment_modules(settings, w.experiment)),
    shell:
        "avparse train {wildcards.experiment} --seed {wildcards.seed} {params.shards}"
        " --out {params.folder:q} --threads {threads} {params.settings:q} > {log} 2>&1"
