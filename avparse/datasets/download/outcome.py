"""How a download ended: one word for each kind of end, told from what yt-dlp says."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.files import read_tsv, write_tsv
from avparse.core.tables import DOWNLOADS


class Outcome(StrEnum):
    """How the download of one video ended."""

    OK = "ok"
    """Every wanted piece is there."""
    GONE = "gone"
    """Removed, or never was."""
    PRIVATE = "private"
    """For its owner, members or buyers."""
    REGION = "region"
    """Not shown where this machine is."""
    AGE = "age"
    """Only for accounts old enough."""
    NETWORK = "network"
    """The connection failed, or the server failed or refused this once."""
    THROTTLED = "throttled"
    """The server wants fewer requests from this machine."""
    STALLED = "stalled"
    """Nothing came for too long."""
    OTHER = "other"
    """Whatever else; the note tells."""


PERMANENT = frozenset((Outcome.GONE, Outcome.PRIVATE, Outcome.REGION, Outcome.AGE))
"""Not tried again in later runs."""

PASSING = frozenset((Outcome.NETWORK, Outcome.THROTTLED, Outcome.STALLED))
"""Tried again within a run."""

# In this order: "Video unavailable" begins messages of every kind, "Sign in" those of three.
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
    """The outcome that an error message of yt-dlp tells of; OTHER where it is not known."""
    text = _core(message).replace("\u2019", "'")  # YouTube writes both apostrophes
    return next((outcome for outcome, sign in _SIGNS if sign.search(text)), Outcome.OTHER)


def brief(message: str) -> str:
    """An error message as a note: one line, without yt-dlp's advice to whoever runs it."""
    return " ".join(_core(message).split())[:_LONGEST]


def _core(message: str) -> str:
    """Neither the video's id, which may spell anything, nor advice that names other matters."""
    return _ADVICE.split(_LEAD.sub("", message), maxsplit=1)[0]


@dataclass(frozen=True)
class Ended:
    """How one video's download ended.

    Attributes:
        outcome: of all its pieces.
        note: the reason, or what is odd; may be empty.
    """

    outcome: Outcome
    note: str = ""


def read(path: Path) -> dict[str, Ended]:
    """How each video of a table ended; none where there is no file.

    Raises:
        DataError: the table is damaged.
    """
    if not path.exists():
        return {}
    found = {}
    for number, row in enumerate(read_tsv(path, DOWNLOADS), 2):
        video, outcome, note = (row[column] for column in DOWNLOADS)
        if outcome not in list(Outcome):
            where = f"outcome {outcome!r} in row {number} of {path}"
            raise DataError(where, f"known: {', '.join(Outcome)}")
        found[video] = Ended(Outcome(outcome), note)
    return found


def write(path: Path, found: dict[str, Ended]) -> None:
    """Write a table of how videos ended, by id, atomically."""
    rows = ((video, found[video].outcome.value, found[video].note) for video in sorted(found))
    write_tsv(path, DOWNLOADS, (dict(zip(DOWNLOADS, row, strict=True)) for row in rows))
