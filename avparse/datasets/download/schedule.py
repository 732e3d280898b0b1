"""When to fetch what: so many at a time, so far apart, again after a while if it may pass."""

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
"""So many videos given up because the server refused: it will refuse the others too."""


@dataclass(frozen=True)
class Patience:
    """How much of it there is.

    Attributes:
        workers: videos fetched at a time.
        retries: further tries of a video whose failure may pass.
        backoff_s: before the first of them; doubles with each.
        limit_s: a try that takes longer is stopped; the next goes on from there.
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
    """Fetches videos in child processes: a crash or a hang costs one video.

    Args:
        pause_s: between the beginnings of two videos.
    """

    def __init__(self, jobs: Iterable[Job], patience: Patience, pause_s: float) -> None:
        self._waiting = [_Turn(0.0, number, job) for number, job in enumerate(jobs)]
        self._running: dict[Any, _Turn] = {}
        self._patience = patience
        self._pause_s = pause_s
        self._not_before = 0.0
        self._refused = 0

    def run(self) -> Iterator[tuple[str, Ended]]:
        """Fetch all; yields (video id, how it ended) as each is settled."""
        context = multiprocessing.get_context("spawn")
        workers = min(self._patience.workers, max(len(self._waiting), 1))
        with ProcessPool(workers, 100, context=context) as pool:
            try:
                while self._waiting or self._running:
                    delay = self._start(pool)
                    yield from self._finished(delay)
                    if self._refused >= _REFUSED_IN_A_ROW:
                        yield from self._rest()
            except BaseException:  # an interrupt, most likely: what came so far stays
                pool.stop()
                raise

    def _start(self, pool: Any) -> float | None:
        """Start what is due; returns seconds until something else is, if that is known."""
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
        """Wait for a video to end, but no longer than ``delay``."""
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
        doubled = self._patience.backoff_s * 2 ** (turn.tried - 1)
        turn.due = time.monotonic() + min(doubled, _LONGEST_WAIT_S)
        if ended.outcome is Outcome.THROTTLED:  # it means this machine, not this video
            self._not_before = max(self._not_before, turn.due)
        heapq.heappush(self._waiting, turn)

    def _rest(self) -> Iterator[tuple[str, Ended]]:
        """Give up whatever waits."""
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            yield turn.job.video_id, Ended(Outcome.THROTTLED, "the server refused others: later")


def _result(future: Any, limit_s: float) -> Ended:
    try:
        ended: Ended = future.result()
        return ended
    except FutureTimeoutError:
        return Ended(Outcome.STALLED, f"not done in {limit_s:g} s")
    except ProcessExpired as error:
        return Ended(Outcome.OTHER, f"the downloader crashed: exit status {error.exitcode}")
    except Exception as error:  # it could not even tell what was wrong
        return Ended(Outcome.OTHER, f"the downloader failed: {type(error).__name__}: {error}")
