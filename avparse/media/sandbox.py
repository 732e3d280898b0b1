"""Decoding in child processes: a crash, a hang or a hungry decoder costs one clip."""

import multiprocessing
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

import av
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from avparse.errors import MediaError

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_all(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: int,
    timeout_s: float,
    memory_mb: int,
) -> Iterator[tuple[Task, Result | MediaError]]:
    """Run ``function`` on each task in a child process and yield the outcomes in order.

    Args:
        function: a module-level function; it and its results travel by pickle between our own
            processes only.
        workers: processes at a time; about twice as many results wait in memory.
        timeout_s: a task that takes longer is killed.
        memory_mb: address space of a child.
    Yields:
        (task, result), or (task, MediaError) with the reason it failed.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPool(workers, 0, _limit, [memory_mb], context) as pool:
        waiting: deque[tuple[Task, ProcessFuture]] = deque()
        for task in tasks:
            waiting.append((task, pool.schedule(function, (task,), timeout=timeout_s)))
            if len(waiting) > 2 * workers:
                yield _outcome(*waiting.popleft(), timeout_s)
        while waiting:
            yield _outcome(*waiting.popleft(), timeout_s)


def _limit(memory_mb: int) -> None:
    """Bound a child: its address space, no core dump, and no chatter from libav."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_level(None)


def _outcome(task: Task, future: Any, timeout_s: float) -> tuple[Task, Any]:
    try:
        return task, future.result()
    except MediaError as error:
        return task, error
    except FutureTimeoutError:
        return task, MediaError(f"decoding took longer than {timeout_s:g} s", "decode.timeout_s")
    except ProcessExpired as error:
        return task, MediaError("the decoder crashed", f"exit status {error.exitcode}")
    except MemoryError:
        return task, MediaError("decoding needs too much memory", "decode.memory_mb")
    except Exception as error:  # whatever a stranger's file provokes is that clip's own failure
        return task, MediaError("decoding failed", f"{type(error).__name__}: {error}")
