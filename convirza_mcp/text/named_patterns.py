"""Long regular expressions, kept in text files.

An entry is `NAME = expression`; its lines are joined, and `{NAME}` inserts another entry. `regex` searches an entry
that begins with `(?r)` backward, to match text directly before a position.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import cast

# Outside escapes and sets.
_PLAIN_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)", re.DOTALL)
"""Compiled as groups that keep nothing: with hundreds of groups to keep, a search takes ten times as long."""


class NamedPatterns(dict[str, re.Pattern[str]]):
    """Patterns of a file by name. Each is read and compiled at first use, because few commands need it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __missing__(self, name: str) -> re.Pattern[str]:
        expression = self.expression(name)
        if expression.startswith("(?r)"):
            # Imported here, because the import takes as long as masking a thousand messages.
            import regex

            pattern = cast("re.Pattern[str]", regex.compile(expression))
        else:
            pattern = re.compile(_PLAIN_GROUP.sub(lambda found: "(?:" if found[0] == "(" else found[0], expression))
        self[name] = pattern
        return pattern

    def expression(self, name: str) -> str:
        """Return an entry's expression, with the entries that it inserts."""
        return re.sub(r"\{([A-Z_]+)\}", lambda part: self.expression(part[1]), self._entries[name].replace("\n", ""))

    @cached_property
    def _entries(self) -> dict[str, str]:
        # Imported here, because most starts do not need it.
        from configparser import RawConfigParser

        parser = RawConfigParser(delimiters="=")
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(self._file.read_text("utf-8"))
        return dict(parser["patterns"])
