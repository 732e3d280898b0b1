"""Devices and precisions, chosen at run time."""

import fcntl
import os
import tempfile
import time
from pathlib import Path
from typing import IO

import torch

from avparse.errors import ConfigError
from avparse.progress import say

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

_leases: list[IO[str]] = []
"""Held until the process ends, however it ends."""


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
    if wanted == "cuda" and torch.cuda.device_count() > 1:
        return torch.device("cuda", lease(torch.cuda.device_count()))
    return torch.device(wanted)


def lease(count: int, folder: Path | None = None) -> int:
    """Take one of ``count`` GPUs for this process alone, waiting until one is free.

    Every job on this machine locks a file for the GPU it has; the system drops the lock when the
    process ends. Jobs that see other GPUs (CUDA_VISIBLE_DEVICES) have other files.

    Returns:
        The index of the GPU, 0 to count - 1.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all").replace("/", "_")
    folder = folder or Path(tempfile.gettempdir()) / f"avparse-gpus-{os.getuid()}" / visible
    folder.mkdir(parents=True, exist_ok=True)
    told = False
    while True:
        for index in range(count):
            file = (folder / f"{index}.lock").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                continue
            _leases.append(file)
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
