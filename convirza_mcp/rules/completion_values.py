"""Completion values taken from cached views; makes no request."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from convirza_mcp.api.models import Conversation
from convirza_mcp.privacy.aliases import is_alias
from convirza_mcp.scan.results import WholeView
from convirza_mcp.text.fold import fold, name_key, on_one_line
from convirza_mcp.text.phone import digits_of, is_number_or_part, is_written_as_number, number_key

_LONGEST = 255
"""Maximum length in characters; names and numbers are shorter."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def agents_in(views: Iterable[WholeView], others: Sequence[Conversation] = ()) -> list[str]:
    """Return each agent of the views and other conversations once, clean, by name."""
    return _values_in(views, others, "agent", name_key)


def lines_in(views: Iterable[WholeView], others: Sequence[Conversation] = ()) -> list[str]:
    """Return each business line once, clean, in numeric order."""
    return _values_in(views, others, "phone_number", number_key)


def ids_in(views: Iterable[WholeView]) -> list[str]:
    """Return each conversation's id once, newest message first; without a time last."""
    found: list[tuple[datetime, int]] = []
    for view in views:
        if "known ids" not in view.derived:
            view.derived["known ids"] = sorted(
                (each.conversation_updated or _NEVER, each.conversation_id) for each in view.conversations
            )
        found += view.derived["known ids"]
    return [str(each) for each in dict.fromkeys(identifier for _, identifier in sorted(found, reverse=True))]


def matching(values: Sequence[str], typed: str) -> list[str]:
    """Return the values that begin with the typed text, then those that contain it; ignores case and accents."""
    wanted = fold(on_one_line(typed))
    digits = _digits_of_number(wanted)
    begin, hold = [], []
    for value in values:
        folded = fold(value)
        number = _digits_of_number(folded) if digits else ""
        if folded.startswith(wanted) or (digits and number.startswith(digits)):
            begin.append(value)
        elif wanted in folded or is_number_or_part(digits, number):
            hold.append(value)
    return begin + hold


def _digits_of_number(folded: str) -> str:
    """Return the digits of a number; empty for a name, even if it has digits."""
    return digits_of(folded) if is_written_as_number(folded.replace(" ", "")) else ""


def _values_in(
    views: Iterable[WholeView], others: Sequence[Conversation], field: str, key_of: Callable[[str], str]
) -> list[str]:
    name = f"known {field}"
    values: dict[str, str] = {}
    for view in views:
        if name not in view.derived:
            # A few values occur in tens of thousands of rows, and each keystroke requests them.
            view.derived[name] = _values_of(view.conversations, field, key_of)
        values = view.derived[name] | values
    values = _values_of(others, field, key_of) | values
    return sorted(values.values(), key=lambda shown: (fold(shown), shown))


def _values_of(conversations: Sequence[Conversation], field: str, key_of: Callable[[str], str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for shown in map(on_one_line, dict.fromkeys(getattr(each, field) for each in conversations)):
        # The privacy mode shows an alias if a line is the contact's own number.
        if shown and len(shown) <= _LONGEST and not is_alias(shown):
            known.setdefault(key_of(shown), shown)
    return known
