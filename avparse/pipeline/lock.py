"""Clear Snakemake's lock when the run that held it was killed.

Snakemake locks a folder with files. They stay when a run is killed, and later runs refuse to start.
So every run also holds a shared lock on an open file, which the system releases when the process
ends. If no other process holds that lock, Snakemake's lock files are stale.
"""

import fcntl
import os
import shutil
from pathlib import Path

from avparse.core.errors import DataError

_held: dict[Path, int] = {}
"""Folder -> the open lock file; held until this process ends."""


def enter(folder: Path) -> bool:
    """Hold the lock of a folder from now on, and remove lock files that killed runs left.

    Args:
        folder: ``.snakemake`` of the working directory.
    Returns:
        Whether no other run is in progress. If the file system does not support locks, True, and
        no lock files are removed.
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
        hint = f"Snakemake keeps its records in {folder.name} ({error.strerror})"
        raise DataError(f"cannot write to {folder.parent}", hint) from None
