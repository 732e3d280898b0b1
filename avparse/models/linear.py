"""Linear probes of the features, without context: the simplest baseline.

Each modality has one linear layer that scores every segment; weak labels are pooled by the mean.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models import PARSING_INPUTS
from avparse.models._layers import pool_snippets
from avparse.models._localization import LocalizationModel
from avparse.models.base import LocalizationOutput, Model, ParsingOutput, Recipe, Targets, Task
from avparse.models.losses import clamped_bce
from avparse.models.options.localization import LinearAVEOptions
from avparse.models.options.parsing import LinearLLPOptions


class LinearAVE(LocalizationModel):
    """Linear probe for localization: cross-entropy of segments, or of the clip's mean."""

    recipe = Recipe(100, 32, 1e-3, (50,), 0.1)

    def __init__(self, num_classes: int, options: LinearAVEOptions) -> None:
        super().__init__(num_classes, options)
        widths = {"audio": 128, "visual": options.visual_width}
        self.scores = nn.ModuleDict(
            {
                name: nn.Linear(width, num_classes + 1)
                for name, width in widths.items()
                if options.modality in (name, "both")
            }
        )

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments from (B, T, 128) audio and (B, T, 7, 7, D) maps."""
        x = {"audio": audio, "visual": visual.mean((2, 3))}
        scores = torch.stack([layer(x[name]) for name, layer in self.scores.items()]).sum(0)
        clip = torch.softmax(scores.mean(1), dim=-1) if self.weak else None
        return LocalizationOutput(segment_scores=scores, clip_prob=clip)

    def loss(self, output: LocalizationOutput, targets: Targets) -> Tensor:
        """Cross-entropy."""
        assert output.segment_scores is not None
        if self.weak:
            return F.cross_entropy(output.segment_scores.mean(1), self.weak_labels(targets))
        assert targets.segment_labels is not None
        return F.cross_entropy(
            output.segment_scores.flatten(0, 1), targets.segment_labels.flatten()
        )


class LinearLLP(Model):
    """Linear probe for parsing: each modality learns the clip's labels from its own features."""

    task = Task.PARSING
    inputs = PARSING_INPUTS
    many = frozenset({"visual"})
    recipe = Recipe(40, 16, 1e-3, (20,), 0.1)

    def __init__(self, num_classes: int, options: LinearLLPOptions) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.heard = nn.Linear(128, num_classes)
        self.seen = nn.Linear(2048 + 512, num_classes)

    def forward(self, audio: Tensor, visual: Tensor, visual_st: Tensor) -> ParsingOutput:
        """Parse clips; arguments as of :class:`~avparse.models._parsing.ParsingModel`."""
        frames = pool_snippets(visual, audio.shape[1])
        scores = (self.heard(audio), self.seen(torch.cat((frames, visual_st), dim=-1)))
        prob = torch.sigmoid(torch.stack(scores, dim=2))
        modality = prob.mean(1)
        return ParsingOutput(modality.amax(1), modality, prob)

    def arrays(self, output: ParsingOutput) -> dict[str, Tensor]:
        """Each modality gates itself."""
        return {"clip_prob": output.modality_prob, "segment_prob": output.segment_prob}

    def loss(self, output: ParsingOutput, targets: Targets) -> Tensor:
        """Binary cross-entropy of both modalities with the clip's labels."""
        labels = targets.clip_labels.unsqueeze(1).expand_as(output.modality_prob)
        return clamped_bce(output.modality_prob, labels)
