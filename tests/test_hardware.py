import pytest
import torch

from avparse.errors import ConfigError
from avparse.hardware import DTYPES, pick_device, pick_precision


def test_auto_takes_what_is_there() -> None:
    device = pick_device("auto")
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert pick_precision("auto", device) in DTYPES


def test_what_is_asked_for_is_taken() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_precision("fp32", torch.device("cpu")) == "fp32"


def test_a_missing_gpu_is_said() -> None:
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="no GPU here; use auto or cpu"):
            pick_device("cuda:0")
    else:
        assert pick_device("cuda").type == "cuda"
