"""Decoding in child processes: a crash, a hang or a hungry decoder costs one clip."""

import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import av
from loky.backend import get_context
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from avparse.core.errors import AvparseError, MediaError

Task = TypeVar("Task")
Result = TypeVar("Result")

_PAUSE_S = 0.005
_AHEAD = 4
"""Finished steps of one task that may wait for whoever fetches them."""
_LOST_IN_A_ROW = 3
"""Steps; then the rest of the task is given up."""

_alarm_s = 0.0
"""Of this process, while it does the steps of a task."""


class Steps(Protocol):
    """A task of several steps, each of which leaves a file."""

    @property
    def steps(self) -> int:
        """How many."""

    def finished(self, step: int) -> Path:
        """The file that is there when a step is done, until it was fetched."""


Stepwise = TypeVar("Stepwise", bound=Steps)


def run_all(
    function: Callable[[Task], Result],
    tasks: Collection[Task],
    workers: int,
    timeout_s: float | Callable[[Task], float],
    memory_mb: int,
) -> Iterator[tuple[Task, Result | MediaError]]:
    """Run ``function`` on each task in a child process and yield the outcomes in order.

    Args:
        function: a module-level function; it and its results travel by pickle between our own
            processes only.
        workers: processes at a time; about twice as many results wait in memory.
        timeout_s: a task that takes longer is killed; of all tasks, or told of each.
        memory_mb: address space of a child.
    Yields:
        (task, result), or (task, MediaError) with the reason it failed.
    """

    def limit(task: Task) -> float:
        return timeout_s(task) if callable(timeout_s) else timeout_s

    with _pool(min(workers, len(tasks)), memory_mb) as pool:
        for task, future in _ahead(
            pool, tasks, workers, lambda one: pool.schedule(function, (one,), timeout=limit(one))
        ):
            error = _reason(future, limit(task))
            yield task, future.result() if error is None else error


def run_steps(
    function: Callable[[Stepwise, int], Iterator[int]],
    tasks: Collection[Stepwise],
    workers: int,
    timeout_s: float,
    memory_mb: int,
) -> Iterator[tuple[Stepwise, int, MediaError | None]]:
    """The same for tasks of several steps: what one step costs is that step alone.

    Args:
        function: called with a task and its first step to do; yields after each step.
        timeout_s: a step that takes longer is killed.
    Yields:
        (task, step, None) when a step is done, in order, or the reason it failed; if the function
        ends early, the other steps as if they were done, but without a file. A child waits when a
        few finished steps were not fetched: delete their files when they are.
    Raises:
        AvparseError: what a child raises that is no MediaError is nobody's fault but ours.
    """
    with _pool(min(workers, len(tasks)), memory_mb) as pool:

        def start(task: Stepwise, first: int = 0) -> ProcessFuture:
            return pool.schedule(_in_time, (function, task, first, timeout_s, os.getpid()))

        for task, future in _ahead(pool, tasks, workers, start, lambda one: one.steps >= _AHEAD):
            lost = 0
            for step in range(task.steps):
                while not task.finished(step).exists() and not future.done():
                    wait([future], _PAUSE_S)
                error = None
                if task.finished(step).exists():
                    lost = 0
                elif error := _reason(future, timeout_s):
                    lost += 1
                    if lost < _LOST_IN_A_ROW and step + 1 < task.steps:
                        future = start(task, step + 1)
                yield task, step, error


@contextmanager
def _pool(workers: int, memory_mb: int) -> Iterator[ProcessPool]:
    """Children that are waited for, or killed when whoever reads the outcomes gives up.

    loky starts new interpreters that do not load the main module. The standard library's "spawn"
    and "forkserver" import it in every child: a script without a ``__main__`` guard would run
    again, and its imports would count towards a child's memory limit.

    Args:
        workers: at most one per task: an idle child may still start when the pool ends, and then
            prints a traceback. No tasks need no child, but pebble wants at least one.
    """
    with ProcessPool(max(1, workers), 0, _limit, [memory_mb], get_context("loky")) as pool:
        try:
            yield pool
        except BaseException:
            pool.stop()
            raise


def _ahead(
    pool: ProcessPool,
    tasks: Iterable[Task],
    workers: int,
    start: Callable[[Task], ProcessFuture],
    waits: Callable[[Task], bool] = lambda task: False,
) -> Iterator[tuple[Task, ProcessFuture]]:
    """Tasks in order, a few of those that follow already started.

    Args:
        waits: whether a task may wait for whoever reads its outcomes. At most as many of them as
            there are processes are under way, the one that is read among them: if that one must
            start again, it finds a process.
    """
    waiting: deque[tuple[Task, ProcessFuture]] = deque()
    coming = iter(tasks)
    following = next(coming, None)
    while following is not None or waiting:
        while (
            following is not None
            and len(waiting) <= 2 * workers
            and (not waits(following) or sum(waits(task) for task, _ in waiting) < workers)
        ):
            waiting.append((following, start(following)))
            following = next(coming, None)
        yield waiting[0]
        waiting.popleft()


def _limit(memory_mb: int) -> None:
    """Bound a child: its address space, no core dump, and no chatter from libav."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_level(None)


def _in_time(
    function: Callable[[Stepwise, int], Iterator[int]],
    task: Stepwise,
    first: int,
    timeout_s: float,
    parent: int,
) -> None:
    """Do the steps of a task; an alarm ends this process when one takes too long.

    The system does it, so it also works while C code never returns.
    """
    global _alarm_s
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        _alarm_s = timeout_s
        alive()
        for step in function(task, first):
            signal.setitimer(signal.ITIMER_REAL, 0)
            while task.finished(step - _AHEAD + 1).exists() and os.getppid() == parent:
                time.sleep(_PAUSE_S)
            if os.getppid() != parent:  # nobody is left to fetch anything
                return
            alive()
    finally:
        _alarm_s = 0.0
        signal.setitimer(signal.ITIMER_REAL, 0)


def alive() -> None:
    """Put off the alarm, if there is one: what comes before a step is no part of it."""
    if _alarm_s:
        signal.setitimer(signal.ITIMER_REAL, _alarm_s)


def _reason(future: Any, timeout_s: float) -> MediaError | None:
    """Why a task failed; None if it did not."""
    try:
        future.result()
    except MediaError as error:
        return error
    except AvparseError:
        raise
    except FutureTimeoutError:
        return _too_slow(timeout_s)
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGALRM:
            return _too_slow(timeout_s)
        return MediaError("the decoder crashed", f"exit status {error.exitcode}")
    except MemoryError:
        return MediaError("decoding needs too much memory", "decode.memory_mb")
    except Exception as error:  # whatever a stranger's file provokes is that clip's own failure
        return MediaError("decoding failed", f"{type(error).__name__}: {error}")
    return None


def _too_slow(timeout_s: float) -> MediaError:
    return MediaError(f"decoding took longer than {timeout_s:g} s", "decode.timeout_s")
