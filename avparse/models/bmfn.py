"""BMFN: bi-directional modality fusion network.

Liu et al., "Bi-directional modality fusion network for audio-visual event localization",
ICASSP 2022, section 2.

    visual map -> attention -> v ----+--------------- self-attention -> v' --+
    visual map, audio -> AVFA -> av -+--------------- self-attention -> av' -+
    audio a -------------------------+--------------- self-attention -> a' --+
    forward: a and v attend to av'          backward: av attends to a' and to v'
    FBFM1 joins both of a, FBFM2 joins both of v -> mean -> event_logits, class_logits

As released, not as written: two expansion and two ordinary layers of self-attention, channel gates
of 1 + c, dropout before the sum pooling, no feed-forward block in FBFM. Released BMFN draws new
random weights for the refiner of its attention maps in every forward pass, also when it is scored;
``refiner: released`` reproduces this. The default learns the refiner, as described in the paper.
"""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avparse.models._attention import Recorder
from avparse.models._layers import Dropout
from avparse.models._localization import LocalizationModel, TwoHeads
from avparse.models._relation import (
    CELL_WIDTH,
    DECODER_RENAMES,
    Decoder,
    Interaction,
    RelationLayer,
    stacked,
)
from avparse.models._spatial import AGSCA, few_clips_at_a_time, weighted_sum
from avparse.models.base import LocalizationOutput, Recipe
from avparse.models.options.localization import BMFNOptions

_FACTORS = 5
"""Latent factors of the bilinear product: p of eq. 2."""

CELLS = {
    "modality": (("backward_audio", "forward_audio"), ("backward_visual", "forward_visual")),
    "audio": (("backward_audio", "forward_audio"),),
    "visual": (("backward_visual", "forward_visual"),),
    "direction": (("forward_audio", "forward_visual"), ("backward_audio", "backward_visual")),
    "forward": (("forward_audio", "forward_visual"),),
    "backward": (("backward_audio", "backward_visual"),),
}
"""Which fused features each FBFM joins: BMFN and its Table 2."""


class AVFA(nn.Module):
    """Audio-visual fusion attention: eq. 2-3. (B, T, N, D) cells, (B, T, A) audio -> (B, T, D)."""

    def __init__(self, visual_width: int, audio_width: int, width: int) -> None:
        super().__init__()
        wide = _FACTORS * visual_width
        self.affine_bottleneck = nn.Linear(visual_width, width)
        self.affine_v_c_att = nn.Linear(width, visual_width)
        self.affine_v_s_att = nn.Linear(width, 1)
        self.Linear_K = nn.Linear(visual_width, wide)
        self.Linear_Q1 = nn.Linear(audio_width, wide)
        self.Linear_Q2 = nn.Linear(audio_width, wide)
        self.Linear_V = nn.Linear(visual_width, wide)
        self.drop = Dropout(0.1)
        self.weights = Recorder()

    def forward(self, cells: Tensor, audio: Tensor) -> Tensor:
        first = self._bilinear(self.Linear_K(cells), self.Linear_Q1(audio))
        second = self._bilinear(self.Linear_V(cells), self.Linear_Q2(audio))
        inner = torch.relu(self.affine_bottleneck(first))
        gate = 1 + torch.sigmoid(self.affine_v_c_att(inner.mean(2)))
        weights = torch.softmax(torch.tanh(self.affine_v_s_att(inner)), dim=2)
        return weighted_sum(self.weights(weights), second) * gate

    def _bilinear(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Factorized bilinear pooling with signed square root and unit length: eq. 2."""
        product = self.drop(visual * audio.unsqueeze(2))
        pooled = product.unflatten(-1, (-1, _FACTORS)).sum(-1)
        # Adding 1 to zeros avoids an infinite gradient; their sign is 0, so the result stays 0.
        root = pooled.sign() * (pooled.abs() + (pooled == 0)).sqrt()
        return F.normalize(root, dim=-1)


class Refiner(nn.Module):
    """Linear expansion and reduction of attention maps over the heads: eq. 4, W7 and W8."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(heads, 2 * heads, 1, bias=False),
            nn.BatchNorm2d(2 * heads),
            nn.ReLU6(),
            nn.Conv2d(2 * heads, heads, 1, bias=False),
            nn.BatchNorm2d(heads),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """(B, heads, T, T) -> the same."""
        return cast(Tensor, self.layers(maps))


def random_refiner(maps: Tensor) -> Tensor:
    """The refiner of released BMFN: new random weights and batch statistics in every pass.

    Weights are drawn from the CPU's generator, in float32, in the released order.
    """
    heads = maps.shape[1]
    expand = torch.empty(2 * heads, heads, 1, 1).uniform_(-(heads**-0.5), heads**-0.5)
    bound = (2 * heads) ** -0.5
    reduce = torch.empty(heads, 2 * heads, 1, 1).uniform_(-bound, bound)
    x = F.conv2d(maps.float(), expand.to(maps.device))
    x = F.relu6(F.batch_norm(x, None, None, training=True))
    x = F.conv2d(x, reduce.to(maps.device))
    return F.batch_norm(x, None, None, training=True).to(maps)


class ExpansionLayer(RelationLayer):
    """ESA: self-attention whose maps are refined: eq. 4."""

    def __init__(self, width: int, heads: int, refiner: str) -> None:
        super().__init__(width, heads)
        self.refiner = refiner
        self.refine = Refiner(heads) if refiner == "learned" else None

    def attend(self, query: Tensor, memory: Tensor) -> Tensor:
        if self.refiner == "none":
            return super().attend(query, memory)
        mha = self.attention
        split = F.linear(query, mha.in_proj_weight, mha.in_proj_bias).chunk(3, dim=-1)
        q, k, v = (x.unflatten(-1, (mha.num_heads, -1)).transpose(1, 2) for x in split)
        maps = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1)
        maps = F.dropout(maps, mha.dropout, self.training)
        refined = random_refiner(maps) if self.refine is None else self.refine(maps)
        attended = (maps + refined) @ v
        return cast(Tensor, mha.out_proj(attended.transpose(1, 2).flatten(2)))


