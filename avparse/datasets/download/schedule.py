"""Schedule downloads: parallelism, pauses, and retries after temporary failures."""

import heapq
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import Any

from pebble import ProcessExpired, ProcessPool

from avparse.datasets.download.fetch import Job, fetch
from avparse.datasets.download.outcome import PASSING, Ended, Outcome

_LONGEST_WAIT_S = 900.0
_REFUSED_IN_A_ROW = 5
"""Number of consecutive videos refused by the server after which the run gives up."""


@dataclass(frozen=True)
class Patience:
    """Parallelism and retries.

    Attributes:
        workers: number of parallel downloads.
        retries: number of retries after temporary failures.
        backoff_s: pause before the first retry; it doubles with each.
        limit_s: time limit of an attempt; the next attempt resumes the download.
    """

    workers: int = 4
    retries: int = 3
    backoff_s: float = 10.0
    limit_s: float = 1800.0


@dataclass(order=True)
class _Turn:
    due: float
    number: int
    job: Job = field(compare=False)
    tried: int = field(default=0, compare=False)


class Schedule:
    """Downloads videos in child processes, so that a crash or hang affects a single video.

    Args:
        jobs: the downloads.
        patience: parallelism and retries.
        pause_s: pause between the starts of two videos.
    """

    def __init__(self, jobs: Iterable[Job], patience: Patience, pause_s: float) -> None:
        self._waiting = [_Turn(0.0, number, job) for number, job in enumerate(jobs)]
        self._running: dict[Any, _Turn] = {}
        self._patience = patience
        self._pause_s = pause_s
        self._not_before = 0.0
        self._refused = 0

    def run(self) -> Iterator[tuple[str, Ended]]:
        """Run all downloads; yields (video id, result) when a video is finished or given up."""
        context = multiprocessing.get_context("spawn")
        workers = min(self._patience.workers, max(len(self._waiting), 1))
        with ProcessPool(workers, 100, context=context) as pool:
            try:
                while self._waiting or self._running:
                    delay = self._start(pool)
                    yield from self._finished(delay)
                    if self._refused >= _REFUSED_IN_A_ROW:
                        yield from self._rest()
            except BaseException:  # usually an interrupt; finished downloads are kept
                pool.stop()
                raise

    def _start(self, pool: Any) -> float | None:
        """Start the jobs that are due; return the seconds until the next one, if known."""
        while self._waiting and len(self._running) < self._patience.workers:
            now = time.monotonic()
            due = max(self._waiting[0].due, self._not_before)
            if due > now:
                return due - now
            turn = heapq.heappop(self._waiting)
            turn.tried += 1
            future = pool.schedule(fetch, (turn.job,), timeout=self._patience.limit_s)
            self._running[future] = turn
            self._not_before = now + self._pause_s
        return None

    def _finished(self, delay: float | None) -> Iterator[tuple[str, Ended]]:
        """Wait at most ``delay`` seconds for downloads to finish, and yield their results."""
        if not self._running:
            time.sleep(delay or 0.0)
            return
        for future in wait(self._running, delay, FIRST_COMPLETED).done:
            turn = self._running.pop(future)
            ended = _result(future, self._patience.limit_s)
            if ended.outcome in PASSING and turn.tried <= self._patience.retries:
                self._postpone(turn, ended)
                continue
            self._refused = self._refused + 1 if ended.outcome is Outcome.THROTTLED else 0
            yield turn.job.video_id, ended

    def _postpone(self, turn: _Turn, ended: Ended) -> None:
        """Queue a retry with exponential backoff."""
        doubled = self._patience.backoff_s * 2 ** (turn.tried - 1)
        turn.due = time.monotonic() + min(doubled, _LONGEST_WAIT_S)
        if ended.outcome is Outcome.THROTTLED:  # affects the machine, not the video
            self._not_before = max(self._not_before, turn.due)
        heapq.heappush(self._waiting, turn)

    def _rest(self) -> Iterator[tuple[str, Ended]]:
        """Give up all waiting jobs."""
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            yield (
                turn.job.video_id,
                Ended(
                    Outcome.THROTTLED, "skipped, the server refused other videos: try again later"
                ),
            )


def _result(future: Any, limit_s: float) -> Ended:
    """The result of a finished child process."""
    try:
        ended: Ended = future.result()
        return ended
    except FutureTimeoutError:
        return Ended(Outcome.STALLED, f"not finished within {limit_s:g} s")
    except ProcessExpired as error:
        return Ended(Outcome.OTHER, f"the downloader crashed: exit status {error.exitcode}")
    except Exception as error:  # an error in the child process outside of fetch
        return Ended(Outcome.OTHER, f"the downloader failed: {type(error).__name__}: {error}")
