"""Which Python this package runs on.

This file, `__init__.py` and `__main__.py` keep to what Python 3.8 can read: an old Python should get as far as the
sentence below, and not end in a traceback about somebody else's syntax.
"""

from __future__ import annotations

OLDEST = (3, 11)


def version_text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def too_old(version: tuple[int, ...]) -> str | None:
    """One sentence for a Python of that version, as `sys.version_info[:3]` gives it; None where it will do."""
    if version[:2] >= OLDEST:
        return None
    return "convirza-mcp needs Python {} or later, and this is Python {}: install a newer one from {}.".format(
        version_text(OLDEST), version_text(version), "https://www.python.org/downloads/"
    )
