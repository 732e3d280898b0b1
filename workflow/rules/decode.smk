# Raw videos of a shard to frames and sound.
rule decode:
    input:
        lambda wildcards: list(videos(wildcards).values()),
    output:
        frames=(
            "resources/frames/{shard}.h5"
            if settings.decode.keep_frames
            else temp("resources/frames/{shard}.h5")
        ),
        status="results/status/{shard}.tsv",
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
        mem_mb=1500 + 500 * settings.runtime.decode_workers,
    params:
        videos=lambda wildcards: [f"{i}={path}" for i, path in videos(wildcards).items()],
        views=[f"--view={key}" for key in plan.views(settings)],
        settings=plan.flags(settings, "clips"),
        code=plan.code("decode"),
    shell:
        "avparse decode {params.views} {params.settings:q} --out {output.frames:q}"
        " --status {output.status:q} -- {params.videos:q} > {log} 2>&1"
