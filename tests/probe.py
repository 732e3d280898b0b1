"""A checkpoint of a small model that finds something in every video, made without training."""

from pathlib import Path

import torch

from avparse import checkpoint, models
from avparse.checkpoint import Card

CLASSES = ("Bell", '<b>"Dog" & $cat$</b>')

_CARD = {
    "experiment": "probe",
    "model": "linear_ave",
    "task": "localization",
    "options": {"visual_width": 512},
    "classes": CLASSES,
    "clip_seconds": 2,
    "hop_seconds": 2,
    "inputs": {
        "audio": {"extractor": "vggish", "settings": {}, "weights": None},
        "visual": {
            "extractor": "timm:resnet18",
            "settings": {"frames_per_second": 1, "output": "map"},
            "weights": None,
        },
    },
    "seed": 1,
    "training": {},
    "selected": {},
    "versions": {},
}


def make_checkpoint(folder: Path) -> Path:
    """Save it; background never wins, so that every second holds an event."""
    torch.manual_seed(0)
    model = models.create("linear_ave", num_classes=len(CLASSES), visual_width=512)
    model.scores["audio"].bias.data[-1] = -100.0
    checkpoint.save(folder, model, Card.model_validate(_CARD))
    return folder
