"""Commands about features."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from avparse.cli.groups import Commands
from avparse.cli.options import File, json_option, known, print_json, read_settings, with_settings

if TYPE_CHECKING:
    from avparse.features.compare import Comparison


@click.group(cls=Commands)
def features() -> None:
    """Look at features, ours and released ones."""


@features.command()
@click.argument("a", type=File)
@click.argument("b", type=File)
@click.option("--annotations", type=File, help="AVE's Annotations.txt: which video is which row.")
@click.option("--table", type=File, help="A .tsv with a row for each clip.")
@json_option
def compare(a: Path, b: Path, annotations: Path | None, table: Path | None, as_json: bool) -> None:
    """How far two feature sets are apart: do mine match the released ones?

    A and B are each our feature files (results/features, a folder or file in it), AVE's archive
    (visual_feature.h5, audio_feature.h5, or their folder) or LLP's (res152, r2plus1d_18, vggish
    folders of .npy files).

    \b
    Examples:
      avparse features compare results/features LLP/feats
      avparse features compare results/features/vgg19 AVE/visual_feature.h5 \\
        --annotations AVE/Annotations.txt --table apart.tsv
    """
    from avparse.stages import compare_features as stage

    found = stage.run(a, b, annotations, table)
    if as_json:
        print_json([_plain(one) for one in found])
        return
    for one in found:
        click.echo(_text(one))


@features.command("import")
@click.argument("name", metavar="ave|llp|NAME")
@click.argument("path", type=File)
@click.option("--out", type=File, required=True, help="Folder for {extractor}/{NAME}.h5.")
@click.option("--annotations", type=File, help="Folder of the tables.  [default: PATH]")
@click.option("--extractor", "extractors", multiple=True, help="Only this one; repeatable.")
@click.option("--status", type=File, help="A .tsv with a row for each clip.  [default: in --out]")
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
    """Turn published features into files like those that extraction makes.

    NAME is ave, llp, or a data set of the settings; PATH holds audio_feature.h5 and
    visual_feature.h5, or the folders vggish, res152 and r2plus1d_18. Missing, misshapen and
    infinite ones are listed in the files, and by `avparse failures`.

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
        own = settings.model_dump(mode="json", include={"clips", "extractors"})
        made = {name: {"kind": name, "path": str(annotations or path)}}
        settings = validate.load({**own, "datasets": made, "experiments": {}}, "the options")
    kind = settings.datasets[name].kind
    wanted = list(extractors) or archive.extractors(kind, path)
    for extractor in wanted:
        known(settings.extractors, "extractor", extractor)
    stage.run(settings, name, path, wanted, out, status or out / f"{name}.tsv")


def _plain(one: "Comparison") -> dict[str, object]:
    return {
        "extractor": one.name,
        "clips": len(one.compared),
        "not_comparable": len(one.clips) - len(one.compared),
        "only_in_a": len(one.only_first),
        "only_in_b": len(one.only_second),
        **one.summary(),
        "symptoms": one.symptoms,
        "verdict": one.verdict,
    }


def _text(one: "Comparison") -> str:
    counts = f"{len(one.compared)} clips in both, {len(one.only_first)} only in A, "
    counts += f"{len(one.only_second)} only in B"
    if odd := len(one.clips) - len(one.compared):
        counts += f", {odd} not comparable"
    lines = [f"{one.name}: {counts}"]
    if found := one.summary():
        lines += [
            f"  cosine      median {found['median_cosine']:.6f}, least {found['least_cosine']:.6f}",
            f"  difference  mean {found['mean_difference']:.3g}, "
            f"largest {found['largest_difference']:.3g}, "
            f"ratio of lengths {found['median_ratio']:.4g}",
        ]
    lines += [f"  {symptom}" for symptom in one.symptoms]
    return "\n".join([*lines, f"  verdict: {one.verdict}"])
