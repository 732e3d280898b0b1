"""The command that downloads videos."""

from pathlib import Path

import click

from avparse.cli.options import File


@click.command()
@click.argument("wanted", type=File, metavar="WANTED.tsv")
@click.option("--out", type=File, required=True, help="Folder to write videos to.")
@click.option(
    "--table",
    type=File,
    required=True,
    help="Table (.tsv) to write, with the outcome of each video.",
)
@click.option(
    "--workers", type=click.IntRange(1), default=4, show_default=True,
    help="Number of parallel downloads.",
)  # fmt: skip
@click.option(
    "--rate", type=click.IntRange(1), help="Bandwidth limit per download, in bytes per second."
)
@click.option(
    "--pause", "pause_s", type=click.FloatRange(0), default=1.0, show_default=True,
    help="Pause between requests, in seconds.",
)  # fmt: skip
@click.option("--retry", is_flag=True, help="Retry videos recorded as removed, private or blocked.")
@click.option("--url", help="URL of a video, with {id} in it.  [default: YouTube]")
@click.option("--format", help="Format, as for yt-dlp.  [default: MP4 of up to 360 lines]")
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
    """Download segments of YouTube videos.

    WANTED.tsv has the columns video (YouTube id), start_s, seconds and file, a row per segment.
    Existing files are kept, so running the command again resumes an interrupted download. The
    table records why videos could not be downloaded.

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
