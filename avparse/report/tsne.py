"""Features of many dimensions as points of a plane, for looking at."""

import numpy as np
from numpy.typing import NDArray

_DIMENSIONS = 50
"""That t-SNE is given, as its authors advise; PCA chooses them."""

_LEAST = 5
"""Different points below which there is nothing to lay out; t-SNE crashes on equal ones alone."""


def plane(features: NDArray[np.floating], seed: int = 0) -> NDArray[np.float64]:
    """Lay out features by t-SNE, on one thread, so that the same come out the same.

    Args:
        features: (N, D).
    Returns:
        (N, 2); (0, 2) where fewer than five differ.
    Source: van der Maaten and Hinton, JMLR 9, 2008.
    """
    if len(np.unique(features, axis=0)) < _LEAST:
        return np.zeros((0, 2))
    # Slow to import, and few need it.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        spread = features.std(0)
        x = (features - features.mean(0)) / np.where(spread > 0, spread, 1)
        x = PCA(min(_DIMENSIONS, *x.shape), svd_solver="full").fit_transform(x.astype(np.float64))
        perplexity = min(30, (len(x) - 1) / 3)
        laid: NDArray[np.float64] = TSNE(
            2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1
        ).fit_transform(x)
    return laid
