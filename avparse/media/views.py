"""The frames of a clip that a visual extractor reads, and their geometry."""

import re
from dataclasses import dataclass, replace
from typing import Literal, Self, get_args

from avparse.core.errors import ConfigError
from avparse.media.sampling import RULES

Filter = Literal["point", "bilinear", "bicubic"]
"""point: OpenCV's bilinear, no antialiasing; the others: Pillow's, antialiased when shrinking."""

_KEY = re.compile(
    rf"({'|'.join(RULES)})(\d+)_(squash|crop(\d+))_(\d+)_({'|'.join(get_args(Filter))})(_jpeg)?"
)


@dataclass(frozen=True)
class View:
    """Frames of one clip.

    Attributes:
        rate: frames per second.
        size: side of the square picture, pixels.
        short_side: resize the shorter side to this and crop the centre; None squashes
            the whole picture into the square.
        filter: how pictures are resized.
        sampling: which frames, by a rule of :mod:`avparse.media.sampling`.
        jpeg: whether frames go through ffmpeg's default JPEG first, as LLP's released ones did.
    """

    rate: int
    size: int
    short_side: int | None = None
    filter: Filter = "bilinear"
    sampling: str = "even"
    jpeg: bool = False

    @property
    def key(self) -> str:
        """A name that is the same for equal views."""
        geometry = "squash" if self.short_side is None else f"crop{self.short_side}"
        end = "_jpeg" if self.jpeg else ""
        return f"{self.sampling}{self.rate}_{geometry}_{self.size}_{self.filter}{end}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """The view with this key."""
        match = _KEY.fullmatch(key)
        if not match:
            raise ConfigError(f"no view {key!r}", "expected the like of even2_crop256_224_bilinear")
        rule, rate, _, short, size, how, jpeg = match.groups()
        return cls(int(rate), int(size), short and int(short), how, rule, bool(jpeg))  # type: ignore[arg-type]

    def adjusted(
        self,
        *,
        rate: int | None,
        sampling: str,
        geometry: Literal["squash", "crop"] | None,
        filter: Filter | None,
        jpeg: bool,
    ) -> Self:
        """This view with some attributes replaced; None keeps the present one.

        Args:
            geometry: ``crop`` keeps the shorter side where there is one; otherwise it resizes to
                8/7 of ``size``, as 256 is to 224.
        """
        short_side = {
            None: self.short_side,
            "squash": None,
            "crop": self.short_side or self.size * 8 // 7,
        }[geometry]
        return replace(
            self,
            rate=rate or self.rate,
            sampling=sampling,
            short_side=short_side,
            filter=filter or self.filter,
            jpeg=jpeg,
        )

    def shape(self, seconds: int) -> tuple[int, int, int, int]:
        """Of the array of its frames: (F, size, size, 3)."""
        return seconds * self.rate, self.size, self.size, 3

    @property
    def source(self) -> tuple[str, int, bool]:
        """What views that show the same frames share: sampling, rate, jpeg."""
        return self.sampling, self.rate, self.jpeg
