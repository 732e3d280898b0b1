"""AVEL: audio-visual event localization by audio-guided attention and LSTMs; and DMRN.

Tian et al., "Audio-visual event localization in unconstrained videos", ECCV 2018, section 5.
https://arxiv.org/abs/1803.08842

    visual (B, T, 7, 7, D) -> attention, guided by audio -> biLSTM -+-> segment_scores (B, T, K + 1)
    audio (B, T, 128) ------------------------------------> biLSTM -+

As released: the loss of supervised training is a multi-label soft margin of *probabilities*, which
are sigmoids of softmaxes; weak training takes the maximum over time. The released loop never
shuffled and dropped the last batch of each epoch, always the same samples; ours does neither.
:class:`AVELLLP` is a reading of what HAN, section 6.1, says of AVE as a baseline for parsing.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._localization import LocalizationModel
from avparse.models._parsing import ParsingModel
from avparse.models._spatial import AVGA
from avparse.models.base import LocalizationOutput, ParsingOutput, Recipe, Targets, one_of
from avparse.models.losses import weak_margin

HIDDEN = 128
"""Of an LSTM, in each direction."""


class SegmentScorer(LocalizationModel):
    """A localization model that scores each segment for all labels, background among them."""

    def outputs(self, scores: Tensor) -> LocalizationOutput:
        """Published outputs of raw (B, T, K + 1) scores."""
        if self.weak:
            clip = torch.softmax(scores.amax(1), dim=-1)
            return LocalizationOutput(segment_scores=scores, clip_prob=clip)
        return LocalizationOutput(segment_scores=torch.softmax(scores, dim=-1))

    def label_prob(self, scores: Tensor) -> Tensor:
        """Supervised scores are probabilities already."""
        return super().label_prob(scores) if self.weak else scores

    def loss(self, output: LocalizationOutput, targets: Targets) -> Tensor:
        """Soft margin of the segments' probabilities, or of the clip's."""
        if self.weak:
            return super().loss(output, targets)
        assert output.segment_scores is not None
        assert targets.segment_labels is not None
        wanted = F.one_hot(targets.segment_labels, self.num_classes + 1)
        return weak_margin(output.segment_scores.flatten(0, 1), wanted.flatten(0, 1))


class AVEL(SegmentScorer):
    """AVEL; its uni-modal and attention-free versions by options.

    Args:
        num_classes, visual_width, supervision: see
            :class:`~avparse.models._localization.LocalizationModel`.
        modality: ``both``, ``audio`` or ``visual``.
        attention: guided by audio; False averages the map (and so does ``visual``).
    """

    recipe = Recipe(300, 64, 1e-3, (288,), 0.1)
    renames = ((r"^attention\.", ""),)
    guided = "attention"

    def __init__(
        self,
        num_classes: int = 28,
        visual_width: int = 512,
        supervision: str = "full",
        modality: str = "both",
        attention: bool = True,
    ) -> None:
        super().__init__(num_classes, supervision)
        one_of("modality", modality, "both", "audio", "visual")
        if self.weak:
            self.recipe = Recipe(250, 64, 1e-3, (), 0.1)
        self.modality = modality
        if modality != "visual":
            self.lstm_audio = bilstm(128)
        if modality != "audio":
            self.lstm_video = bilstm(visual_width)
        guided = attention and modality == "both"
        self.attention = AVGA(visual_width, 128) if guided else None
        streams = 2 if modality == "both" else 1
        self.L1 = nn.Linear(streams * 2 * HIDDEN, 64)
        self.L2 = nn.Linear(64, num_classes + 1)
        for layer in (self.L1, self.L2):
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments of (B, T, 128) sounds and (B, T, 7, 7, D) maps."""
        y = torch.relu(torch.cat(list(self.streams(audio, visual)), dim=-1))
        return self.outputs(self.L2(torch.relu(self.L1(y))))

    def streams(self, audio: Tensor, visual: Tensor) -> Iterator[Tensor]:
        """Each modality in its context: (B, T, 256)."""
        if self.modality != "visual":
            yield self.lstm_audio(audio)[0]
        if self.modality != "audio":
            cells = visual.flatten(2, 3)
            v = self.attention(cells, audio) if self.attention else cells.mean(2)
            yield self.lstm_video(v)[0]


class DMRN(SegmentScorer):
    """Dual multimodal residual network: section 5.3; one block.

    Args:
        num_classes, visual_width, supervision: see
            :class:`~avparse.models._localization.LocalizationModel`.
    """

    recipe = Recipe(300, 64, 1e-3, (288,), 0.1)
    renames = ((r"^attention\.", ""),)
    guided = "attention"

    def __init__(
        self, num_classes: int = 28, visual_width: int = 512, supervision: str = "full"
    ) -> None:
        super().__init__(num_classes, supervision)
        if self.weak:
            self.recipe = Recipe(250, 64, 1e-3, (), 0.1)
        self.attention = AVGA(visual_width, 128)
        self.lstm_audio, self.lstm_video = bilstm(128), bilstm(visual_width)
        width = 2 * HIDDEN
        self.U_v = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width))
        self.U_a = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width))
        self.L2 = nn.Linear(width, num_classes + 1)
        nn.init.xavier_uniform_(self.L2.weight)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments of (B, T, 128) sounds and (B, T, 7, 7, D) maps."""
        v = self.lstm_video(self.attention(visual.flatten(2, 3), audio))[0]
        a = self.lstm_audio(audio)[0]
        shared = (self.U_v(v) + self.U_a(a)) / 2
        fused = (torch.tanh(a + shared) + torch.tanh(v + shared)) / 2
        return self.outputs(self.L2(fused))


class AVELLLP(ParsingModel):
    """AVEL for parsing: LSTMs of both streams, a branch for each, and their fusion for the clip.

    Args:
        num_classes, width, noise, epsilon: see :class:`~avparse.models._parsing.ParsingModel`.
    """

    recipe = Recipe(40, 16, 3e-4, (10, 20, 30), 0.1)

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        noise: str = "smoothing",
        epsilon: float = 0.1,
    ) -> None:
        super().__init__(num_classes, width, pooling="max", noise=noise, epsilon=epsilon)
        self.lstm_audio, self.lstm_video = bilstm(width), bilstm(width)
        self.fc_prob = nn.Linear(2 * HIDDEN, num_classes)
        self.L1 = nn.Linear(4 * HIDDEN, 64)
        self.L2 = nn.Linear(64, num_classes)

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each modality in its own context."""
        return self.lstm_audio(a)[0], self.lstm_video(v)[0]

    def pool(self, x: Tensor, similarity: Tensor | None = None) -> ParsingOutput:
        """Maxima over time: of each branch for its modality, of the fusion for the clip."""
        prob = self.segment_prob(x)
        joint = self.L2(torch.relu(self.L1(torch.relu(x.flatten(2)))))
        return ParsingOutput(torch.sigmoid(joint).amax(1), prob.amax(1), prob, similarity)


def bilstm(source: int) -> nn.LSTM:
    """One layer, both directions: (B, T, D) -> (B, T, 256)."""
    return nn.LSTM(source, HIDDEN, batch_first=True, bidirectional=True)
