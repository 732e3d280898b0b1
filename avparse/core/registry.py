"""Tables of plug-ins: a name to ``"module:Class"``, imported only when asked for."""

import difflib
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from avparse.core.errors import UnknownNameError


def near(name: str, choices: Iterable[str]) -> str:
    """A clause that helps with a misspelt name: the nearest choice, and all of them.

    Returns:
        ``"did you mean 'x'? (known: x, y)"`` or ``"known: x, y"``.
    """
    choices = sorted(choices)
    known = f"known: {', '.join(choices)}"
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? ({known})" if close else known


class Registry:
    """One family of plug-ins.

    Args:
        family: what a member is called in messages, such as ``"model"``.
        table: name -> ``"package.module:Class"``.
    """

    def __init__(self, family: str, table: Mapping[str, str]) -> None:
        self.family = family
        self.table = dict(table)

    def names(self) -> list[str]:
        """All names, in the order of the table."""
        return list(self.table)

    def check(self, name: str) -> str:
        """Return ``name``, or raise UnknownNameError with the nearest known name."""
        if name not in self.table:
            raise UnknownNameError(f"unknown {self.family} {name!r}", near(name, self.table))
        return name

    def module(self, name: str) -> str:
        """The dotted module that defines ``name``, without importing it."""
        return self.table[self.check(name)].split(":")[0]

    def load(self, name: str) -> Any:
        """Import and return the class (or function) behind ``name``."""
        module, attribute = self.table[self.check(name)].split(":")
        return getattr(importlib.import_module(module), attribute)

    def create(self, name: str, **options: Any) -> Any:
        """Make the member called ``name`` with its options."""
        return self.load(name)(**options)
