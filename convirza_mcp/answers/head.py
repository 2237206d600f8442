"""Parts that the heads of several answers share. `--json` documents also have the privacy line."""

from collections.abc import Mapping, Sequence
from typing import Any

from convirza_mcp.answers.hints import Hint
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Coverage, unreadable_text
from convirza_mcp.settings import Privacy

_PRIVACY_LINES: dict[Privacy, str] = {
    "mask": "mask: source and source_name are aliases, accepted by search and query; phone numbers, e-mail addresses "
    "and card numbers in messages are masked",
    "strict": "strict: message text is left out, so no search, snippet or opt-out check sees it; source and "
    "source_name are aliases, accepted by search and query",
}


def privacy_line(privacy: Privacy) -> str | None:
    """Return the privacy line of an answer, so that an alias is not taken for a name; None if the mode is off."""
    return _PRIVACY_LINES.get(privacy)


def privacy_part(privacy: Privacy) -> dict[str, str]:
    line = privacy_line(privacy)
    return {} if line is None else {"privacy": line}


def coverage_part(coverage: Coverage, window: Window) -> dict[str, Any]:
    """Return `coverage`, and `unreadable` if there is any."""
    return {"coverage": coverage.as_dict(window), **unreadable_part(coverage.unreadable_counts)}


def unreadable_part(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the part that counts nulls that are unreadable values; empty if there are none."""
    text = unreadable_text(counts)
    return {} if text is None else {"unreadable": text}


def note_part(notes: Sequence[Hint]) -> dict[str, str]:
    return {"note": " ".join(map(str, notes))} if notes else {}
