"""How far two sets of features are apart: do mine match the released ones?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import DataError
from avparse.features.sources import Source

_KEYS = ("clip", "youtube", "row")

_SAME, _FACTOR = 0.999, 0.02
VERDICTS = (
    (1 - 1e-7, "equal to rounding"),
    (_SAME, "the same, up to precision"),
    (0.98, "the same recipe, it seems, with another decoder, resampler or version"),
    (0.9, "related, but not the same recipe: compare sampling, geometry and hop"),
    (-1.0, "different: other weights, other pixels, or other clips"),
)
"""Smallest median cosine of each verdict."""


@dataclass(frozen=True)
class ClipDifference:
    """Two features of one clip.

    Attributes:
        clip: its key.
        cosine, least_cosine: mean and least over segments; two zero vectors agree.
        mean, largest: absolute difference.
        ratio: length of the second to the first.
        note: why there is nothing to compare, or empty.
    """

    clip: str
    cosine: float = float("nan")
    least_cosine: float = float("nan")
    mean: float = float("nan")
    largest: float = float("nan")
    ratio: float = float("nan")
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two sources of one extractor's features.

    Attributes:
        name: of the extractor.
        common: keys that both have, in order.
        clips: the differences of those compared so far, in that order.
        only_first, only_second: keys that the other lacks.
        symptoms: what is odd about the numbers of one side.
    """

    name: str
    common: list[str]
    clips: list[ClipDifference]
    only_first: list[str]
    only_second: list[str]
    symptoms: list[str] = field(default_factory=list)

    @property
    def compared(self) -> list[ClipDifference]:
        """The clips whose numbers could be compared."""
        return [clip for clip in self.clips if not clip.note]

    def summary(self) -> dict[str, float]:
        """Over all compared clips: median and least cosine, mean and largest difference."""
        rows = self.compared
        if not rows:
            return {}
        return {
            "median_cosine": float(np.median([row.cosine for row in rows])),
            "least_cosine": min(row.least_cosine for row in rows),
            "mean_difference": float(np.mean([row.mean for row in rows])),
            "largest_difference": max(row.largest for row in rows),
            "median_ratio": float(np.median([row.ratio for row in rows])),
        }

    @property
    def verdict(self) -> str:
        """One line: whether they match."""
        found = self.summary()
        if not found:
            return "nothing to compare: " + (self.clips[0].note if self.clips else "no common clip")
        if found["largest_difference"] == 0:
            return "identical"
        median, ratio = found["median_cosine"], found["median_ratio"]
        if median >= _SAME and abs(ratio - 1) > _FACTOR:
            return f"the same but for a factor of {ratio:.4g}: another normalisation?"
        return next(words for least, words in VERDICTS if median >= least)


def compare(first: Source, second: Source) -> tuple[Comparison, Iterator[ClipDifference]]:
    """Prepare a comparison; its clips are filled in as the iterator runs.

    Raises:
        DataError: their clips have no kind of key in common.
    """
    kind = next((k for k in _KEYS if k in first.clips and k in second.clips), None)
    if kind is None:
        raise DataError(
            f"{first.where} and {second.where} name clips differently",
            "give AVE's Annotations.txt as --annotations",
        )
    ours, theirs = first.clips[kind], second.clips[kind]
    found = Comparison(
        first.name,
        common=sorted(set(ours) & set(theirs)),
        clips=[],
        only_first=sorted(set(ours) - set(theirs)),
        only_second=sorted(set(theirs) - set(ours)),
    )

    def run() -> Iterator[ClipDifference]:
        for key in found.common:
            a, b = ours[key](), theirs[key]()
            if not found.clips:
                found.symptoms.extend(_symptoms(first, a) + _symptoms(second, b))
            found.clips.append(difference(key, a, b))
            yield found.clips[-1]

    return found, run()


def difference(clip: str, a: NDArray[np.floating], b: NDArray[np.floating]) -> ClipDifference:
    """Compare (T, ...) with (T, ...), or with (n T, ...), whose n rows a segment are averaged."""
    count = min(len(a), len(b))
    if not count or len(a) % count or len(b) % count or a.size // len(a) != b.size // len(b):
        return ClipDifference(clip, note=f"shapes {a.shape} and {b.shape}")
    x, y = (np.asarray(f, np.float64).reshape(count, len(f) // count, -1).mean(1) for f in (a, b))
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return ClipDifference(clip, note="numbers that are not finite")
    lengths = np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = (x * y).sum(1) / (lengths[0] * lengths[1])
    cosines = np.where((lengths[0] == 0) & (lengths[1] == 0), 1.0, np.nan_to_num(cosines))
    apart = np.abs(x - y)
    whole = [float(np.linalg.norm(norm)) for norm in lengths]
    return ClipDifference(
        clip,
        cosine=float(cosines.mean()),
        least_cosine=float(cosines.min()),
        mean=float(apart.mean()),
        largest=float(apart.max()),
        ratio=whole[1] / whole[0] if whole[0] else 1.0,
    )


def _symptoms(source: Source, values: NDArray[np.floating]) -> list[str]:
    """What the numbers of a clip give away."""
    found = []
    if values.size and (values == np.round(values)).all() and values.max() > 20:
        found.append(f"{source.where} holds whole numbers up to 255: PCA and 8 bits (pca: true)?")
    elif values.size and values.min() < 0 and source.name in ("vggish", "vgg19", "resnet152"):
        found.append(f"{source.where} holds negative numbers: taken before the last ReLU?")
    return found
