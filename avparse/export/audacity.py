"""Events as label tracks of Audacity (File > Import > Labels).

Onset, offset and label between tabs, seconds with six decimals; Audacity 1.3 and later.
https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

from avparse.errors import one_line
from avparse.export.base import CORRECTED, PerVideo, of_modality
from avparse.predictions import Timeline


class Audacity(PerVideo):
    """One label track for each video and modality."""

    target = "{experiment}/audacity"
    suffix = "txt"

    def texts(self, timeline: Timeline, task: str) -> dict[str, str]:
        return {
            modality.value: "".join(
                f"{event.onset_s:.6f}\t{event.offset_s:.6f}\t{one_line(event.label)}\n"
                for event in of_modality(timeline, modality)
            )
            for modality in CORRECTED[task]
        }
