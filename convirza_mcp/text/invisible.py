"""Joiners and variation selectors: invisible characters that are meaningful only between certain neighbors.

Emoji families, Persian and the scripts of India need them; elsewhere they carry hidden data. `re` finds the texts that
have any, at a tenth of the cost; only those pay for `regex`, its import and its Unicode properties.
"""

from functools import cache

from convirza_mcp.text.graphemes import compiled, with_properties

JOINERS = r"\u200c\u200d"
SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Both, as the content of a character class."""

INVISIBLE = f"[{JOINERS}{SELECTORS}]"
"""Matches one joiner or selector."""

_JOINER = f"[{JOINERS}]"
_CROWD = INVISIBLE * 3
_WHOLE_CROWD = (
    rf"{INVISIBLE}(?={INVISIBLE}{{2}})"
    rf"(?:(?<=([{SELECTORS}]))[{SELECTORS}]*+([{JOINERS}]?)|(?<=([{JOINERS}]))){INVISIBLE}*+"
)
"""Captures the selector and the joiner that count."""

_JOINING_SCRIPT = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        *("Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"),
        *("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    )
)
_STRAY_SELECTORS = {
    r"[\ufe00-\ufe0f]": r"[\ufe00-\ufe0f](?<=(?:[\0-\x7f\p{M}\p{Z}\p{Cf}]|\A).)(?<![#*0-9][\ufe0e\ufe0f])",
    r"[\U000e0100-\U000e01ef]": r"[\U000e0100-\U000e01ef](?<![\p{Han}--\p{M}].)",
    r"[\u180b-\u180f]": r"[\u180b-\u180d\u180f](?<![\p{Mongolian}&&\p{L}].)",
}
"""Pattern for `re` to search by, with the pattern for `regex` to drop."""

_LETTER, _MARK = (rf"[\p{{{category}}}&&[\u02b0-\uffff]&&[{_JOINING_SCRIPT}]]" for category in "LM")
_EMOJI = r"\p{Extended_Pictographic}"

_FLOOD = 10_000
"""Length of a text that takes longer to search than the pattern of floods takes to make."""


def without_strays(text: str) -> str:
    """Return the text without joiners and variation selectors whose neighbors give them no meaning.

    * ZWJ stays between emoji, also after a skin tone or the variation selector of an emoji; ZWJ and ZWNJ stay between
      letters of the Arabic and Indic scripts, marks included. Of a row of joiners the first counts.
    * One variation selector stays directly after a visible character that is no mark: VS17-256 only after Han,
      Mongolian ones only after Mongolian letters, and in ASCII only VS15 and VS16, after `#`, `*` and digits.
    """
    if compiled(_CROWD).search(text) is not None:
        # Keep the groups. Joining them is four times as fast as a template.
        text = "".join(filter(None, compiled(_WHOLE_CROWD).split(text)))
    for concerned, stray in _STRAY_SELECTORS.items():
        if compiled(concerned).search(text) is not None:
            text = with_properties(stray).sub("", text)
    # Last, because no selector stays after a joiner, but an emoji's joiner stays after a selector.
    if compiled(_JOINER).search(text) is None:
        return text
    if len(text) < _FLOOD:
        return with_properties(_stray_joiner(_LETTER, _MARK, _EMOJI)).sub("", text)
    return "".join(compiled(_stray_joiner_of_floods()).split(text))


@cache
def _stray_joiner(letter: str, mark: str, emoji: str) -> str:
    base = rf"[{emoji}\U0001f3fb-\U0001f3ff]"
    return (
        # Most are decided by one look at a neighbor: Latin text and its marks join nothing.
        rf"(?s)[{JOINERS}](?:(?![{JOINERS}\xa9\xae\u02b0-\u02ff\u0370-\U0001ffff])"
        r"|(?<=[\0-\xa8\xaa-\xad\xaf-\u02af\u0300-\u036f].)|(?!"
        rf"(?:(?<={base}\u200d)|(?<=[\ufe0e\ufe0f]\u200d)(?<={base}..))[{JOINERS}]?[{emoji}]"
        # A mark may follow (Bengali ra, joiner, virama), but not also precede: the joiner would split a stack of marks.
        rf"|(?<=[{letter}].)[{JOINERS}]?[{letter}{mark}]|(?<=[{mark}].)[{JOINERS}]?[{letter}]))"
    )


@cache
def _stray_joiner_of_floods() -> str:
    """Return the same pattern for `re`, which decides in half the time."""
    # All blocks of Unicode that may have such characters: none of Chinese or Korean, and beyond U+FFFF only emoji.
    blocks = ((0xA9, 0xAF), (0x2B0, 0x3400), (0xA800, 0xAC00), (0xFB00, 0x10000), (0x1F000, 0x20000))
    characters = "\0".join("".join(map(chr, range(*block))) for block in blocks)
    runs = (with_properties(f"{each}+").findall(characters) for each in (_LETTER, _MARK, _EMOJI))
    return _stray_joiner(*("".join(f"{run[0]}-{run[-1]}" for run in of_kind) for of_kind in runs))
