"""Snakemake's lock on a folder, when whoever held it was killed.

Snakemake locks by files that stay when a run is killed, and later runs refuse to start. The
system drops a lock on an open file when a process ends, however it ends: every run holds such a
lock, shared. Who finds no other holder knows that the files mean nothing.
"""

import fcntl
import os
import shutil
from pathlib import Path

from avparse.core.errors import DataError

_held: dict[Path, int] = {}
"""Folder -> the open lock file; held until this process ends."""


def enter(folder: Path) -> bool:
    """Hold the lock of a folder from now on; clear up what killed runs left of Snakemake's.

    Args:
        folder: ``.snakemake`` of the working directory.
    Returns:
        Whether no other run is under way. True where the file system cannot tell, and then nothing
        is cleared up.
    Raises:
        DataError: the folder cannot be written to.
    """
    folder = folder.resolve()
    if folder not in _held:
        _held[folder] = _open(folder)
    try:
        fcntl.flock(_held[folder], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(_held[folder], fcntl.LOCK_SH)
        return False
    except OSError:
        return True
    shutil.rmtree(folder / "locks", ignore_errors=True)
    (folder / "locks").mkdir(exist_ok=True)
    fcntl.flock(_held[folder], fcntl.LOCK_SH)
    return True


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / "avparse.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        hint = f"snakemake keeps what it did in {folder.name} ({error.strerror})"
        raise DataError(f"cannot write to {folder.parent}", hint) from None
