# Decode the videos of a shard. The extractors read the result, and the last one deletes it.
rule decode:
    input:
        lambda wildcards: list(videos(wildcards).values()),
    output:
        "results/status/{shard}.tsv",
    log:
        "logs/decode/{shard}.log",
    benchmark:
        "logs/benchmarks/decode/{shard}.tsv"
    wildcard_constraints:
        shard=r"\d{5}",
    conda:
        "../../envs/avparse.yaml"
    threads: settings.runtime.decode_workers
    resources:
        mem_mb=growing(1500 + 500 * settings.runtime.decode_workers),
    params:
        frames=frames_of,
        videos=named_videos,
        settings=parameters.flags(settings, "clips"),
        code=stage_digest("decode"),
    shell:
        "avparse decode {params.settings:q} --out {params.frames:q} --status {output:q}"
        " -- {params.videos:q} > {log} 2>&1"
