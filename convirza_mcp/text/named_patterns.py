"""Regular expressions of many parts, kept as text in files of their own.

An entry of such a file is `NAME = expression`; its lines are joined, and `{NAME}` in it stands for another entry.
"""

import re
from functools import cache
from pathlib import Path


@cache
def named_pattern(file: Path, name: str) -> re.Pattern[str]:
    """Return the pattern of this name; read and compiled on first use, since few commands need it."""
    return re.compile(_expanded(file, name))


def _expanded(file: Path, name: str) -> str:
    return re.sub(r"\{([A-Z_]+)\}", lambda part: _expanded(file, part[1]), _entries(file)[name].replace("\n", ""))


@cache
def _entries(file: Path) -> dict[str, str]:
    # Imported here: most starts do without.
    from configparser import RawConfigParser

    parser = RawConfigParser(delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(file.read_text("utf-8"))
    return dict(parser["patterns"])
