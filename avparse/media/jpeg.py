"""The detour through JPEG files that the released LLP features took."""

import io
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BITS_PER_SECOND = 200_000
"""ffmpeg's default: at 8 frames a second 3 kB a frame, so the detour is visible."""


class JpegFiles:
    """Writes frames as ``ffmpeg -r RATE %06d.jpg`` does, and reads them back as Pillow does.

    Quality follows from a bit rate over the frames so far, so frames are passed in order.

    Args:
        rate: frames per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._encoder: av.VideoCodecContext | None = None
        self._count = 0

    def through(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """(H, W, 3) RGB of a frame after it has been a JPEG file."""
        planar = frame.reformat(format="yuvj420p")
        if self._encoder is None or (planar.width, planar.height) != self._size:
            self._encoder = self._open(planar.width, planar.height)
        planar.pts, planar.time_base = self._count, Fraction(1, self._rate)
        planar.pict_type = av.video.frame.PictureType.NONE
        self._count += 1
        data = b"".join(bytes(packet) for packet in self._encoder.encode(planar))
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    @property
    def _size(self) -> tuple[int, int]:
        assert self._encoder is not None
        return self._encoder.width, self._encoder.height

    def _open(self, width: int, height: int) -> av.VideoCodecContext:
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
        encoder.time_base, encoder.framerate = Fraction(1, self._rate), Fraction(self._rate)
        encoder.bit_rate, encoder.thread_count = _BITS_PER_SECOND, 1
        self._count = 0
        return encoder
