"""What several tests need: paths, small videos, the command line."""

import subprocess
import sys
from collections.abc import Callable, Iterator
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run what takes minutes, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="run with --long"))


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Random weights of a network, made once."""
    folder = tmp_path_factory.mktemp("weights")

    def make(name: str) -> Path:
        from avparse import features
        from avparse.config.settings import Extractor
        from avparse.features import weights

        path = folder / f"{name}.safetensors"
        if not path.exists():
            seen = features.published(name).view
            wanted = Extractor(frames_per_second=1 if seen else None)
            weights.make(features.create(name, wanted), path, folder)
        return path

    return make


@pytest.fixture(scope="session")
def tiny_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project in which everything was built once; copy it before you change it."""
    from running import ran, snakemake
    from tiny import make_project

    folder = tmp_path_factory.mktemp("tiny") / "project"
    settings = make_project(folder)
    assert ran(snakemake(folder, settings=settings))
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
