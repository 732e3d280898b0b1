from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from features.test_features_contract import raw, run, slowly
from safetensors.torch import save_file

from avparse import features
from avparse.config.data import ExtractorSettings
from avparse.core.errors import ConfigError, UnknownNameError, WeightsError
from avparse.features import weights
from avparse.media.views import View


def test_the_view_is_the_models_own() -> None:
    view = features.view("timm:resnet50.a1_in1k", ExtractorSettings())
    config = timm.models.get_pretrained_cfg("resnet50.a1_in1k")
    assert view == View(8, 224, int(224 / config.crop_pct), "bicubic")
    assert features.view("timm:resnet50.tv_in1k", ExtractorSettings()) == View(
        8, 224, 256, "bilinear"
    )


@pytest.mark.parametrize(
    ("model", "pooled", "whole"),
    [
        ("resnet18", (512,), (7, 7, 512)),
        ("vit_tiny_patch16_224", (192,), (14, 14, 192)),
        ("swin_tiny_patch4_window7_224", (768,), (7, 7, 768)),
    ],
)
def test_any_model_pooled_or_as_a_map(
    model: str, pooled: tuple[int, ...], whole: tuple[int, ...], tmp_path: Path
) -> None:
    for output, shape in (("pooled", pooled), ("map", whole)):
        extractor = slowly(f"timm:{model}", output=output)
        weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
        assert extractor.shape == shape
        arrays = [raw(extractor, 2, seed) for seed in range(2)]
        found = run(extractor, arrays, 2, 3, torch.float32)
        assert found.shape == (2, 2, *shape)
        assert torch.isfinite(found).all()
        assert (found[0] - found[1]).abs().max() > 1e-5


def test_it_computes_what_timm_computes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = timm.create_model("resnet18.tv_in1k", pretrained=False).eval()
    save_file(network.state_dict(), tmp_path / "resnet18.safetensors")
    file = str(tmp_path / "resnet18.safetensors")
    extractor = slowly("mine", network="timm:resnet18.tv_in1k", weights=file)
    identity = weights.make(extractor, tmp_path / "w.safetensors", tmp_path)
    assert (identity["kind"], identity["source"]) == ("file", "resnet18.safetensors")
    frames = raw(extractor, 1)
    config = timm.data.resolve_model_data_config(network)
    x = torch.from_numpy(frames).permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    network.reset_classifier(0)
    with torch.no_grad():
        wanted = network((x - mean) / std)
    np.testing.assert_allclose(run(extractor, [frames], 1, 1, torch.float32)[0], wanted, atol=1e-4)


def test_unknown_models_and_unpublished_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownNameError, match="unknown model timm:resnet51: did you mean 're"):
        features.create("timm:resnet51")
    with pytest.raises(ConfigError, match=r"timm:resnet18\.weights = 'keras': known: pretrained"):
        features.check("timm:resnet18", ExtractorSettings(weights="keras"))
    offline = slowly("timm:resnet18", weights="pretrained")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match=r"cannot fetch the weights of timm:resnet18 .*: down"):
        weights.make(offline, tmp_path / "w.safetensors", tmp_path)
