# Weights of the feature networks, and the features of a shard.
rule weights:
    input:
        lambda wildcards: targets.weights_files(settings, wildcards.extractor),
    output:
        "resources/weights/{extractor}.safetensors",
    log:
        "logs/weights/{extractor}.log",
    benchmark:
        "logs/benchmarks/weights/{extractor}.tsv"
    conda:
        "../../envs/avparse.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
    params:
        settings=lambda w: parameters.extractor_flags(
            settings, w.extractor, drop=parameters.NOT_OF_WEIGHTS
        ),
        code=lambda w: stage_digest("weights", parameters.extractor_module(settings, w.extractor)),
    shell:
        "avparse weights {wildcards.extractor:q} --out {output:q} {params.settings:q} > {log} 2>&1"


rule extract:
    input:
        decoded="results/status/{shard}.tsv",
        videos=lambda wildcards: list(videos(wildcards).values()),
        weights="resources/weights/{extractor}.safetensors",
    output:
        "results/features/{extractor}/{shard}.h5",
    log:
        "logs/extract/{extractor}/{shard}.log",
    benchmark:
        "logs/benchmarks/extract/{extractor}/{shard}.tsv"
    wildcard_constraints:
        shard=r"\d{5}",
    priority: 10
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.extract_threads
    resources:
        gpu=parameters.gpus(settings),
        mem_mb=growing(4000 + 500 * settings.runtime.extract_threads),
    params:
        frames=frames_of,
        videos=named_videos,
        settings=lambda w: [
            *parameters.extractor_flags(settings, w.extractor),
            *parameters.flags(settings, "clips"),
        ],
        view=lambda w: targets.view_key(settings, w.extractor),
        code=lambda w: stage_digest("extract", parameters.extractor_module(settings, w.extractor)),
    shell:
        "avparse extract {wildcards.extractor:q} --frames {params.frames:q}"
        " --weights {input.weights:q} --out {output:q} --threads {threads} {params.settings:q}"
        " -- {params.videos:q} > {log} 2>&1"
