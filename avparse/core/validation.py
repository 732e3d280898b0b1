"""What pydantic says of wrong values, in one line."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_LONGEST = 80
"""Characters of a value in a message."""


def first_problem(error: ValidationError) -> ErrorDetails:
    """The problem to report: an unknown key if there is one, else the first.

    A misspelt required key is also reported as missing; the misspelling explains both.
    """
    problems = error.errors(include_url=False)
    return next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])


def shortened(value: Any) -> str:
    """A value as Python writes it, cut to 80 characters."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
