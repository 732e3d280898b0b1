"""A clip to measure with, where no video is given."""

from pathlib import Path

import numpy as np

SECONDS, FPS, SIZE, RATE_HZ = 10, 30, (320, 240), 44100


def generated(path: Path) -> Path:
    """A 10 s clip of moving noise with noise for sound: 320 x 240, 30 frames/s, 44.1 kHz stereo."""
    from avparse.media.encode import write_video

    rng = np.random.default_rng(0)
    texture = (
        rng.integers(0, 256, (SIZE[1] // 8, SIZE[0] // 8, 3), dtype=np.uint8)
        .repeat(8, 0)
        .repeat(8, 1)
    )
    frames = (np.roll(texture, 2 * i, axis=1) for i in range(SECONDS * FPS))
    sound = rng.normal(0, 0.1, (2, SECONDS * RATE_HZ)).astype(np.float32)
    write_video(path, frames, np.arange(SECONDS * FPS) / FPS, sound, RATE_HZ)
    return path
