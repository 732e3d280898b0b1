"""What the child processes of a block use, seen from outside."""

import os
import resource
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY_S = 0.02


class Watch:
    """Looks at the decoding processes again and again while a block runs.

    Attributes:
        children: most of them at a time.
        space_mb: largest address space of one, once it reads a file.
        resident_mb: largest resident size of one.
        unbounded: how often one read a file without the memory limit.
        open_s: how long each file of the folder was open in some process, seconds.

    Args:
        folder: of the files that they read.
        memory_mb: their limit.
    """

    def __init__(self, folder: Path, memory_mb: int) -> None:
        self.children = self.unbounded = 0
        self.space_mb = self.resident_mb = 0.0
        self.open_s: dict[str, float] = {}
        self._folder = f"{folder.resolve()}/"
        self._limit = memory_mb << 20
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        last = time.monotonic()
        while not self._over.wait(_EVERY_S):
            now = time.monotonic()
            found = spawned()
            self.children = max(self.children, len(found))
            for pid in found:
                try:
                    self._look(pid, now - last)
                except OSError:
                    continue  # it has just ended
            last = now

    def _look(self, pid: int, passed_s: float) -> None:
        self.resident_mb = max(self.resident_mb, memory_mb(pid, "VmHWM"))
        for path in _reads(pid):
            if path.startswith(self._folder):
                self.open_s[path] = self.open_s.get(path, 0.0) + passed_s
                self.space_mb = max(self.space_mb, memory_mb(pid, "VmPeak"))
                self.unbounded += resource.prlimit(pid, resource.RLIMIT_AS)[0] != self._limit


def spawned() -> list[int]:
    """Our live child processes that run Python functions for us."""
    return [pid for pid in _children(os.getpid()) if b"popen_loky" in _words(pid)]


def memory_mb(pid: int | str, field: str) -> float:
    """A field of a process's status that counts memory; 0 of one that has just ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _children(parent: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent:
            found.append(int(process.name))
    return found


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _reads(pid: int) -> list[str]:
    return [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
