"""Parts that several models share."""

from torch import Tensor

from avparse.errors import ShapeError


def pool_snippets(features: Tensor, num_segments: int) -> Tensor:
    """Average snippet features into one vector per segment.

    Args:
        features: (B, S, D) in time order; S must be a multiple of ``num_segments``.
        num_segments: T.
    Returns:
        (B, T, D), same dtype and device.
    Raises:
        ShapeError: S is not a multiple of T.
    """
    batch, snippets, width = features.shape
    if snippets == num_segments:
        return features
    if snippets % num_segments:
        raise ShapeError(f"{snippets} snippets do not divide into {num_segments} segments")
    return features.reshape(batch, num_segments, -1, width).mean(2)
