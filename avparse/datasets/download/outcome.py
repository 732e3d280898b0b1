"""Outcomes of downloads, classified from yt-dlp's error messages."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.files import read_tsv, write_tsv
from avparse.core.tables import DOWNLOADS


class Outcome(StrEnum):
    """Outcome of the download of a video."""

    OK = "ok"
    """All segments exist."""
    GONE = "gone"
    """Removed, or never existed."""
    PRIVATE = "private"
    """Only for its owner, members or buyers."""
    REGION = "region"
    """Blocked in this region."""
    AGE = "age"
    """Age-restricted."""
    NETWORK = "network"
    """The connection or the server failed."""
    THROTTLED = "throttled"
    """Too many requests from this machine."""
    STALLED = "stalled"
    """Timed out."""
    OTHER = "other"
    """Any other failure; see the note."""


PERMANENT = frozenset((Outcome.GONE, Outcome.PRIVATE, Outcome.REGION, Outcome.AGE))
"""Not retried in later runs, unless requested."""

PASSING = frozenset((Outcome.NETWORK, Outcome.THROTTLED, Outcome.STALLED))
"""Temporary failures, retried within a run."""

# The order matters: messages of all kinds start with "Video unavailable", of three with "Sign in".
_SIGNS = tuple(
    (outcome, re.compile(pattern, re.IGNORECASE))
    for outcome, pattern in (
        (Outcome.THROTTLED, r"http error (402|429)|too many requests|rate.?limited|not a bot"),
        (Outcome.THROTTLED, r"try again later|captcha|unusual traffic"),
        (Outcome.AGE, r"confirm your age|age.?restricted|inappropriate for some users"),
        (Outcome.REGION, r"http error 451|geo.?restrict|(in|from) your (country|location|region)"),
        (Outcome.PRIVATE, r"http error 401|private|members?.only|join this channel|granted access"),
        (Outcome.PRIVATE, r"members on level|requires payment|purchase|premium members"),
        (Outcome.STALLED, r"timed? ?out"),
        (Outcome.GONE, r"http error (404|410)|(video|content) (is )?(unavailable|not available)"),
        (Outcome.GONE, r"content isn't available|no longer available|recording is not available"),
        (Outcome.GONE, r"been (removed|terminated|deleted)|removed by|does(n't| not) exist"),
        (Outcome.GONE, r"on copyright grounds|copyright claim"),
        (Outcome.NETWORK, r"http error (403|408|5\d\d)|connection|incomplete ?read|bytes read"),
        (Outcome.NETWORK, r"urlopen|resolve|name or service|name resolution|unreachable|no route"),
        (Outcome.NETWORK, r"\bssl\b|\btls\b|proxy|retrieval incomplete|got only|reset by peer"),
        (Outcome.NETWORK, r"any data blocks|file is empty|remote end closed|broken pipe|reloaded"),
    )
)

_LEAD = re.compile(r"^(\x1b\[[\d;]*m|ERROR:|\s)*(\[[\w:.+-]+\]\s*([\w-]{1,64}:\s+)?)?")
_ADVICE = re.compile(
    r"\s*(Use --|See  ?http|; please report|\(caused by|Also see|For more information|"
    r"It is recommended|You might want|Sign in if|Learn more)"
)
_LONGEST = 200


def classify(message: str) -> Outcome:
    """Classify an error message of yt-dlp; unknown messages are OTHER."""
    text = _core(message).replace("\u2019", "'")  # YouTube writes both apostrophes
    return next((outcome for outcome, sign in _SIGNS if sign.search(text)), Outcome.OTHER)


def brief(message: str) -> str:
    """Shorten an error message to one line, without yt-dlp's advice to the user."""
    return " ".join(_core(message).split())[:_LONGEST]


def _core(message: str) -> str:
    """Strip the video id and yt-dlp's advice, whose words could be mistaken for a reason."""
    return _ADVICE.split(_LEAD.sub("", message), maxsplit=1)[0]


@dataclass(frozen=True)
class Ended:
    """Result of the download of a video.

    Attributes:
        outcome: outcome for all segments.
        note: reason or remark; may be empty.
    """

    outcome: Outcome
    note: str = ""


def read(path: Path) -> dict[str, Ended]:
    """Read a table of results; empty if the file does not exist.

    Raises:
        DataError: if the table is damaged.
    """
    if not path.exists():
        return {}
    results = {}
    for number, row in enumerate(read_tsv(path, DOWNLOADS), 2):
        video, outcome, note = (row[column] for column in DOWNLOADS)
        if outcome not in list(Outcome):
            where = f"outcome {outcome!r} in row {number} of {path}"
            raise DataError(where, f"known: {', '.join(Outcome)}")
        results[video] = Ended(Outcome(outcome), note)
    return results


def write(path: Path, results: dict[str, Ended]) -> None:
    """Write a table of results, sorted by video id, atomically."""
    rows = ((video, results[video].outcome.value, results[video].note) for video in sorted(results))
    write_tsv(path, DOWNLOADS, (dict(zip(DOWNLOADS, row, strict=True)) for row in rows))
