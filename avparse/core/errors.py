"""Errors for users: one line that says what is wrong, where, and what to do."""

import re

_BREAKS = re.compile(r"[\t\r\n]+")


def one_line(text: str) -> str:
    """Replace tabs and line breaks with spaces."""
    return _BREAKS.sub(" ", text)


class AvparseError(Exception):
    """Base class of errors a user can fix; the command line prints it and exits with status 2.

    Args:
        message: what is wrong and where.
        hint: what to do about it; appended to the message.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        line = one_line(f"{message}: {hint}" if hint else message)
        # File names may contain bytes that are not text and could not be written to tables.
        super().__init__(line.encode("utf-8", "backslashreplace").decode())


class ConfigError(AvparseError):
    """A setting that is unknown, of the wrong type or out of range."""


class UnknownNameError(AvparseError):
    """An unknown name of a model, extractor, format or data set."""


class MediaError(AvparseError):
    """A video that is missing, not a video, or not decodable."""


class DataError(AvparseError):
    """A table or array file that is missing, damaged or inconsistent."""


class WeightsError(AvparseError):
    """Weights that are missing, have the wrong shape, or differ from the recorded ones."""


class CheckpointError(AvparseError):
    """A checkpoint that is missing, damaged or for another task."""


class ShapeError(AvparseError):
    """An array of an unexpected shape."""
