"""Layers of two streams, heard and seen, that have the same shape: computed together.

    x (2, ..., D), audio at 0 and visual at 1

A layer has weights for each stream, or shares one set between them. Two products of matrices at
once keep two cores busier than one after the other, and all else takes half as many steps.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StreamLayer(nn.Module):
    """A layer whose parameters are (streams, ..., outputs).

    Args:
        streams: 2, or 1 where both share it.
    """

    def __init__(self, streams: int) -> None:
        super().__init__()
        self.streams = streams

    def parts(self, parameter: Tensor, count: int) -> list[Tensor]:
        """A parameter of this layer as those of ``count`` common ones: views, a stream's together.

        Returns:
            (outputs,), (outputs, inputs) or (outputs, inputs, taps) each, as ``nn.Linear`` and
            ``nn.Conv1d`` keep theirs.
        """
        each = parameter.unflatten(-1, (count // self.streams, -1)).movedim(-2, 1)
        return [part.permute(*reversed(range(part.ndim))) for own in each for part in own]


class StreamLinear(StreamLayer):
    """A linear layer; of several ``taps``, the last dense step of a convolution over time.

    Weights are kept as they are multiplied, so that no step of training has to transpose them.

    Attributes:
        weight: (streams, inputs, outputs), or (streams, taps, inputs, outputs).
        bias: (streams, outputs).
    """

    def __init__(self, inputs: int, outputs: int, streams: int = 2, taps: int | None = None):
        super().__init__(streams)
        bound = (inputs * (taps or 1)) ** -0.5
        shape = (inputs, outputs) if taps is None else (taps, inputs, outputs)
        self.weight = nn.Parameter(torch.empty(streams, *shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(streams, outputs).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """(2, ..., inputs) or (2, ..., taps * inputs) -> (2, ..., outputs)."""
        rows, weight = x.reshape(self.streams, -1, x.shape[-1]), self.weight.flatten(1, -2)
        return torch.baddbmm(self.bias.unsqueeze(1), rows, weight).view(*x.shape[:-1], -1)


class StreamLayerNorm(StreamLayer):
    """Layer normalisation.

    Attributes:
        weight, bias: (streams, D).
    """

    def __init__(self, width: int, streams: int = 2) -> None:
        super().__init__(streams)
        self.weight = nn.Parameter(torch.ones(streams, width))
        self.bias = nn.Parameter(torch.zeros(streams, width))

    def forward(self, x: Tensor) -> Tensor:
        """(2, ..., D) -> the same."""
        rows = F.layer_norm(x, x.shape[-1:]).reshape(self.streams, -1, x.shape[-1])
        return torch.addcmul(self.bias.unsqueeze(1), self.weight.unsqueeze(1), rows).view_as(x)
