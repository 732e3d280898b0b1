"""Project features to two dimensions for display."""

import numpy as np
from numpy.typing import NDArray

_DIMENSIONS = 50
"""PCA reduces the features to so many dimensions before t-SNE, as its authors advise."""

_LEAST = 5
"""The fewest distinct points to project; t-SNE fails if all points are equal."""


def plane(features: NDArray[np.floating], seed: int = 0) -> NDArray[np.float64]:
    """Project features by t-SNE, on one thread so that the result is reproducible.

    Args:
        features: (N, D).
    Returns:
        (N, 2); (0, 2) if fewer than five features are distinct.
    Source: van der Maaten and Hinton, JMLR 9, 2008.
    """
    if len(np.unique(features, axis=0)) < _LEAST:
        return np.zeros((0, 2))
    # These imports are slow, and most runs do not need them.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        spread = features.std(0)
        x = (features - features.mean(0)) / np.where(spread > 0, spread, 1)
        x = PCA(min(_DIMENSIONS, *x.shape), svd_solver="full").fit_transform(x.astype(np.float64))
        perplexity = min(30, (len(x) - 1) / 3)
        points: NDArray[np.float64] = TSNE(
            2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1
        ).fit_transform(x)
    return points