class SelfAttention(nn.Module):
    """Expansion layers, then ordinary ones: (B, T, source) -> (B, T, D)."""

    def __init__(self, source: int, width: int, heads: int, refiner: str) -> None:
        super().__init__()
        self.affine_matrix = nn.Linear(source, width)
        self.expansion = stacked(*(ExpansionLayer(width, heads, refiner) for _ in range(2)))
        self.ordinary = stacked(*(RelationLayer(width, heads) for _ in range(2)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.affine_matrix(x)
        for layer in (*self.expansion, *self.ordinary):
            x = layer(x, x)
        return x


class BMFN(LocalizationModel):
    """BMFN; the ablations of its Tables 2 and 3 are options."""

    recipe = Recipe(200, 32, 5e-4, (10, 20, 30), 0.5, clip_norm=0.1)
    weak_recipe = Recipe(200, 32, 5e-4, (5, 20, 40), 0.5, clip_norm=0.5)
    guided = "avf_att"
    renames = (
        (r"_encoder\.expansion\.(\d+)", r"_encoder.encoder.layers1.\1"),
        (r"_encoder\.ordinary\.(\d+)", r"_encoder.encoder.layers.\1"),
        (r"(_encoder\..*)\.attention", r"\1.self_attn"),
        *DECODER_RENAMES,
        (r"^fusions\.", ""),
    )

    def __init__(self, num_classes: int, options: BMFNOptions) -> None:
        super().__init__(num_classes, options)
        width, heads = options.width, options.heads
        self.pairs, self.joint = CELLS[options.cells], options.joint
        fused = {name for pair in self.pairs for name in pair}
        needs_visual = fused & {"forward_visual", "backward_visual"}
        self.spatial_channel_att = AGSCA(CELL_WIDTH, None, width) if needs_visual else None
        self.avf_att = AVFA(CELL_WIDTH, 128, width)
        self.v_fc = nn.Linear(options.visual_width, CELL_WIDTH)

        def attention(source: int, *readers: str) -> SelfAttention | None:
            needed = fused & set(readers)
            return SelfAttention(source, width, heads, options.refiner) if needed else None

        def decoder(source: int, name: str) -> Decoder | None:
            return Decoder(source, width, heads) if name in fused else None

        self.av_encoder = attention(CELL_WIDTH, "forward_audio", "forward_visual")
        self.av_audio_decoder = decoder(CELL_WIDTH, "backward_audio")
        self.audio_encoder = attention(128, "backward_audio")
        self.audio_decoder = decoder(128, "forward_audio")
        self.video_encoder = attention(CELL_WIDTH, "backward_visual")
        self.av_video_decoder = decoder(CELL_WIDTH, "backward_visual")
        self.video_decoder = decoder(CELL_WIDTH, "forward_visual")
        blocks = {"audio": ("FBFM1",), "visual": ("FBFM2",)}.get(options.cells, ("FBFM1", "FBFM2"))
        self.fusions = nn.ModuleDict(
            {name: Interaction(width, heads) for name, _ in zip(blocks, self.pairs, strict=False)}
        )
        joined = len(self.pairs) * width if self.joint == "concat" else width
        self.localize_module = TwoHeads(joined, num_classes, self.weak)
        self.drop = Dropout(0.2)

    def forward(self, audio: Tensor, visual: Tensor) -> LocalizationOutput:
        """Localize events in (B, T, 128) audio and (B, T, 7, 7, D) maps."""
        av, *v = few_clips_at_a_time(self.attend, visual, audio).unbind(2)
        fused = self.features(audio, v[0] if v else None, av)
        outputs = [
            fuse(fused[first], fused[second])
            for fuse, (first, second) in zip(self.fusions.values(), self.pairs, strict=True)
        ]
        output: LocalizationOutput = self.localize_module(self.join(outputs))
        return output

    def attend(self, visual: Tensor, audio: Tensor) -> Tensor:
        """Maps to fused and, if needed, visual vectors per segment: (B, T, 1 or 2, 512)."""
        cells = self.drop(torch.relu_(self.v_fc(visual.flatten(2, 3))))
        vectors = [self.avf_att(cells, audio)]
        if self.spatial_channel_att:
            vectors.append(self.spatial_channel_att(cells, audio))
        return torch.stack(vectors, dim=2)

    def features(self, a: Tensor, v: Tensor | None, av: Tensor) -> dict[str, Tensor]:
        """Forward (a modality attends to the fusion) and backward (the reverse): eq. 6."""
        fused: dict[str, Tensor] = {}
        fusion = self.av_encoder(av) if self.av_encoder else None
        if self.av_audio_decoder and self.audio_encoder:
            fused["backward_audio"] = self.av_audio_decoder(av, self.audio_encoder(a))
        if self.audio_decoder:
            fused["forward_audio"] = self.audio_decoder(a, fusion)
        if self.av_video_decoder and self.video_encoder:
            fused["backward_visual"] = self.av_video_decoder(av, self.video_encoder(v))
        if self.video_decoder:
            fused["forward_visual"] = self.video_decoder(v, fusion)
        return fused

    def join(self, outputs: list[Tensor]) -> Tensor:
        """One feature of both FBFMs: Table 3."""
        if self.joint == "concat":
            return torch.cat(outputs, dim=-1)
        together = torch.stack(outputs)
        if self.joint == "multiply":
            return together.prod(0)
        return together.mean(0) if self.joint == "mean" else together.sum(0)
