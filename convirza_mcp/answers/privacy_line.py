"""What every answer says about the privacy mode, so that nobody takes an alias for a name or silence for no message."""

from convirza_mcp.settings import Privacy

_LINES: dict[Privacy, str] = {
    "mask": "mask: source and source_name are aliases, which search and query take; phone numbers, e-mail addresses "
    "and card numbers in messages are masked",
    "strict": "strict: message text is left out, so no search, snippet or opt-out check sees it; source and "
    "source_name are aliases, which search and query take",
}


def privacy_line(privacy: Privacy) -> str | None:
    """The line for a mode; None where there is nothing to say."""
    return _LINES.get(privacy)


def privacy_part(privacy: Privacy) -> dict[str, str]:
    """The part of an answer's head, or of a `--json` document, that holds the line."""
    line = privacy_line(privacy)
    return {} if line is None else {"privacy": line}
