"""Audio-guided attention to the visual map: its cells to one vector per segment."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from avparse.models._attention import Recorder

_CLIPS = 8


class AGSCA(nn.Module):
    """Audio-guided spatial-channel attention: CMRAN, section 3.2, eq. 1-4.

    Args:
        visual_width: D, of a cell.
        audio_width: A; None for BMFN's attention, which is not guided by audio.
        width: width of the bottleneck.
    """

    def __init__(self, visual_width: int, audio_width: int | None, width: int) -> None:
        super().__init__()
        self.affine_video_1 = nn.Linear(visual_width, visual_width)
        self.affine_bottleneck = nn.Linear(visual_width, width)
        self.affine_v_c_att = nn.Linear(width, visual_width)
        self.affine_video_2 = nn.Linear(visual_width, width)
        self.affine_v_s_att = nn.Linear(width, 1)
        self.guided = audio_width is not None
        if audio_width is not None:
            self.affine_audio_1 = nn.Linear(audio_width, visual_width)
            self.affine_audio_2 = nn.Linear(audio_width, width)
        self.weights = Recorder()

    def forward(self, cells: Tensor, audio: Tensor) -> Tensor:
        """(B, T, N, D) cells and (B, T, A) audio -> (B, T, D), a weighted sum of gated cells."""
        channels = torch.relu_(self.affine_video_1(cells)).mean(2)
        if self.guided:  # equal for all cells, so it can follow their mean
            channels = channels * torch.relu(self.affine_audio_1(audio))
        squeezed = torch.relu(self.affine_bottleneck(channels))
        gate = 1 + torch.sigmoid(self.affine_v_c_att(squeezed))
        places = torch.relu_(self.affine_video_2(cells * gate.unsqueeze(2)))
        if self.guided:
            places = places * torch.relu(self.affine_audio_2(audio)).unsqueeze(2)
        weights = torch.softmax(torch.tanh(self.affine_v_s_att(places)), dim=2)
        return weighted_sum(self.weights(weights), cells) * gate


class AVGA(nn.Module):
    """Audio-guided visual attention of AVEL: Tian et al., ECCV 2018, section 5.2.

    As released, the 49 numbers computed from the audio are added one to each *cell*, not one to
    each hidden unit.

    Args:
        cells: N, 49 for a 7 x 7 map.
    """

    def __init__(
        self, visual_width: int, audio_width: int, width: int = 512, cells: int = 49
    ) -> None:
        super().__init__()
        self.affine_video = nn.Linear(visual_width, width)
        self.affine_audio = nn.Linear(audio_width, width)
        self.affine_v = nn.Linear(width, cells, bias=False)
        self.affine_g = nn.Linear(width, cells, bias=False)
        self.affine_h = nn.Linear(cells, 1, bias=False)
        self.weights = Recorder()
        for layer in (self.affine_v, self.affine_g, self.affine_h):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.xavier_uniform_(self.affine_audio.weight)
        nn.init.xavier_uniform_(self.affine_video.weight)

    def forward(self, cells: Tensor, audio: Tensor) -> Tensor:
        """(B, T, N, D) cells and (B, T, A) audio -> (B, T, D), a weighted sum of the cells."""
        of_cells = self.affine_v(torch.relu_(self.affine_video(cells)))
        of_audio = self.affine_g(torch.relu(self.affine_audio(audio))).unsqueeze(-1)
        weights = torch.softmax(self.affine_h(torch.tanh(of_cells + of_audio)), dim=2)
        return weighted_sum(self.weights(weights), cells)


def few_clips_at_a_time(
    attend: Callable[[Tensor, Tensor], Tensor], visual: Tensor, audio: Tensor
) -> Tensor:
    """``attend(visual, audio)`` of (B, ...) maps and audio; on a CPU, a few clips at a time.

    A batch of maps takes tens of megabytes, and so does everything computed from it. Pieces stay
    in the processor's cache, which makes a training step an eighth faster.
    """
    if visual.device.type != "cpu":
        return attend(visual, audio)
    pairs = zip(visual.split(_CLIPS), audio.split(_CLIPS), strict=True)
    return torch.cat([attend(v, a) for v, a in pairs])


def weighted_sum(weights: Tensor, cells: Tensor) -> Tensor:
    """(B, T, N, 1) weights of (B, T, N, D) cells -> (B, T, D), without the product in memory."""
    return (weights.mT @ cells).squeeze(2)
