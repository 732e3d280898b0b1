"""Clips of a video: frames and samples by presentation time, decoded in one pass."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avparse.core.errors import DataError, MediaError
from avparse.media.frames import Pictures, decode_pictures
from avparse.media.sound import Sound, decode_sounds
from avparse.media.spans import ClipSpan
from avparse.media.views import View


@dataclass(frozen=True)
class DecodedClip:
    """The pictures and the sound of one clip.

    Attributes:
        frames: (F, size, size, 3) uint8 RGB by view; black where there is no picture.
        audio: (n,) float32 mono samples at ``sample_rate_hz``, from ``lead_s`` before the clip
            to a little after it, silence where there is none; empty without an audio stream.
        sample_rate_hz: of the source.
        lead_s: whole seconds of audio before the clip's start.
        covered_s: how much of the clip the file really covers.
        missing: seconds of the clip of which, because of damage, nothing decodes in one of the
            streams; increasing.
        note: what was odd, or empty.
    """

    frames: dict[View, NDArray[np.uint8]]
    audio: NDArray[np.float32]
    sample_rate_hz: int
    lead_s: int
    covered_s: float
    missing: tuple[int, ...]
    note: str


def decode_clips(
    path: Path, windows: Sequence[ClipSpan], views: Sequence[View]
) -> Iterator[DecodedClip | None]:
    """Decode clips of a file in one pass: every view of their frames, and their sound.

    Memory holds the clips under way: one, or as many as overlap.

    Args:
        windows: in time order.
    Yields:
        Each clip; None where the file has nothing, but may have something later.
    Raises:
        MediaError: the file does not open.
    """
    pictures, sounds = decode_pictures(path, windows, views), decode_sounds(path, windows)
    for window, visual, audio in zip(windows, pictures, sounds, strict=True):
        clip = _together(window, visual, audio)
        if clip is None and visual.over and audio.over:
            return
        yield clip


def decode_clip(path: Path, window: ClipSpan, views: Sequence[View]) -> DecodedClip:
    """The same for one clip.

    Raises:
        MediaError: the file does not open, or nothing in this clip decodes.
    """
    clip = next(decode_clips(path, [window], views), None)
    if clip is None:
        raise MediaError(nothing_at(path, window.start_s), "is the file truncated?")
    return clip


def nothing_at(path: Path, start_s: float) -> str:
    """What to say of a clip that the file does not have."""
    return f"nothing decodes at {start_s:g} s of {path}"


def _together(window: ClipSpan, visual: Pictures, audio: Sound) -> DecodedClip | None:
    covered = min(max(visual.end_s, audio.end_s), float(window.seconds))
    if covered <= 0:
        return None
    missing = tuple(sorted(visual.missing | audio.missing | _gaps(window, visual, audio)))
    notes = [*visual.notes, *audio.notes]
    if missing:
        notes.append(f"segments {', '.join(map(str, missing))} missing")
    note = "; ".join(notes)
    return DecodedClip(
        visual.frames, audio.samples, audio.rate_hz, audio.lead_s, covered, missing, note
    )


def _gaps(window: ClipSpan, visual: Pictures, audio: Sound) -> set[int]:
    """Seconds of a clip that hold nothing at all, in the midst of sound.

    Where demuxers skip what is damaged, both streams have a hole at once. One alone means little:
    slides stay for long, and some recorders leave out silence.
    """
    first, last = audio.span
    begins = 0 if window.start_s else first
    offset = int(window.start_s)
    amid = {s for s in range(window.seconds) if begins <= s + offset < last}
    return amid - audio.seconds - visual.seconds


@dataclass(frozen=True)
class Stretch:
    """Clips of one video for a child process to decode: a task of as many steps.

    Attributes:
        path: the source video.
        windows: the clips, in time order.
        views: what to make of the frames.
        scratch: beginning of the names of the files that carry the clips; tens of megabytes each
            would take as long through a pipe as they take to decode.
    """

    path: Path
    windows: tuple[ClipSpan, ...]
    views: tuple[View, ...]
    scratch: Path

    @property
    def steps(self) -> int:
        """How many clips there are."""
        return len(self.windows)

    def finished(self, step: int) -> Path:
        """The file that is there when a clip is."""
        return self._file(step, "json")

    def fetch(self, step: int) -> DecodedClip | None:
        """A clip that was decoded, its arrays mapped from their files; None for nothing."""
        try:
            fields = json.loads(self.finished(step).read_text())
        except FileNotFoundError:  # of a clip after the end of the video
            return None
        if fields is None:
            return None
        frames = {
            view: np.memmap(self._file(step, view.key), np.uint8, "r", shape=shape)
            for view in self.views
            if (shape := view.shape(self.windows[step].seconds))
        }
        audio = np.fromfile(self._file(step, "audio"), np.float32)
        fields["missing"] = tuple(fields["missing"])
        return DecodedClip(frames=frames, audio=audio, **fields)  # type: ignore[arg-type]

    def discard(self, step: int) -> None:
        """Delete the files of a clip."""
        for kind in ("json", "audio", *(view.key for view in self.views)):
            self._file(step, kind).unlink(missing_ok=True)

    def keep(self, step: int, clip: DecodedClip | None) -> None:
        """Write the files of a clip; the last one makes it finished.

        Raises:
            DataError: they cannot be written, which is not the video's fault.
        """
        try:
            self._write(step, clip)
        except OSError as error:
            raise DataError(f"cannot write {self.finished(step)}", str(error)) from None

    def _write(self, step: int, clip: DecodedClip | None) -> None:
        fields = None
        if clip is not None:
            for view, frames in clip.frames.items():
                frames.tofile(self._file(step, view.key))
            clip.audio.tofile(self._file(step, "audio"))
            fields = {
                name: getattr(clip, name)
                for name in ("sample_rate_hz", "lead_s", "covered_s", "missing", "note")
            }
        unfinished = self._file(step, "new")
        unfinished.write_text(json.dumps(fields))
        unfinished.rename(self.finished(step))

    def _file(self, step: int, kind: str) -> Path:
        return self.scratch.with_name(f"{self.scratch.name}-{step}.{kind}")


def decode_stretch(stretch: Stretch, first: int) -> Iterator[int]:
    """Decode the clips of a stretch from one on, each into its files; yields when one is there.

    It ends where the video does.
    """
    clips = decode_clips(stretch.path, stretch.windows[first:], stretch.views)
    for step, clip in enumerate(clips, first):
        stretch.keep(step, clip)
        yield step
