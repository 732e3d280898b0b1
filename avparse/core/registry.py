"""Registries of plug-ins: names mapped to ``"module:Class"``, imported on first use."""

import difflib
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from avparse.core.errors import UnknownNameError


def near(name: str, choices: Iterable[str]) -> str:
    """Suggest the most similar choice for a misspelt name, and list all choices.

    Returns:
        ``"did you mean 'x'? (known: x, y)"`` or ``"known: x, y"``.
    """
    choices = sorted(choices)
    known = f"known: {', '.join(choices)}"
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? ({known})" if close else known


class Registry:
    """A family of plug-ins.

    Args:
        family: name of the family in messages, such as ``"model"``.
        table: name -> ``"package.module:Class"``.
    """

    def __init__(self, family: str, table: Mapping[str, str]) -> None:
        self.family = family
        self.table = dict(table)

    def names(self) -> list[str]:
        """All names, in the order of the table."""
        return list(self.table)

    def check(self, name: str) -> str:
        """Return ``name``, or raise UnknownNameError with the most similar known name."""
        if name not in self.table:
            raise UnknownNameError(f"unknown {self.family} {name!r}", near(name, self.table))
        return name

    def module(self, name: str) -> str:
        """The module that defines ``name``, as a dotted path; does not import it."""
        return self.table[self.check(name)].split(":")[0]

    def load(self, name: str) -> Any:
        """Import and return the class or function registered as ``name``."""
        module, attribute = self.table[self.check(name)].split(":")
        return getattr(importlib.import_module(module), attribute)

    def create(self, name: str, **options: Any) -> Any:
        """Instantiate the class registered as ``name``."""
        return self.load(name)(**options)
