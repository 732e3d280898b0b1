"""Layers of two streams, heard and seen, that have the same shape: computed together.

    x (2, ..., D), audio at 0 and visual at 1

A layer has weights for each stream, or shares one set between them. Two products of matrices at
once keep two cores busier than one after the other, and all else takes half as many steps.
"""

import math
from typing import Any

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
    """A linear layer.

    Weights are kept as they are multiplied, so that no step of training has to transpose them.

    Attributes:
        weight: (streams, inputs, outputs).
        bias: (streams, outputs).
    """

    def __init__(self, inputs: int, outputs: int, streams: int = 2) -> None:
        super().__init__(streams)
        self.weight, self.bias = _drawn(streams, inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(2, ..., inputs) -> (2, ..., outputs)."""
        return _linear(x, self.weight, self.bias)


class StreamConvolution(StreamLayer):
    """A convolution over time, padded with zeros to the same length, of each stream.

    Args:
        taps: an odd number.
        dilation: seconds between them.

    Attributes:
        weight: (2, taps, inputs, outputs).
        bias: (2, outputs).
    """

    def __init__(self, inputs: int, outputs: int, taps: int = 1, dilation: int = 1) -> None:
        super().__init__(2)
        self.shifts = [dilation * (tap - taps // 2) for tap in range(taps)]
        self.weight, self.bias = _drawn(2, taps, inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(2, B, T, inputs) -> (2, B, T, outputs)."""
        if len(self.shifts) == 1:
            return _linear(x, self.weight.squeeze(1), self.bias)
        kind, dtype = x.device.type, x.dtype
        if torch.is_autocast_enabled(kind):
            dtype = torch.get_autocast_dtype(kind)
        by_time = x.transpose(1, 2)
        shifts = [shift * x.shape[1] for shift in self.shifts]
        rows, weight, bias = (
            each.to(dtype) for each in (by_time.flatten(1, 2), self.weight, self.bias)
        )
        out: Tensor = _Taps.apply(rows, weight, bias, shifts)
        return out.view(*by_time.shape[:-1], -1).transpose(1, 2)


def _drawn(streams: int, *shape: int) -> tuple[nn.Parameter, nn.Parameter]:
    """Weights (streams, *shape) and biases, as torch's own layers draw theirs for each stream."""
    bound = math.prod(shape[:-1]) ** -0.5
    weight, bias = torch.empty(streams, *shape), torch.empty(streams, shape[-1])
    return nn.Parameter(weight.uniform_(-bound, bound)), nn.Parameter(bias.uniform_(-bound, bound))


def _linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    rows = x.reshape(len(weight), -1, x.shape[-1])
    return torch.baddbmm(bias.unsqueeze(1), rows, weight).view(*x.shape[:-1], -1)


class _Taps(torch.autograd.Function):
    """Each tap only where it meets a row: eight seconds away, most of ten meet padding.

    rows (2, R, inputs) in order of time, weight (2, taps, inputs, outputs), bias (2, outputs), for
    each tap a shift in rows -> (2, R, outputs).
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor, shifts: list[int]) -> Tensor:
        ctx.save_for_backward(rows, weight)
        ctx.shifts = shifts
        out = bias.unsqueeze(1).repeat(1, rows.shape[1], 1)
        for tap, shift in enumerate(shifts):
            read, added = _meet(shift, rows.shape[1])
            out[:, added].baddbmm_(rows[:, read], weight[:, tap])
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        rows, weight = ctx.saved_tensors
        of_rows, of_weight = torch.zeros_like(rows), torch.empty_like(weight)
        for tap, shift in enumerate(ctx.shifts):
            read, added = _meet(shift, rows.shape[1])
            of_rows[:, read].baddbmm_(gradient[:, added], weight[:, tap].mT)
            torch.bmm(rows[:, read].mT, gradient[:, added], out=of_weight[:, tap])
        return of_rows, of_weight, gradient.sum(1), None


def _meet(shift: int, rows: int) -> tuple[slice, slice]:
    """The rows that a tap reads, and those it adds to."""
    there = max(rows - abs(shift), 0)
    first, last = slice(there), slice(rows - there, rows)
    return (first, last) if shift < 0 else (last, first)


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
