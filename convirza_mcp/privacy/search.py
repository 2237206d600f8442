"""What may be searched for where contacts are hidden: what somebody knows already, never a part to grow from.

Convirza's search takes any part of a number or name. Asked digit by digit, it would read a hidden number out: so only
whole numbers and whole words find anything, and whatever else matched is as if it were not there.
"""

import re

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.text.compare import on_one_line
from convirza_mcp.text.fold import fold
from convirza_mcp.text.phone import SHORTEST_NUMBER, number_key

_WORD = re.compile(r"\w+")


class PrivateSearch:
    """A search as a privacy mode takes it.

    Raises:
        InvalidArgumentError: there is no word in it, or nothing but one to six digits.
    """

    def __init__(self, search: str) -> None:
        folded = fold(on_one_line(search))
        self._words = frozenset(_WORD.findall(folded))
        key = number_key(folded)
        digits = key.lstrip("0") if key.isdecimal() else ""
        if not self._words or (len(digits) < SHORTEST_NUMBER and not any(map(str.isalpha, folded))):
            raise InvalidArgumentError(
                "search",
                f"`search` takes a whole phone number of at least {SHORTEST_NUMBER} digits, whole words of a name or "
                "an alias while CONVIRZA_PRIVACY hides contacts.",
            )
        self._number = key if len(digits) >= SHORTEST_NUMBER else None
        self.upstream = search if self._number is None else digits
        """What to ask Convirza for. Its search takes parts as written: of a number, digits that no writing lacks."""

    def finds(self, row: Conversation) -> bool:
        """Return whether the contact's whole number is this one, or all words stand in its name as whole words."""
        if self._number is not None and number_key(row.source) == self._number:
            return True
        return row.source_name is not None and self._words <= set(_WORD.findall(fold(on_one_line(row.source_name))))
