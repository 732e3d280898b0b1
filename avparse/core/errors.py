"""What can go wrong for a user: every error says what, where and what to do in one line."""

import re

_BREAKS = re.compile(r"[\t\r\n]+")


def one_line(text: str) -> str:
    """A text whose tabs and line ends became spaces."""
    return _BREAKS.sub(" ", text)


class AvparseError(Exception):
    """Base of every error a user can cause or mend; the command line prints it and exits with 2.

    Args:
        message: what is wrong and where.
        hint: what to do about it; appended to the same line.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        line = one_line(f"{message}: {hint}" if hint else message)
        # File names may hold bytes that are no text: no table or shard could be written.
        super().__init__(line.encode("utf-8", "backslashreplace").decode())


class ConfigError(AvparseError):
    """A setting that is unknown, of the wrong type or out of range."""


class UnknownNameError(AvparseError):
    """A name that no table knows."""


class MediaError(AvparseError):
    """A video that is missing, is no video, or does not decode."""


class DataError(AvparseError):
    """A table or array file that is missing, damaged or does not fit."""


class WeightsError(AvparseError):
    """Network weights that are missing, of the wrong shape or not the ones recorded."""


class CheckpointError(AvparseError):
    """A trained model that is missing, damaged or of the wrong task."""


class ShapeError(AvparseError):
    """An array whose shape does not fit what it is used for."""
