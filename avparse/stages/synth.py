"""synth: generate the bundled data set."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from avparse.config.data import SynthSettings
from avparse.core.progress import track
from avparse.datasets.base import SPLITS
from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.synth import picture, sound
from avparse.datasets.synth.scene import Scene, plan
from avparse.datasets.synth.tables import write_tables
from avparse.media.encode import write_video


def run(settings: SynthSettings, folder: Path, workers: int) -> None:
    """Write videos and tables.

    Args:
        settings: size and seed of the data set.
        folder: folder for ``videos/*.mp4`` and the tables of both tasks.
        workers: number of processes that render and encode.
    """
    counts = {split: getattr(settings, split) for split in SPLITS}
    planned = plan(counts, settings.seed)
    jobs = [(scene, folder / "videos" / f"{scene.video_id}.mp4") for scene in planned]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for _ in track(pool.map(_render, jobs), "synth", len(jobs), "clips"):
            pass
    write_tables(folder, planned, BUNDLED_CLASSES)


def _render(job: tuple[Scene, Path]) -> None:
    """Render and encode a scene."""
    scene, path = job
    times = picture.frame_times(scene)
    write_video(
        path, picture.frames(scene), times.tolist(), sound.render(scene), scene.sample_rate_hz
    )
