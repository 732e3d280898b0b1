"""Commands about labelled data sets."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from avparse.cli.groups import Commands
from avparse.cli.options import File, json_option, print_json

_SHOWN = 5


@click.group(cls=Commands)
def dataset() -> None:
    """Look at labelled data sets: AVE, LLP, your own."""


@dataset.command()
@click.argument("kind", metavar="ave|llp|folder")
@click.option("--annotations", type=File, required=True, help="Folder of its tables.")
@click.option("--videos", type=File, help="Folder of its videos.  [default: videos in it]")
@json_option
def describe(kind: str, annotations: Path, videos: Path | None, as_json: bool) -> None:
    """Count splits, classes, events, lengths, leakage and oddities.

    \b
    Examples:
      avparse dataset describe llp --annotations data/llp
      avparse dataset describe ave --annotations data/ave --json > ave.json
    """
    from avparse import datasets
    from avparse.datasets.summary import describe as count

    found = count(datasets.create(kind, annotations, videos), kind)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(_lines(found)))


@dataset.command()
@click.argument("path", type=File)
@click.option("--kind", default="folder", show_default=True, metavar="ave|llp|folder")
@click.option("--videos", type=File, help="Folder of its videos.")
@json_option
def check(path: Path, kind: str, videos: Path | None, as_json: bool) -> None:
    """Say what is wrong with the tables in PATH, by line number.

    What keeps them from being read ends in status 2; what is only strange does not.

    \b
    Examples:
      avparse dataset check my_videos
      avparse dataset check data/llp --kind llp
    """
    from avparse import datasets

    opened = datasets.create(kind, path, videos)
    problems = opened.problems()
    found: dict[str, Any] = {"problems": [str(problem) for problem in problems]}
    if not problems:
        found["oddities"] = [asdict(odd) for odd in opened.oddities()]
        found["samples"] = {task: len(opened.samples(task)) for task in opened.tasks}
        found["videos_there"] = len(opened.videos())
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(_checked(found)))
    sys.exit(2 if problems else 0)


@dataset.command()
@click.argument("kind", metavar="ave|llp")
@click.option("--annotations", type=File, required=True, help="Folder of its tables.")
@click.option("--starts", type=File, help="AudioSet's segments: where AVE's clips begin.")
@click.option("--out", type=File, required=True, help="A .tsv for `avparse download`.")
def wanted(kind: str, annotations: Path, starts: Path | None, out: Path) -> None:
    """List the pieces of YouTube videos that a data set's clips are.

    \b
    Example:
      avparse dataset wanted llp --annotations data/llp --out wanted.tsv
    """
    from avparse import datasets
    from avparse.core.progress import say
    from avparse.datasets.download import wanted as table

    opened = datasets.create(kind, annotations)
    pieces = opened.wanted(starts)
    table.write(out, pieces)
    ids = {s.video_id for t in opened.tasks for s in opened.samples(t) if s.split != "background"}
    without = len(ids - {piece.video_id for piece in pieces})
    say(f"wanted: {len(pieces)} videos in {out}" + f", {without} without a start" * bool(without))


def _checked(found: dict[str, Any]) -> list[str]:
    """What is wrong or strange, for people."""
    if found["problems"]:
        return [f"wrong    {problem}" for problem in found["problems"]]
    odd = found["oddities"]
    counts = ", ".join(f"{count} samples for {task}" for task, count in found["samples"].items())
    return [
        *(f"strange  {one['where']}: {one['kind']}: {one['what']}" for one in odd),
        f"{counts}; {found['videos_there']} videos there; {len(odd)} oddities",
    ]


@dataset.command()
@click.argument("files", type=File, nargs=-1, required=True)
@click.option("--out", type=File, required=True, help="The labels.tsv to write.")
@click.option("--videos", type=File, help="Folder of the videos.  [default: that of OUT]")
def labels(files: tuple[Path, ...], out: Path, videos: Path | None) -> None:
    """Make the table of a labelled folder from corrected events.

    FILES are what `avparse export` wrote for ELAN (.eaf) or Audacity (.txt), corrected there, or
    what Label Studio exported as JSON.

    \b
    Examples:
      avparse dataset labels corrected/*.eaf --out my_videos/labels.tsv
      avparse dataset labels project-1.json --out my_videos/labels.tsv
    """
    from avparse.datasets import corrected

    rows = corrected.rows(files, videos or out.parent)
    corrected.write(out, rows)
    count = len({row["video"] for row in rows})
    click.echo(f"{len(rows)} events of {count} videos in {out}")


def _lines(found: dict[str, Any]) -> list[str]:
    """The counts, for people."""
    lines = [
        f"{found['name']}: {len(found['classes'])} classes, {found['videos_there']} videos there"
    ]
    lines += [
        f"  {file}: {rows} rows" for file, rows in found["tables"].items() if rows is not None
    ]
    lines += [f"  {file} is the {version} one" for file, version in found["versions"].items()]
    for task, counts in found["tasks"].items():
        lines.append(f"{task}: {counts['samples']} samples of {counts['videos']} videos")
        lines += _split_lines(counts["splits"]) + _class_lines(counts["splits"], found["classes"])
        for modality, lengths in counts["lengths"].items():
            said = "  ".join(f"{seconds}: {n}" for seconds, n in lengths.items())
            lines.append(f"  lengths of {modality} events, s   {said}")
        shared = [f"{pair} {n}" for pair, n in counts["leakage"].items() if n]
        lines.append(f"  videos in two splits   {', '.join(shared) or 'none'}")
    lines.append(f"oddities: {sum(found['odd'].values())}")
    for kind, count in found["odd"].items():
        lines.append(f"  {kind}: {count}")
        own = [odd for odd in found["oddities"] if odd["kind"] == kind]
        lines += [f"    {odd['where']}: {odd['what']}" for odd in own[:_SHOWN]]
        lines += [f"    ... {count - _SHOWN} more: --json"] * (count > _SHOWN)
    return lines


def _split_lines(splits: dict[str, Any]) -> list[str]:
    lines = []
    for split, counts in splits.items():
        said = f"  {split:<10}  {counts['samples']:>6} samples"
        if "events" in counts:
            events = ", ".join(f"{n} {modality}" for modality, n in counts["events"].items())
            said += f"; events: {events}; background {100 * counts['background_share']:.2f} %"
            said += f"; {counts['full_length']} full-length"
        lines.append(said)
    return lines


def _class_lines(splits: dict[str, Any], classes: list[str]) -> list[str]:
    """A row for each class, a column for each split that has any."""
    shown = {split: counts["classes"] for split, counts in splits.items() if counts["classes"]}
    wide = max(map(len, classes), default=0)
    head = f"  {'samples with':<{wide}}" + "".join(f"{split:>8}" for split in shown)
    rows = (
        f"  {label:<{wide}}" + "".join(f"{counts.get(label, 0):>8}" for counts in shown.values())
        for label in classes
    )
    return [head, *rows]
