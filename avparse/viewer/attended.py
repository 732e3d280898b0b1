"""What an experiment attends to in a video, as its page reads it: 8-bit whole numbers in base64.

Each array comes with the number that 255 stands for. See ``assets/attention.js``.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avparse.attention import Attention


def told(found: Attention, kept: Sequence[int]) -> dict[str, Any]:
    """The weights of one video as JSON can hold them; empty where there are none.

    Args:
        kept: classes that the page tells of.
    Returns:
        Of ``where`` (S, h, w), ``when`` (S, 2, K), ``levels`` (S, 2, L) those that there are;
        ``crop``, the side of the square that is looked at by the shorter side of the pictures, None
        for all of them; ``relations`` (2T, 2T) with the second each begins at.
    """
    when = None if found.when is None else found.when[..., list(kept)]
    arrays = {"where": found.where, "when": when, "levels": found.levels}
    made: dict[str, Any] = {
        name: _packed(array) for name, array in arrays.items() if array is not None and array.size
    }
    if "where" in made:
        view = found.view
        made["crop"] = view.size / view.short_side if view and view.short_side else None
    if found.relations:
        made["relations"] = [{"start": r.start} | _packed(r.weights) for r in found.relations]
    return made


def _packed(array: NDArray[np.floating]) -> dict[str, Any]:
    most = float(array.max())
    levels = np.rint(255 * array / most if most else array).astype(np.uint8)
    return {
        "shape": list(array.shape),
        "most": round(most, 4),
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }
