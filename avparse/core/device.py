"""Choice of device and precision at run time."""

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
"""Lock folder -> (index of the GPU leased by this process, open lock file)."""


def pick_device(requested: str) -> torch.device:
    """Choose the device to run on.

    Args:
        requested: ``"auto"`` (a GPU if available), ``"cpu"``, ``"cuda"`` or ``"cuda:N"``. With
            several GPUs, ``auto`` and ``cuda`` take one that no other avparse job uses.
    Raises:
        ConfigError: if a GPU is requested and none is available.
    """
    if requested == "auto":
        requested = "cuda" if torch.cuda.is_available() else "cpu"
    if requested.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"runtime.device = {requested!r}", "no GPU available; use auto or cpu")
    device = torch.device(requested)
    if requested == "cuda" and torch.cuda.device_count() > 1:
        device = torch.device("cuda", lease(torch.cuda.device_count()))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def lease(count: int, folder: Path | None = None) -> int:
    """Reserve a GPU for this process, waiting until one is free.

    Every job on this machine locks a file for its GPU; the operating system releases the lock when
    the process ends. Lock files are separate for each value of CUDA_VISIBLE_DEVICES. Further calls
    return the same GPU.

    Returns:
        Index of the GPU, 0 to ``count`` - 1.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all").replace("/", "_")
    root = folder or Path(tempfile.gettempdir()) / f"avparse-gpus-{os.getuid()}"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if root.is_symlink() or root.stat().st_uid != os.getuid():
        raise ConfigError(f"{root} belongs to another user", "set runtime.device to cuda:N")
    folder = root / visible
    folder.mkdir(exist_ok=True)
    if folder in _leased:
        return _leased[folder][0]
    announced = False
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
        if not announced:
            say(f"waiting for a free GPU (of {count})")
            announced = True
        time.sleep(0.5)


def pick_precision(requested: str, device: torch.device) -> str:
    """Choose the precision for feature extraction.

    Args:
        requested: fp32, bf16, fp16, or auto (bf16 if the hardware supports it, else fp32).
    """
    if requested != "auto":
        return requested
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if torch.cpu.get_capabilities().get("avx512_bf16") else "fp32"
