"""Devices and precisions, chosen at run time."""

import torch

from avparse.errors import ConfigError

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def pick_device(wanted: str) -> torch.device:
    """The device to run on.

    Args:
        wanted: ``"auto"`` (a GPU where there is one), ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"runtime.device = {wanted!r}", "no GPU here; use auto or cpu")
    return torch.device(wanted)


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
