"""Event lists of the DCASE challenges (task 4, since 2018), which sed_eval and dcase_util read.

Columns are ``filename onset offset event_label``, tab-separated and quoted if necessary; times are
seconds, and ``filename`` is the video id. Load the files in sed_eval with the file format CSV.
https://dcase-repo.github.io/dcase_util/generated/dcase_util.containers.MetaDataContainer.html
"""

import csv
import io
from collections.abc import Iterator, Sequence

from avparse.core.errors import one_line
from avparse.formats.base import Folder, of_modality
from avparse.prediction.predictions import LANES, Predictions
from avparse.prediction.timeline import Timeline

_COLUMNS = ("filename", "onset", "offset", "event_label")


class SedEval(Folder):
    """A file for each modality, because sed_eval scores one file at a time."""

    target = "{experiment}/sed_eval"

    def files(
        self, timelines: Sequence[Timeline], predictions: Predictions
    ) -> Iterator[tuple[str, str]]:
        for modality in LANES[predictions.task]:
            rows = [_COLUMNS] + [
                (
                    one_line(timeline.video_id),
                    f"{event.onset_s:.3f}",
                    f"{event.offset_s:.3f}",
                    one_line(event.label),
                )
                for timeline in timelines
                for event in of_modality(timeline, modality)
            ]
            text = io.StringIO()
            csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
            yield f"{modality}.tsv", text.getvalue()
