"""When two agents, statuses or business lines are the same, however somebody wrote them."""

from convirza_mcp.text.clean import clean
from convirza_mcp.text.phone import digits_of


def on_one_line(text: str | None) -> str:
    """Clean, with single spaces; empty for None."""
    return " ".join(clean(text or "").split())


def folded_value(text: str | None) -> str:
    """What agents and statuses are compared by: whatever their case and white space."""
    if text and text.isascii() and text.isalnum():
        # As most are: nothing to clean, and asked of tens of thousands of rows.
        return text.lower()
    return on_one_line(text).casefold()


def number_value(text: str | None) -> str:
    """What lines and contacts are compared by: the digits that a reader sees, else the text itself."""
    if text and text.isascii() and text.isdecimal():
        return text
    # Clean first: the digits of a terminal sequence are nobody's number.
    shown = on_one_line(text)
    return digits_of(shown) or shown.casefold()
