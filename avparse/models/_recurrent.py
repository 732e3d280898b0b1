"""The LSTM of AVEL, DMRN and PSP."""

from torch import nn

HIDDEN = 128
"""Width of an LSTM, in each direction."""


def bilstm(source: int) -> nn.LSTM:
    """One layer, both directions: (B, T, D) -> (B, T, 256)."""
    return nn.LSTM(source, HIDDEN, batch_first=True, bidirectional=True)
