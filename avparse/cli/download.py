"""The command that fetches videos."""

from pathlib import Path

import click

from avparse.cli.options import File


@click.command()
@click.argument("wanted", type=File, metavar="WANTED.tsv")
@click.option("--out", type=File, required=True, help="Folder for videos.")
@click.option("--table", type=File, required=True, help="A .tsv: how each video ended.")
@click.option("--workers", type=click.IntRange(1), default=4, show_default=True)
@click.option("--rate", type=click.IntRange(1), help="Bytes a second of each download.")
@click.option(
    "--pause", "pause_s", type=click.FloatRange(0), default=1.0, show_default=True,
    help="Seconds between requests.",
)  # fmt: skip
@click.option("--retry", is_flag=True, help="Those too that were gone, private or not shown here.")
@click.option("--url", help="Of a video, with {id} in it.  [default: YouTube's]")
@click.option("--format", help="In yt-dlp's terms.  [default: MP4 of up to 360 lines]")
def download(
    wanted: Path,
    out: Path,
    table: Path,
    workers: int,
    rate: int | None,
    pause_s: float,
    retry: bool,
    url: str | None,
    format: str | None,
) -> None:
    """Fetch pieces of YouTube videos by their ids. Run it again to go on.

    WANTED.tsv has the columns video, start_s, seconds and file: 10 s from second 30 of a video
    become ID.mp4. What is there stays; the table says why others are not.

    \b
    Example:
      avparse dataset wanted llp --annotations data/llp --out wanted.tsv
      avparse download wanted.tsv --out data/llp/videos --table data/llp/downloads.tsv
    """
    from avparse.datasets.download.fetch import URL
    from avparse.stages import download as stage

    stage.run(
        wanted, out, table,
        workers=workers, rate=rate, pause_s=pause_s, retry=retry, url=url or URL, format=format,
    )  # fmt: skip
