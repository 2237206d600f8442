"""The part of a message that shows why a search found it."""

from typing import NamedTuple

from convirza_mcp.text.clean import ELLIPSIS, clean, clip
from convirza_mcp.text.fold import Span
from convirza_mcp.text.graphemes import next_boundary

SNIPPET_LENGTH = 100
"""In characters. A row of a search holds it besides everything else, in at most 60 tokens."""


class Excerpt(NamedTuple):
    """Clean one-line text, and what in it was searched for: a span of whole graphemes, None where there is none."""

    text: str
    hit: Span | None

    def cut(self, length: int = SNIPPET_LENGTH) -> str:
        """At most `length` characters, `…` where the text was cut, the hit inside; without one its start.

        A hit longer than about half of `length` may lose its end.
        """
        text = self.text
        if len(text) <= length or self.hit is None or self.hit[1] < length:
            return clip(text, length)
        first, after = self.hit
        room = length - 2 * len(ELLIPSIS) - (after - first)
        # A third of the room before the hit, more where the text ends soon after it.
        begin = max(0, min(first - max(room, 0) // 3, len(text) - length + len(ELLIPSIS)))
        begin = min(first, next_boundary(text, begin))
        space = text.find(" ", begin, first)
        if space >= 0:
            begin = space + 1
        # What stood before the cut may have been what gave an invisible character its meaning.
        return ELLIPSIS + clip(clean(text[begin:]), length - len(ELLIPSIS))
