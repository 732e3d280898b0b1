"""AVEL: audio-visual event localization by audio-guided attention and LSTMs; and DMRN.

Tian et al., "Audio-visual event localization in unconstrained videos", ECCV 2018, section 5.
https://arxiv.org/abs/1803.08842

    visual (B, T, 7, 7, D) -> attention, guided by audio -> biLSTM -+-> segment_scores (B, T, K + 1)
    audio (B, T, 128) ------------------------------------> biLSTM -+

As released: the loss of supervised training is a multi-label soft margin of *probabilities*, so a
sigmoid follows a softmax; weak training takes the maximum over time. The released loop never
shuffles, and drops the last batch of each epoch, always the same samples; avparse does neither.
:class:`AVELLLP` follows the description of AVEL as a baseline for parsing in HAN, section 6.1.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._localization import LocalizationModel
from avparse.models._parsing import ParsingModel
from avparse.models._recurrent import HIDDEN, bilstm
from avparse.models._spatial import AVGA
from avparse.models.base import LocalizationOutput, ParsingOutput, Recipe, Targets
from avparse.models.losses import soft_margin
from avparse.models.options.localization import AVELOptions, DMRNOptions
from avparse.models.options.parsing import AVELLLPOptions, ParsingOptions


class SegmentScorer(LocalizationModel):
    """A localization model that scores each segment for all labels, including background."""

    recipe = Recipe(300, 64, 1e-3, (288,), 0.1)
    weak_recipe = Recipe(250, 64, 1e-3, (), 0.1)
    renames = ((r"^attention\.", ""),)
    guided = "attention"

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
        labels = F.one_hot(targets.segment_labels, self.num_classes + 1)
        return soft_margin(output.segment_scores.flatten(0, 1), labels.flatten(0, 1))


class AVEL(SegmentScorer):
    """AVEL; its uni-modal and attention-free versions are options."""

    def __init__(self, num_classes: int, options: AVELOptions) -> None:
        super().__init__(num_classes, options)
        self.modality = options.modality
        if self.modality != "visual":
            self.lstm_audio = bilstm(128)
        if self.modality != "audio":
            self.lstm_video = bilstm(options.visual_width)
        guided = options.attention and self.modality == "both"
        self.attention = AVGA(options.visual_width, 128) if guided else None
        streams = 2 if self.modality == "both" else 1
        self.L1 = nn.Linear(streams * 2 * HIDDEN, 64)
        self.L2 = nn.Linear(64, num_classes + 1)
        for layer in (self.L1, self.L2):
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments from (B, T, 128) audio and (B, T, 7, 7, D) maps."""
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
    """Dual multimodal residual network: section 5.3; one block."""

    def __init__(self, num_classes: int, options: DMRNOptions) -> None:
        super().__init__(num_classes, options)
        self.attention = AVGA(options.visual_width, 128)
        self.lstm_audio, self.lstm_video = bilstm(128), bilstm(options.visual_width)
        width = 2 * HIDDEN
        self.U_v = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width))
        self.U_a = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width))
        self.L2 = nn.Linear(width, num_classes + 1)
        nn.init.xavier_uniform_(self.L2.weight)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Score segments from (B, T, 128) audio and (B, T, 7, 7, D) maps."""
        v = self.lstm_video(self.attention(visual.flatten(2, 3), audio))[0]
        a = self.lstm_audio(audio)[0]
        shared = (self.U_v(v) + self.U_a(a)) / 2
        fused = (torch.tanh(a + shared) + torch.tanh(v + shared)) / 2
        return self.outputs(self.L2(fused))


class AVELLLP(ParsingModel):
    """AVEL for parsing: an LSTM and a branch for each stream, and their fusion for the clip."""

    recipe = Recipe(40, 16, 3e-4, (10, 20, 30), 0.1)

    def __init__(self, num_classes: int, options: AVELLLPOptions) -> None:
        super().__init__(num_classes, options.as_kind(ParsingOptions, pooling="max"))
        self.lstm_audio, self.lstm_video = bilstm(options.width), bilstm(options.width)
        self.fc_prob = nn.Linear(2 * HIDDEN, num_classes)
        self.L1 = nn.Linear(4 * HIDDEN, 64)
        self.L2 = nn.Linear(64, num_classes)

    def encode(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Each modality in its own context."""
        return self.lstm_audio(a)[0], self.lstm_video(v)[0]

    def pool(self, x: Tensor, similarity: Tensor | None = None) -> ParsingOutput:
        """Maximum over time: of each branch for its modality, of the fusion for the clip."""
        prob = self.segment_prob(x)
        joint = self.L2(torch.relu(self.L1(torch.relu(x.flatten(2)))))
        return ParsingOutput(torch.sigmoid(joint).amax(1), prob.amax(1), prob, similarity)
