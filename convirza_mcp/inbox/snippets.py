"""The part of a message that shows why a search found it."""

from convirza_mcp.inbox.folding import Span, next_boundary
from convirza_mcp.inbox.safe_text import ELLIPSIS, clean, clip

SNIPPET_LENGTH = 100
"""In characters. A row of a search holds it besides everything else, in at most 60 tokens."""


def snippet(text: str, hit: Span | None, length: int = SNIPPET_LENGTH) -> str:
    """Clean one-line text in at most `length` characters, `…` where it was cut, the hit inside; without one its start.

    `hit` is a span of whole graphemes. A hit longer than about half of `length` may lose its end.
    """
    if len(text) <= length or hit is None or hit[1] < length:
        return clip(text, length)
    first, after = hit
    room = length - 2 * len(ELLIPSIS) - (after - first)
    # A third of the room before the hit, more where the text ends soon after it.
    begin = max(0, min(first - max(room, 0) // 3, len(text) - length + len(ELLIPSIS)))
    begin = min(first, next_boundary(text, begin))
    space = text.find(" ", begin, first)
    if space >= 0:
        begin = space + 1
    # What stood before the cut may have been what gave an invisible character its meaning.
    return ELLIPSIS + clip(clean(text[begin:]), length - len(ELLIPSIS))
