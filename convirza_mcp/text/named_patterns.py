"""Regular expressions of many parts, kept as text in files of their own.

An entry of such a file is `NAME = expression`; its lines are joined, and `{NAME}` in it stands for another entry. One
that begins with `(?r)` is searched from its end, by `regex`: for what must stand directly before a place.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import cast


class NamedPatterns(dict[str, re.Pattern[str]]):
    """The patterns of a file by name; each is read and compiled on first use, since few commands need it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __missing__(self, name: str) -> re.Pattern[str]:
        expression = self._expanded(name)
        if expression.startswith("(?r)"):
            # Imported here: the import takes as long as masking a thousand messages.
            import regex

            pattern = cast("re.Pattern[str]", regex.compile(expression))
        else:
            pattern = re.compile(expression)
        self[name] = pattern
        return pattern

    def _expanded(self, name: str) -> str:
        return re.sub(r"\{([A-Z_]+)\}", lambda part: self._expanded(part[1]), self._entries[name].replace("\n", ""))

    @cached_property
    def _entries(self) -> dict[str, str]:
        # Imported here: most starts do without.
        from configparser import RawConfigParser

        parser = RawConfigParser(delimiters="=")
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(self._file.read_text("utf-8"))
        return dict(parser["patterns"])
