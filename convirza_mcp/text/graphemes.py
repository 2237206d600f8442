"""Where a reader sees one character end and the next begin: extended grapheme clusters of Unicode Annex 29."""

from convirza_mcp.text.patterns import with_properties

_FIRST_COMBINING = "\u0300"
_FIRST_STEP_BACK = 16


def grapheme_boundary(text: str, index: int) -> int:
    """Return the last boundary between graphemes at or before `index`; both ends of the text are boundaries.

    Time grows with the length of the grapheme around `index`.
    """
    index = max(0, min(index, len(text)))
    if next_boundary(text, index) == index:
        return index
    back = _FIRST_STEP_BACK
    while True:
        start = max(0, index - back)
        boundary = start if start == 0 else -1
        # A match that begins inside a grapheme ends with it, so every end is a boundary.
        for found in with_properties(r"\X").finditer(text, start):
            if found.end() > index:
                break
            boundary = found.end()
        if boundary >= 0:
            return boundary
        back *= 4


def next_boundary(text: str, index: int) -> int:
    """Return the first boundary between graphemes at or after `index`, in as much time."""
    if not 0 < index < len(text):
        return max(0, min(index, len(text)))
    before, after = text[index - 1], text[index]
    if before < _FIRST_COMBINING and after < _FIRST_COMBINING:
        return index + (before == "\r" and after == "\n")
    return next(with_properties(r"\X").finditer(text, index - 1)).end()
