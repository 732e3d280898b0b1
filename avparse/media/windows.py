"""The stretches of time that clips are cut from: what decodes a video once serves them in turn."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Window:
    """One clip in the time of its video.

    Attributes:
        start_s: where it begins, whole seconds after the file's first time stamp.
        seconds: its length.
        rest_s: how much of the video after it is no clip of its own; the published sampling
            rules count its frames too.
    """

    start_s: float
    seconds: int
    rest_s: float = 0.0

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.start_s + self.seconds

    @property
    def until_s(self) -> float:
        """Where what it looks at ends."""
        return self.end_s + self.rest_s


@dataclass
class Found:
    """When something of a stream was decoded, and when something was damaged.

    Attributes:
        good, bad: the seconds of the video in which there was some.
    """

    good: set[int] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)

    def missing(self, window: Window) -> frozenset[int]:
        """Seconds of a clip of which, because of damage, nothing decodes."""
        first = int(window.start_s)
        lost = self.bad - self.good
        return frozenset(s for s in range(window.seconds) if s + first in lost)

    def note(self, window: Window, kind: str) -> list[str]:
        """A line if there is damage in a clip."""
        first = int(window.start_s)
        damaged = sum(first <= second < first + window.seconds for second in self.bad)
        return [f"{kind} damaged in {damaged} of its seconds"] if damaged else []
