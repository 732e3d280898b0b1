# Data sets: the bundled one, published tables and features, downloads, and the manifest.
from avparse.datasets import DATASETS

for _name, _dataset in settings.datasets.items():
    if _dataset.synth:

        rule:
            name:
                f"synth_{_name}"
            output:
                collect(f"{_dataset.path}/{{file}}", file=targets.synth_files(_dataset.synth)),
            log:
                f"logs/synth/{_name}.log",
            benchmark:
                f"logs/benchmarks/synth/{_name}.tsv"
            conda:
                "../../envs/avparse.yaml"
            threads: settings.runtime.decode_workers
            params:
                folder=lambda w, output: str(Path(output[-1]).parent),
                counts=[f"--{key}={value}" for key, value in _dataset.synth.model_dump().items()],
                code=stage_digest("synth"),
            shell:
                "avparse synth --out {params.folder:q} --workers {threads} {params.counts}"
                " > {log} 2>&1"


for _name, _dataset in settings.datasets.items():
    _missing = targets.unfetched(settings, _name)
    if _missing and _name == targets.first_of_path(settings, _name):

        rule:
            name:
                f"annotations_{_name}"
            output:
                _missing,
            log:
                f"logs/annotations/{_name}.log",
            benchmark:
                f"logs/benchmarks/annotations/{_name}.tsv"
            conda:
                "../../envs/avparse.yaml"
            params:
                kind=_dataset.kind,
                folder=_dataset.path,
            shell:
                "avparse annotations {params.kind} --out {params.folder:q} > {log} 2>&1"


for _name, _dataset in settings.datasets.items():
    if _dataset.released:

        rule:
            name:
                f"import_{_name}"
            input:
                tables=tables(_name),
                archives=targets.archives(compare_settings, _name),
            output:
                features=expand(
                    "results/features/{extractor}/{dataset}.h5",
                    extractor=targets.read_by(compare_settings, _name),
                    dataset=_name,
                ),
                status=f"results/status/{_name}.tsv",
            log:
                f"logs/import/{_name}.log",
            benchmark:
                f"logs/benchmarks/import/{_name}.tsv"
            conda:
                "../../envs/avparse.yaml"
            params:
                name=_name,
                folder=_dataset.features,
                extractors=[f"--extractor={e}" for e in targets.read_by(compare_settings, _name)],
                settings=parameters.import_flags(compare_settings, _name),
                code=stage_digest("import_features", DATASETS.module(_dataset.kind)),
            shell:
                "avparse features import {params.name:q} {params.folder:q} --out results/features"
                " {params.extractors:q} --status {output.status:q} {params.settings:q} > {log} 2>&1"


for _name, _dataset in settings.datasets.items():
    if _dataset.kind == "llp":

        rule:
            name:
                f"wanted_{_name}"
            input:
                tables(_name),
            output:
                f"{_dataset.path}/wanted.tsv",
            log:
                f"logs/wanted/{_name}.log",
            benchmark:
                f"logs/benchmarks/wanted/{_name}.tsv"
            conda:
                "../../envs/avparse.yaml"
            params:
                kind=_dataset.kind,
                folder=_dataset.path,
            shell:
                "avparse dataset wanted {params.kind} --annotations {params.folder:q}"
                " --out {output:q} > {log} 2>&1"

        # Not part of `all`. Videos that are missing are left out.
        rule:
            name:
                f"download_{_name}"
            input:
                f"{_dataset.path}/wanted.tsv",
            log:
                f"logs/download/{_name}.log",
            benchmark:
                f"logs/benchmarks/download/{_name}.tsv"
            conda:
                "../../envs/avparse.yaml"
            params:
                folder=_dataset.path,
                videos=str(datasets.load(_dataset).media),
            shell:
                "avparse download {input:q} --out {params.videos:q}"
                " --table {params.folder:q}/downloads.tsv > {log} 2>&1"


checkpoint index:
    input:
        sorted({path for name in settings.datasets for path in tables(name)}),
    output:
        update("resources/manifest.tsv"),
    log:
        "logs/index.log",
    benchmark:
        "logs/benchmarks/index.tsv"
    conda:
        "../../envs/avparse.yaml"
    params:
        listing=listing,
        settings=parameters.index_flags(settings),
        code=stage_digest("index", *parameters.dataset_modules(settings)),
    shell:
        "avparse index --out {output:q} {params.settings:q} > {log} 2>&1"
