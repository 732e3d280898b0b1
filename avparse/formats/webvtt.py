"""Events as WebVTT captions, which browsers, VLC and mpv display over the video.

W3C, WebVTT: The Web Video Text Tracks Format. https://www.w3.org/TR/webvtt1/
"""

from html import escape

from avparse.core.errors import one_line
from avparse.formats.base import PerVideo, of_modality
from avparse.prediction.predictions import LANES
from avparse.prediction.timeline import Timeline


class WebVtt(PerVideo):
    """One track for each video and modality, with a cue for each event."""

    target = "{experiment}/webvtt"
    suffix = "vtt"

    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        tracks = {}
        for modality in LANES[task]:
            cues = (
                f"\n{_time(event.onset_s)} --> {_time(event.offset_s)}\n"
                f"{escape(one_line(event.label), quote=False)}\n"
                for event in of_modality(timeline, modality)
            )
            tracks[modality.value] = "WEBVTT\n" + "".join(cues)
        return tracks


def _time(seconds: float) -> str:
    """Format a time as ``00:01:02.500``."""
    minutes, milliseconds = divmod(round(1000 * seconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
