"""Devices and precisions, chosen at run time."""

import fcntl
import os
import tempfile
import time
from pathlib import Path

import torch

from avparse.core.errors import ConfigError
from avparse.core.progress import say

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

_leased: dict[Path, tuple[int, int]] = {}
"""Folder of locks -> the GPU this process has, and the open lock file: held until it ends."""


def pick_device(wanted: str) -> torch.device:
    """The device to run on.

    Args:
        wanted: ``"auto"`` (a GPU where there is one), ``"cpu"``, ``"cuda"`` or ``"cuda:N"``. Of
            several GPUs, ``auto`` and ``cuda`` take one that no other job of ours has.
    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"runtime.device = {wanted!r}", "no GPU here; use auto or cpu")
    device = torch.device(wanted)
    if wanted == "cuda" and torch.cuda.device_count() > 1:
        device = torch.device("cuda", lease(torch.cuda.device_count()))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def lease(count: int, folder: Path | None = None) -> int:
    """Take one of ``count`` GPUs for this process alone, waiting until one is free; once.

    Every job on this machine locks a file for the GPU it has; the system drops the lock when the
    process ends. Jobs that see other GPUs (CUDA_VISIBLE_DEVICES) have other files.

    Returns:
        The index of the GPU, 0 to count - 1.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all").replace("/", "_")
    root = folder or Path(tempfile.gettempdir()) / f"avparse-gpus-{os.getuid()}"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if root.is_symlink() or root.stat().st_uid != os.getuid():
        raise ConfigError(f"{root} belongs to someone else", "set runtime.device to cuda:N")
    folder = root / visible
    folder.mkdir(exist_ok=True)
    if folder in _leased:
        return _leased[folder][0]
    told = False
    while True:
        for index in range(count):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(folder / f"{index}.lock", flags, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                continue
            _leased[folder] = index, file
            return index
        if not told:
            say(f"waiting for one of {count} GPUs")
            told = True
        time.sleep(0.5)


def pick_precision(wanted: str, device: torch.device) -> str:
    """The name of the precision to compute features in.

    Args:
        wanted: fp32, bf16, fp16, or auto: bf16 where the hardware has it, else fp32.
    """
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if torch.cpu.get_capabilities().get("avx512_bf16") else "fp32"
