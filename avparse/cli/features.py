"""Commands for features."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from avparse.cli.groups import Commands
from avparse.cli.options import File, json_option, known, print_json, read_settings, with_settings

if TYPE_CHECKING:
    from avparse.features.compare import Comparison


@click.group(cls=Commands)
def features() -> None:
    """Compare and import features."""


@features.command()
@click.argument("a", type=File)
@click.argument("b", type=File)
@click.option("--annotations", type=File, help="AVE's Annotations.txt, which maps rows to videos.")
@click.option("--table", type=File, help="Table (.tsv) to write, with a row for each clip.")
@json_option
def compare(a: Path, b: Path, annotations: Path | None, table: Path | None, as_json: bool) -> None:
    """Compare two sets of features, such as your own and released ones.

    A and B can be avparse's features (results/features, or a folder or file in it), AVE's archive
    (visual_feature.h5, audio_feature.h5, or their folder) or LLP's (the folders res152,
    r2plus1d_18 and vggish of .npy files).

    \b
    Examples:
      avparse features compare results/features LLP/feats
      avparse features compare results/features/vgg19 AVE/visual_feature.h5 \\
        --annotations AVE/Annotations.txt --table apart.tsv
    """
    from avparse.stages import compare_features as stage

    comparisons = stage.run(a, b, annotations, table)
    if as_json:
        print_json([_plain(comparison) for comparison in comparisons])
        return
    for comparison in comparisons:
        click.echo(_text(comparison))


@features.command("import")
@click.argument("name", metavar="ave|llp|NAME")
@click.argument("path", type=File)
@click.option("--out", type=File, required=True, help="Folder to write {extractor}/{NAME}.h5 to.")
@click.option(
    "--annotations", type=File, help="Folder with the annotation tables.  [default: PATH]"
)
@click.option(
    "--extractor", "extractors", multiple=True, help="Import only this extractor; repeatable."
)
@click.option(
    "--status", type=File, help="Table (.tsv) to write, with a row per clip.  [default: in --out]"
)
@with_settings
def import_(
    name: str,
    path: Path,
    out: Path,
    annotations: Path | None,
    extractors: tuple[str, ...],
    status: Path | None,
    config: Path | None,
    changes: tuple[str, ...],
) -> None:
    """Import released features of AVE or LLP.

    NAME is ave, llp or a data set of the settings. PATH is the folder with audio_feature.h5 and
    visual_feature.h5, or with the folders vggish, res152 and r2plus1d_18. Missing, misshapen and
    non-finite features are recorded as failed clips, which `avparse failures` lists.

    \b
    Examples:
      avparse features import llp LLP/feats --annotations data/llp --out results/features
      avparse features import ave AVE/data --out results/features --extractor vggish
    """
    from avparse.datasets import archive
    from avparse.pipeline import validate
    from avparse.stages import import_features as stage

    settings = read_settings(config, changes)
    if name not in settings.datasets or annotations:
        base = settings.model_dump(mode="json", include={"clips", "extractors"})
        datasets = {name: {"kind": name, "path": str(annotations or path)}}
        settings = validate.load({**base, "datasets": datasets, "experiments": {}}, "the options")
    kind = settings.datasets[name].kind
    names = list(extractors) or archive.extractors(kind, path)
    for extractor in names:
        known(settings.extractors, "extractor", extractor)
    stage.run(settings, name, path, names, out, status or out / f"{name}.tsv")


def _plain(comparison: "Comparison") -> dict[str, object]:
    """A comparison as JSON types."""
    return {
        "extractor": comparison.name,
        "clips": len(comparison.compared),
        "not_comparable": len(comparison.clips) - len(comparison.compared),
        "only_in_a": len(comparison.only_first),
        "only_in_b": len(comparison.only_second),
        **comparison.summary(),
        "symptoms": comparison.symptoms,
        "verdict": comparison.verdict,
    }


def _text(comparison: "Comparison") -> str:
    """A comparison as text."""
    counts = f"{len(comparison.compared)} clips in both, {len(comparison.only_first)} only in A, "
    counts += f"{len(comparison.only_second)} only in B"
    if incomparable := len(comparison.clips) - len(comparison.compared):
        counts += f", {incomparable} not comparable"
    lines = [f"{comparison.name}: {counts}"]
    if stats := comparison.summary():
        lines += [
            f"  cosine      median {stats['median_cosine']:.6f}, least {stats['least_cosine']:.6f}",
            f"  difference  mean {stats['mean_difference']:.3g}, "
            f"largest {stats['largest_difference']:.3g}, "
            f"ratio of lengths {stats['median_ratio']:.4g}",
        ]
    lines += [f"  {symptom}" for symptom in comparison.symptoms]
    return "\n".join([*lines, f"  verdict: {comparison.verdict}"])
