"""Progress messages: a progress bar in a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_LOG_EVERY_S = 10.0

_silent = False


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress messages and progress within the block; errors are raised as usual."""
    global _silent
    before, _silent = _silent, True
    try:
        yield
    finally:
        _silent = before


def say(message: str) -> None:
    """Print a message to stderr, so that results on stdout can be piped."""
    if not _silent:
        print(message, file=sys.stderr, flush=True)


def track(items: Iterable[Item], task: str, total: int, unit: str) -> Iterator[Item]:
    """Yield items while showing count, rate and remaining time.

    Args:
        task: description, such as ``"extract vgg19"``.
        total: number of items.
        unit: plural name of the items, such as ``"clips"``.
    """
    if _silent:
        yield from items
    elif sys.stderr.isatty():
        yield from _bar(items, task, total, unit)
    else:
        yield from _lines(items, task, total, unit)


def _bar(items: Iterable[Item], task: str, total: int, unit: str) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(task, total=total, rate="")
        started = time.monotonic()
        for done, item in enumerate(items, 1):
            yield item
            rate = done / max(time.monotonic() - started, 1e-9)
            progress.update(bar, completed=done, rate=f"{rate:.1f}/s")


def _lines(items: Iterable[Item], task: str, total: int, unit: str) -> Iterator[Item]:
    started = last = time.monotonic()
    done = 0
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= _LOG_EVERY_S:
            last = now
            rate = done / (now - started)
            left = (total - done) / rate
            say(f"{task}: {done}/{total} {unit}, {rate:.1f}/s, {left:.0f} s left")
    seconds = time.monotonic() - started
    say(f"{task}: {done} {unit} in {seconds:.1f} s")
