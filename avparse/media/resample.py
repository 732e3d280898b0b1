"""Sound at the rate the audio networks want."""

from functools import lru_cache

import numpy as np
import torch
import torchaudio.transforms
from numpy.typing import NDArray

from avparse.media.decode import DecodedClip

RATE_HZ = 16000
"""Sample rate of every audio extractor here."""

METHOD = {
    "resampling_method": "sinc_interp_kaiser",
    "lowpass_filter_width": 64,
    "rolloff": 0.9475937167399596,
    "beta": 14.769656459379492,
}
"""Pinned: resampy's kaiser_best, which VGGish's front end resamples with, in torchaudio's terms."""


@lru_cache(8)
def _resampler(rate_hz: int) -> torchaudio.transforms.Resample:
    """Its filters, computed in double precision, take longer than using them once."""
    made = torchaudio.transforms.Resample(rate_hz, RATE_HZ, dtype=torch.float64, **METHOD)
    return made.float()


def to_16k(clip: DecodedClip, seconds: int) -> NDArray[np.int16]:
    """The clip's sound as 16-bit samples at 16 kHz, silence where it has none.

    Resampling starts on a whole second, so that neighbouring clips of a video meet without a seam.

    Args:
        clip: with native-rate audio.
        seconds: length of the clip.
    Returns:
        (seconds * 16000,) samples, as published pipelines write to wav before VGGish reads it.
    """
    wanted = seconds * RATE_HZ
    if not len(clip.audio):
        return np.zeros(wanted, np.int16)
    resampled = _resampler(clip.sample_rate_hz)(torch.from_numpy(clip.audio)).numpy()
    cut = resampled[clip.lead_s * RATE_HZ :][:wanted]
    padded = np.pad(cut, (0, wanted - len(cut)))
    return np.clip(np.rint(padded * 32768), -32768, 32767).astype(np.int16)
