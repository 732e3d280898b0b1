"""Commands for labelled data sets."""

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
    """Inspect and prepare labelled data sets."""


@dataset.command()
@click.argument("kind", metavar="ave|llp|folder")
@click.option("--annotations", type=File, required=True, help="Folder with the annotation tables.")
@click.option(
    "--videos", type=File, help="Folder with the videos.  [default: the subfolder videos]"
)
@json_option
def describe(kind: str, annotations: Path, videos: Path | None, as_json: bool) -> None:
    """Summarize splits, classes, events and unusual annotations.

    \b
    Examples:
      avparse dataset describe llp --annotations data/llp
      avparse dataset describe ave --annotations data/ave --json > ave.json
    """
    from avparse import datasets
    from avparse.datasets.summary import describe as count

    summary = count(datasets.create(kind, annotations, videos), kind)
    if as_json:
        print_json(summary)
    else:
        click.echo("\n".join(_lines(summary)))


@dataset.command()
@click.argument("path", type=File)
@click.option(
    "--kind", default="folder", show_default=True, metavar="ave|llp|folder",
    help="Kind of data set.",
)  # fmt: skip
@click.option("--videos", type=File, help="Folder with the videos.")
@json_option
def check(path: Path, kind: str, videos: Path | None, as_json: bool) -> None:
    """Check the annotation tables in PATH, line by line.

    Errors, which make a table unreadable, end with status 2. Warnings, such as events without
    duration or missing videos, end with status 0.

    \b
    Examples:
      avparse dataset check my_videos
      avparse dataset check data/llp --kind llp
    """
    from avparse import datasets

    opened = datasets.create(kind, path, videos)
    problems = opened.problems()
    result: dict[str, Any] = {"problems": [str(problem) for problem in problems]}
    if not problems:
        result["oddities"] = [asdict(oddity) for oddity in opened.oddities()]
        result["samples"] = {task: len(opened.samples(task)) for task in opened.tasks}
        result["videos_there"] = len(opened.videos())
    if as_json:
        print_json(result)
    else:
        click.echo("\n".join(_check_lines(result)))
    sys.exit(2 if problems else 0)


@dataset.command()
@click.argument("kind", metavar="ave|llp")
@click.option("--annotations", type=File, required=True, help="Folder with the annotation tables.")
@click.option(
    "--starts", type=File, help="AudioSet's segment table, with the start times of AVE's clips."
)
@click.option(
    "--out", type=File, required=True, help="Table (.tsv) to write, for `avparse download`."
)
def wanted(kind: str, annotations: Path, starts: Path | None, out: Path) -> None:
    """List the YouTube videos of a data set and the segments to download.

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
    missing = f", {without} without a start time" if without else ""
    say(f"wanted: {len(pieces)} videos in {out}{missing}")


def _check_lines(result: dict[str, Any]) -> list[str]:
    """Errors or warnings as text, then a summary."""
    if result["problems"]:
        return [f"error    {problem}" for problem in result["problems"]]
    warnings = result["oddities"]
    counts = ", ".join(f"{count} samples for {task}" for task, count in result["samples"].items())
    return [
        *(f"warning  {odd['where']}: {odd['kind']}: {odd['what']}" for odd in warnings),
        f"{counts}; {result['videos_there']} videos found; {len(warnings)} warnings",
    ]


@dataset.command()
@click.argument("files", type=File, nargs=-1, required=True)
@click.option("--out", type=File, required=True, help="Table (labels.tsv) to write.")
@click.option("--videos", type=File, help="Folder with the videos.  [default: the folder of --out]")
def labels(files: tuple[Path, ...], out: Path, videos: Path | None) -> None:
    """Import corrected events as labels.

    FILES are exports for ELAN (.eaf) or Audacity (.txt) that you corrected there, or JSON exports
    of Label Studio.

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


def _lines(summary: dict[str, Any]) -> list[str]:
    """Format a summary as text."""
    classes, videos = summary["classes"], summary["videos_there"]
    lines = [f"{summary['name']}: {len(classes)} classes, {videos} videos found"]
    lines += [
        f"  {file}: {rows} rows" for file, rows in summary["tables"].items() if rows is not None
    ]
    lines += [f"  {file}: {version} version" for file, version in summary["versions"].items()]
    for task, counts in summary["tasks"].items():
        lines.append(f"{task}: {counts['samples']} samples of {counts['videos']} videos")
        lines += _split_lines(counts["splits"]) + _class_lines(counts["splits"], classes)
        for modality, lengths in counts["lengths"].items():
            counted = "  ".join(f"{seconds}: {n}" for seconds, n in lengths.items())
            lines.append(f"  lengths of {modality} events, s   {counted}")
        shared = [f"{pair} {n}" for pair, n in counts["leakage"].items() if n]
        lines.append(f"  videos in two splits   {', '.join(shared) or 'none'}")
    lines.append(f"warnings: {sum(summary['odd'].values())}")
    for kind, count in summary["odd"].items():
        lines.append(f"  {kind}: {count}")
        matching = [odd for odd in summary["oddities"] if odd["kind"] == kind]
        lines += [f"    {odd['where']}: {odd['what']}" for odd in matching[:_SHOWN]]
        lines += [f"    ... {count - _SHOWN} more (use --json)"] * (count > _SHOWN)
    return lines


def _split_lines(splits: dict[str, Any]) -> list[str]:
    lines = []
    for split, counts in splits.items():
        line = f"  {split:<10}  {counts['samples']:>6} samples"
        if "events" in counts:
            events = ", ".join(f"{n} {modality}" for modality, n in counts["events"].items())
            line += f"; events: {events}; background {100 * counts['background_share']:.2f} %"
            line += f"; {counts['full_length']} full-length"
        lines.append(line)
    return lines


def _class_lines(splits: dict[str, Any], classes: list[str]) -> list[str]:
    """A row for each class and a column for each split that has classes."""
    by_split = {split: counts["classes"] for split, counts in splits.items() if counts["classes"]}
    width = max(map(len, classes), default=0)
    head = f"  {'samples with':<{width}}" + "".join(f"{split:>8}" for split in by_split)
    rows = (
        f"  {label:<{width}}"
        + "".join(f"{counts.get(label, 0):>8}" for counts in by_split.values())
        for label in classes
    )
    return [head, *rows]
