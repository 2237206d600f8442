"""When two agents, statuses or business lines are the same, however somebody wrote them."""

from convirza_mcp.inbox.phone_digits import digits_of
from convirza_mcp.inbox.safe_text import clean


def on_one_line(text: str | None) -> str:
    """Clean, with single spaces; empty for None."""
    return " ".join(clean(text or "").split())


def folded_value(text: str | None) -> str:
    """What agents and statuses are compared by: whatever their case and white space."""
    return on_one_line(text).casefold()


def number_value(text: str | None) -> str:
    """What lines are compared by: the digits, whatever stands between them; the text itself where there are none."""
    return digits_of(text) or folded_value(text)
