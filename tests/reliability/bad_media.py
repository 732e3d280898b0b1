"""Media files that are damaged, lie about themselves or are none; the same ones every time."""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path
from random import Random

import av
import numpy as np
from PIL import Image

SECONDS = 3


@dataclass(frozen=True)
class Recipe:
    """How a small whole video is written; its name tells the container."""

    name: str
    video: str | None = "libx264"
    audio: str | None = "aac"
    pixels: str = "yuv420p"
    size: tuple[int, int] = (64, 48)
    rate_hz: int = 16000
    first_s: float = 0.0
    uneven: bool = False


RECIPES = (
    Recipe("h264.mp4"),
    Recipe("h264.mkv"),
    Recipe("vp9.webm", "libvpx-vp9", "libopus", rate_hz=48000),
    Recipe("mpeg4.avi", "mpeg4", "libmp3lame"),
    Recipe("hevc10.mov", "libx265", "pcm_s16le", "yuv420p10le"),
    Recipe("mpeg2.ts", "mpeg2video", "mp2", size=(160, 120)),
    Recipe("sorenson.flv", "flv", "libmp3lame", rate_hz=44100),
    Recipe("444.mp4", pixels="yuv444p"),
    Recipe("grey.mkv", "ffv1", "pcm_s16le", "gray"),
    Recipe("grey16.mkv", "ffv1", "pcm_f32le", "gray16le"),
    Recipe("prores.mov", "prores_ks", "pcm_s16le", "yuv422p10le"),
    Recipe("sound.m4a", None),
    Recipe("sound.ogg", None, "libopus", rate_hz=48000),
    Recipe("silent.mp4", audio=None),
    Recipe("uneven.mkv", uneven=True),
    Recipe("negative.mkv", first_s=-1.0),
    Recipe("mpeg.mpg", "mpeg1video", "mp2", size=(128, 96)),
    Recipe("windows.wmv", "wmv2", "wmav2", rate_hz=44100),
)


def write(recipe: Recipe, path: Path) -> None:
    """Encode a moving pattern and a tone."""
    options = {"avoid_negative_ts": "disabled"} if recipe.first_s else {}
    with av.open(str(path), "w", options=options) as container:
        # A container's streams are fixed from the first packet on.
        picture = recipe.video and _pictures(container, recipe)
        sound = recipe.audio and container.add_stream(recipe.audio, rate=recipe.rate_hz)
        if sound:
            sound.layout, sound.bit_rate = "mono", 64_000
        if picture:
            _encode_pictures(container, picture, recipe)
        if sound:
            _encode_sound(container, sound, recipe)


def _pictures(container: av.container.OutputContainer, recipe: Recipe) -> av.VideoStream:
    rate = 25 if "mpeg" in str(recipe.video) else 10
    stream = container.add_stream(str(recipe.video), rate=rate)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = recipe.size
    stream.pix_fmt = recipe.pixels
    stream.codec_context.thread_count = 1
    stream.codec_context.gop_size = 5
    if recipe.video == "libx265":
        stream.options = {"x265-params": "log-level=none:pools=1:frame-threads=1"}
    if recipe.uneven or recipe.first_s:
        stream.codec_context.time_base = Fraction(1, 1000)
    return stream


def _encode_pictures(
    container: av.container.OutputContainer, stream: av.VideoStream, recipe: Recipe
) -> None:
    rate = float(stream.codec_context.framerate)
    times = np.arange(round(SECONDS * rate)) / rate + recipe.first_s
    if recipe.uneven:
        times = np.unique(np.random.default_rng(1).integers(0, SECONDS * 1000, 30)) / 1000
    width, height = recipe.size
    slope = np.add.outer(np.arange(height), np.arange(width))[:, :, None] * np.array([1, 2, 3])
    base = stream.codec_context.time_base or Fraction(1, round(rate))
    for number, time in enumerate(times):
        moved = ((slope + 8 * number) % 256).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(moved, format="rgb24")
        frame.pts, frame.time_base = round(time / base), base
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _encode_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, recipe: Recipe
) -> None:
    rate = recipe.rate_hz
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(SECONDS * rate) / rate)
    frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], "fltp", "mono")
    frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
    frame.pts = round(recipe.first_s * rate)
    fitting = av.AudioResampler(stream.format.name, "mono", rate, stream.frame_size or None)
    for piece in [*fitting.resample(frame), *fitting.resample(None)]:
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


# --- damage by chance: (random, data, another file) -> data

Damage = Callable[[Random, bytes, bytes], bytes]
_HEADER = 600
"""Bytes at either end in which most containers keep what they say of themselves."""


