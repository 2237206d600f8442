"""When two names are the same, and the form of text that comparisons start from."""

from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold


def on_one_line(text: str | None) -> str:
    """Return the text clean and with single spaces; empty for None."""
    return " ".join(clean(text or "").split())


def name_key(text: str | None) -> str:
    """Return what the writings of one name have in common: equal keys, same name. Empty for nothing visible.

    For agents, contacts, statuses and message types. Case, accents, width and white space make no difference.
    """
    if text and text.isascii() and text.isalnum():
        # As most are: nothing to clean, and asked of tens of thousands of rows.
        return text.lower()
    shown = on_one_line(text)
    return fold(shown) or shown
