"""Options of the test run, and fixtures that several folders share.

Session fixtures that take long to build are built once for all workers of pytest-xdist.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from avparse.media.encode import write_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

Cli = Callable[..., subprocess.CompletedProcess[str]]


MARKERS = ("long", "soak")
"""Tests with these markers run only if the option of the same name is given."""

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run tests that take minutes")
    parser.addoption("--soak", action="store_true", help="also run tests that take tens of minutes")


def pytest_configure() -> None:
    """Use one thread in each worker and its subprocesses, before anything imports torch."""
    if WORKER:
        os.environ["OMP_NUM_THREADS"] = "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what was not asked for, and start files that run the workflow first.

    A worker runs whole files; if the longest files came last, the other workers would idle.
    """
    for marker in MARKERS:
        if not config.getoption(f"--{marker}"):
            skip = pytest.mark.skip(reason=f"needs the option --{marker}")
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(skip)
    slow_files = {item.path for item in items if item.get_closest_marker("story")}
    items.sort(key=lambda item: item.path not in slow_files)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Let one process at a time run a block."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use so many threads in a block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if WORKER else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def random_weights(shared_folder: Path) -> Callable[[str], Path]:
    """Returns the path to a network's random weights; they are made once and not to be changed."""

    def make(name: str) -> Path:
        from avparse import features
        from avparse.config.data import ExtractorSettings
        from avparse.features import weights

        path = shared_folder / f"weights/{name}.safetensors"
        path.parent.mkdir(exist_ok=True)
        # The weights' last digits depend on the number of threads.
        with file_lock(path.with_suffix(".lock")), torch_threads(2):
            if not path.exists():
                is_visual = features.published(name).view is not None
                settings = ExtractorSettings(frames_per_second=1 if is_visual else None)
                weights.make(features.create(name, settings), path, path.parent)
        return path

    return make


@pytest.fixture(scope="session")
def tiny_project(shared_folder: Path) -> Path:
    """A small project in which the workflow has run once; copy it before you change it."""
    from running import ran, snakemake
    from tiny import make_project

    folder, done = shared_folder / "tiny/project", shared_folder / "tiny/done"
    folder.parent.mkdir(exist_ok=True)
    with file_lock(shared_folder / "tiny/lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker whose run failed
            assert ran(snakemake(folder, settings=make_project(folder)))
            done.touch()
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A real browser."""
    from browser import browser

    with browser() as found:
        yield found


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Runs the avparse command in an empty folder."""

    def run(*words: object, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "avparse", *map(str, words)],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def clock_frames(times: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Grey frames whose brightness is 10 times the second they are shown in, plus 20."""
    width, height = size
    levels = (20 + 10 * np.floor(times)).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (len(times), height, width, 3))


def beeps(seconds: int, rate: int, at: tuple[int, ...]) -> NDArray[np.float32]:
    """Mono: a 1 kHz tone during each of the given seconds, silence elsewhere."""
    t = np.arange(seconds * rate) / rate
    loud = np.isin(np.floor(t), at)
    return (0.5 * loud * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)[None]


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """Writes a video whose frames tell the time and whose sound beeps in given seconds."""

    def make(
        name: str = "clock.mp4",
        seconds: int = 10,
        fps: float = 10,
        size: tuple[int, int] = (64, 48),
        rate: int = 16000,
        at: tuple[int, ...] = (3,),
        audio: bool = True,
        times: NDArray[np.float64] | None = None,
    ) -> Path:
        path = tmp_path / name
        shown = np.arange(round(seconds * fps)) / fps if times is None else times
        sound = beeps(seconds, rate, at) if audio else np.zeros((0, 0), np.float32)
        write_video(path, clock_frames(shown, size), shown.tolist(), sound, rate)
        return path

    return make