def truncate(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def behead(random: Random, data: bytes, other: bytes) -> bytes:
    return data[random.randrange(len(data)) :]


def flip(random: Random, data: bytes, other: bytes, share: float = 0.0) -> bytes:
    """Flip one bit, or a share of as many bits as there are bytes."""
    changed = bytearray(data)
    for _ in range(max(1, round(share * len(data)))):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def flip_header(random: Random, data: bytes, other: bytes) -> bytes:
    """Flip bits of one end of the file."""
    cut = random.choice([min(_HEADER, len(data)), max(len(data) - _HEADER, 1)])
    if cut <= _HEADER:
        return flip(random, data[:cut], b"", 0.01) + data[cut:]
    return data[:cut] + flip(random, data[cut:] or b"\0", b"", 0.01)


def extremes(random: Random, data: bytes, other: bytes) -> bytes:
    """Put numbers that programs stumble over among the headers."""
    changed = bytearray(data)
    for _ in range(random.randrange(1, 5)):
        size = random.choice([2, 4, 8])
        most = 256**size - 1
        number = random.choice([0, 1, most, most >> 1, (most >> 1) + 1, most - 1])
        at = random.choice([0, max(len(data) - _HEADER, 0)]) + random.randrange(_HEADER)
        changed[at : at + size] = number.to_bytes(size, random.choice(["big", "little"]))
    return bytes(changed[: len(data)])


def splice(random: Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return truncate(random, data, b"") + behead(random, other, b"")


def join(random: Random, data: bytes, other: bytes) -> bytes:
    return data + other


def _block(random: Random, data: bytes) -> tuple[int, int]:
    first = random.randrange(len(data))
    return first, min(len(data), first + random.randrange(1, len(data) // 4 + 2))


def delete(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _block(random, data)
    return data[:first] + data[last:]


def duplicate(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _block(random, data)
    return data[:last] + data[first:]


def blank(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _block(random, data)
    return data[:first] + bytes(last - first) + data[last:]


def scramble(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _block(random, data)
    return data[:first] + random.randbytes(last - first) + data[last:]


def several(random: Random, data: bytes, other: bytes) -> bytes:
    """Two kinds of damage on top of each other."""
    for damage in random.sample(DAMAGES[:-1], 2):
        data = damage(random, data or b"\0", other)
    return data


DAMAGES: tuple[Damage, ...] = (
    truncate, behead, flip, partial(flip, share=0.001), partial(flip, share=0.02), flip_header,
    extremes, splice, join, delete, duplicate, blank, scramble, several,
)  # fmt: skip


# --- lies: fields of a header that say something else

_TWO_HOURS_MS = 7200 * 1000
_SCALES = (0, 1, 2**31, 2**32 - 1)
_LENGTHS = (0, 1, _TWO_HOURS_MS, 7200 * 12800, 2**31, 2**32 - 1)
_COUNTS = (0, 1, 2**20, 2**31, 2**32 - 1)


@dataclass(frozen=True)
class Lie:
    """A field, so many bytes after a mark, and what to put there.

    Attributes:
        form: of :mod:`struct`.
    """

    mark: bytes
    after: int
    form: str
    values: tuple[float, ...]


LIES = (
    Lie(b"mvhd", 16, ">I", _SCALES),
    Lie(b"mvhd", 20, ">I", _LENGTHS),
    Lie(b"mdhd", 16, ">I", _SCALES),
    Lie(b"mdhd", 20, ">I", _LENGTHS),
    Lie(b"tkhd", 24, ">I", _LENGTHS),
    Lie(b"tkhd", 80, ">I", (0, 2**32 - 1)),
    Lie(b"elst", 12, ">I", _LENGTHS),
    Lie(b"elst", 16, ">I", (1, 2**31, 2**31 - 1, 2**32 - 1)),
    Lie(b"avc1", 28, ">I", (0, 2**32 - 1, 0x20002000, 0x7FFF0001)),
    Lie(b"hvc1", 28, ">I", (0, 2**32 - 1, 0x20002000)),
    Lie(b"hev1", 28, ">I", (0, 2**32 - 1, 0x20002000)),
    Lie(b"apch", 28, ">I", (0, 2**32 - 1, 0x20002000, 0x00010001)),
    Lie(b"mp4a", 20, ">H", (0, 255, 2**16 - 1)),
    Lie(b"mp4a", 28, ">I", (0, 1, 2**31, 2**32 - 1)),
    Lie(b"sowt", 20, ">H", (0, 255, 2**16 - 1)),
    Lie(b"sowt", 28, ">I", (0, 1 << 16, 44099 << 16, 2**31, 2**32 - 1)),
    Lie(b"stsd", 8, ">I", (0, 2**32 - 1)),
    Lie(b"stts", 8, ">I", _COUNTS),
    Lie(b"stts", 12, ">I", _COUNTS),
    Lie(b"stts", 16, ">I", (0, 1, 2**24, 2**31 - 1, 2**32 - 1)),
    Lie(b"ctts", 16, ">I", (2**31, 2**31 - 1)),
    Lie(b"stsz", 8, ">I", (1, 2**20, 2**31, 2**32 - 1)),
    Lie(b"stsz", 12, ">I", _COUNTS),
    Lie(b"stsc", 16, ">I", _COUNTS),
    Lie(b"stco", 8, ">I", _COUNTS),
    Lie(b"stco", 12, ">I", (0, 2**32 - 1)),
    Lie(b"moov", -4, ">I", (0, 1, 8, 2**31, 2**32 - 1)),
    Lie(b"mdat", -4, ">I", (0, 1, 8, 2**31, 2**32 - 1)),
    # Matroska: length in ms, sampling rate, sides, time stamp scale in ns
    Lie(b"\x44\x89\x88", 3, ">d", (0, -1e3, _TWO_HOURS_MS, 1e300, float("nan"), float("inf"))),
    Lie(b"\xb5\x88", 2, ">d", (0, -1, 1, 44099, 2**31, 1e300, float("nan"))),
    Lie(b"\xb0\x81", 2, ">B", (0, 1, 255)),
    Lie(b"\x2a\xd7\xb1\x83", 4, ">3s", (0, 1, 2**24 - 1)),
    # AVI: microseconds a frame, frames, sides; of a stream: scale, rate, start, length
    Lie(b"avih", 8, "<I", (0, 1, 2**32 - 1)),
    Lie(b"avih", 24, "<I", _COUNTS),
    Lie(b"avih", 40, "<I", (0, 2**16 - 1, 2**31)),
    Lie(b"strh", 28, "<I", (0, 2**32 - 1)),
    Lie(b"strh", 32, "<I", (0, 1, 2**32 - 1)),
    Lie(b"strh", 36, "<I", (1000, 2**31)),
    Lie(b"strh", 40, "<I", (0, 72000, 2**32 - 1)),
    Lie(b"strf", 12, "<I", (0, 2**16 - 1, 2**31 - 1)),
    # FLV: numbers by name
    Lie(b"duration\0", 9, ">d", (0, -1, 7200, 1e300, float("nan"))),
    Lie(b"framerate\0", 10, ">d", (0, -1, 1e9, float("nan"))),
)  # fmt: skip


def told(data: bytes, lie: Lie, value: float, at: int) -> bytes:
    """The file with the field changed that belongs to the mark at a place."""
    at += lie.after
    if lie.form == ">3s":
        field = int(value).to_bytes(3, "big")
    else:
        field = struct.pack(lie.form, value if lie.form[1] == "d" else int(value))
    return data[:at] + field + data[at + len(field) :]


# --- what is no video at all, or has an odd name


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), 99, np.uint8)).save(file, kind)
    return file.getvalue()


def _huge_png() -> bytes:
    """One that says it is 65535 x 65535."""
    size = struct.pack(">II", 65535, 65535)
    head = b"IHDR" + size + b"\x08\x02\0\0\0"
    body = b"\0\0\0\x0d" + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body


STRANGERS: dict[str, bytes] = {
    "empty.mp4": b"",
    "one byte.mp4": b"\0",
    "text.mp4": b"This is no video.\n" * 100,
    "page.mp4": b"<!DOCTYPE html><html><body>404</body></html>",
    "png.mp4": _picture("png"),
    "jpeg.mp4": _picture("jpeg"),
    "gif.mp4": _picture("gif"),
    "picture.png": _picture("png"),
    "huge.png": _huge_png(),
    "list.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:///etc/passwd\n",
    "list.m3u8": b"#EXTM3U\n#EXTINF:3,\nh264.mp4\n#EXT-X-ENDLIST\n",
    "concat.mp4": b"ffconcat version 1.0\nfile h264.mp4\n",
    "sdp.mp4": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    b"m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "dash.mp4": b'<?xml version="1.0"?><MPD><Period><BaseURL>http://localhost/</BaseURL></Period></MPD>',
    "zeros.mp4": bytes(100_000),
    "ones.mp4": b"\xff" * 100_000,
    "noise.mp4": Random(0).randbytes(100_000),
    "noise.mp3": Random(1).randbytes(100_000),
    "noise.ts": b"".join(b"\x47" + Random(n).randbytes(187) for n in range(500)),
    "only a beginning.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "loops.mp4": b"\0\0\0\x08moov" * 5000,
    "nested.mp4": b"".join(struct.pack(">I4s", 8 * (9999 - n), b"moov") for n in range(9999)),
    "no tracks.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x74moov\0\0\0\x6cmvhd" + bytes(100),
    "no streams.mkv": bytes.fromhex("1a45dfa3 87 4282 84") + b"webm" + bytes.fromhex("18538067 80"),
    "no sound.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0data",
    "fast.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0\xff\xff\xff\x7f\xff\xff\xff\xff"
    b"\2\0\x10\0data\xff\xff\xff\xff" + bytes(50_000),
    "slow.wav": b"RIFF\x54\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\1\0\0\0\2\0\0\0\2\0\x10\0data\x20\0\0\0"
    + bytes(32),
    "not a number.wav": b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0\3\0\1\0\x80\x3e\0\0\0\xfa\0\0"
    b"\4\0\x20\0data\0\xfa\0\0" + struct.pack("<f", float("nan")) * 16000,
    "too loud.wav": b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0\3\0\1\0\x80\x3e\0\0\0\xfa\0\0"
    b"\4\0\x20\0data\0\xfa\0\0" + struct.pack("<f", float("inf")) * 16000,
}  # fmt: skip


def _folder(path: Path) -> None:
    path.mkdir()


def _sparse(path: Path, data: bytes = b"") -> None:
    """Two gigabytes of nothing after the data, that take no place on disk."""
    path.write_bytes(data)
    os.truncate(path, 2 << 30)


FOUND: dict[str, Callable[[Path], None]] = {
    "folder.mp4": _folder,
    "missing.mp4": lambda path: None,
    "dangling.mp4": lambda path: path.symlink_to("nowhere"),
    "loop.mp4": lambda path: path.symlink_to(path),
    "pipe.mp4": lambda path: os.mkfifo(path),
    "device.mp4": lambda path: path.symlink_to("/dev/zero"),
    "unreadable.mp4": lambda path: path.touch(0o000),
    "vast.mp4": _sparse,
    f"{'long' * 70}.mp4": lambda path: None,
}
"""What is at a path, if no file with bytes."""

NAMES = (
    "naïve café.mp4",
    "видео 猫 🎬.mp4",
    'it\'s "quoted" & $(odd); `name`.mp4',
    f"{'n' * 240}.mp4",
    "-i.mp4",
    "%03d.mp4",
    "no ending",
    ".hidden.mp4",
    "two\nlines\tand tabs.mp4",
    "concat:a|b.mp4",
    "file:x.mp4",
    "http:localhost.mp4",
    "wrong ending.jpg",
    os.fsdecode(b"not utf-8 \xff.mp4"),
)
"""Of whole videos, and of empty ones."""


@dataclass(frozen=True)
class Specimen:
    """A file to try.

    Attributes:
        name: of the file.
        put: makes it.
    """

    name: str
    put: Callable[[Path], object]


def specimens(folder: Path, damaged: int) -> Iterator[Specimen]:
    """Every lie, every stranger, every odd name, the whole videos, and so many damaged ones.

    Args:
        folder: whole videos are written here, once.
    """
    whole: dict[str, bytes] = {}
    for recipe in RECIPES:
        write(recipe, folder / recipe.name)
        whole[recipe.name] = (folder / recipe.name).read_bytes()
    for name, data in (whole | STRANGERS).items():
        yield _file(name, data)
    for name, put in FOUND.items():
        yield Specimen(name, put)
    yield Specimen("vast.ts", partial(_sparse, data=whole["mpeg2.ts"]))
    for name in NAMES:
        yield _file(name, whole["h264.mp4"])
        yield _file(name, b"")
    for lie in LIES:
        for name, data in whole.items():
            # Of pictures and of sound, in most files.
            places = {data.find(lie.mark), data.rfind(lie.mark)} - {-1}
            for at, value in product(sorted(places), lie.values):
                yield _file(name, told(data, lie, value, at))
    names = list(whole)
    for number in range(damaged):
        random = Random(number)
        name = names[number % len(names)]
        damage = DAMAGES[(number + number // len(names)) % len(DAMAGES)]
        yield _file(name, damage(random, whole[name], whole[random.choice(names)]))


def _file(name: str, data: bytes) -> Specimen:
    return Specimen(name, partial(_put, data=data))


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)
