"""Joiners and variation selectors: invisible characters that are meaningful only between certain neighbors.

Emoji families, Persian and the scripts of India need them; elsewhere they carry hidden data. `re` finds the texts that
have any, at a tenth of the cost; only those pay for `regex`, its import and its Unicode properties.
"""

from convirza_mcp.text.graphemes import compiled, with_properties

JOINERS = r"\u200c\u200d"
SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Both, as the content of a character class."""

INVISIBLE = f"[{JOINERS}{SELECTORS}]"
"""Matches one joiner or selector."""

_CROWD = INVISIBLE * 3
_FIRST_OF_CROWD = rf"(?={_CROWD})([{SELECTORS}]?)[{SELECTORS}]*+([{JOINERS}]?){INVISIBLE}*+"

_JOINING_SCRIPT = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        *("Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"),
        *("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    )
)
_LETTER = rf"[[\u02b0-\uffff]&&\p{{L}}&&[{_JOINING_SCRIPT}]]"
_MARK = rf"[[\u02b0-\uffff]&&\p{{M}}&&[{_JOINING_SCRIPT}]]"
_EMOJI = r"\p{Extended_Pictographic}"
_STRAY_JOINER = (
    rf"[{JOINERS}](?:(?<=[\0-\u02af].)(?<![\xa9\xae].)|(?<!"
    rf"[{_EMOJI}\U0001f3fb-\U0001f3ff][\ufe0e\ufe0f]?\u200d(?=[{JOINERS}]?{_EMOJI})"
    # A mark may follow (Bengali ra, joiner, virama), but not also precede: the joiner would split a stack of marks.
    rf"|{_LETTER}.(?=[{JOINERS}]?(?:{_LETTER}|{_MARK}))|{_MARK}.(?=[{JOINERS}]?{_LETTER})"
    "))"
)
_STRAYS = {
    r"[\ufe00-\ufe0f]": r"[\ufe00-\ufe0f](?<=(?:[\0-\x7f\p{M}\p{Z}\p{Cf}]|\A).)(?<![#*0-9][\ufe0e\ufe0f])",
    r"[\U000e0100-\U000e01ef]": r"[\U000e0100-\U000e01ef](?<!\p{Han}.)",
    r"[\u180b-\u180d\u180f]": r"[\u180b-\u180d\u180f](?<![\p{Mongolian}&&\p{L}].)",
    # Last, because no selector stays after a joiner, but an emoji's joiner stays after a selector.
    f"[{JOINERS}]": _STRAY_JOINER,
}
"""Pattern for `re` to search by, with the pattern for `regex` to drop."""


def without_strays(text: str) -> str:
    """Return the text without joiners and variation selectors whose neighbors give them no meaning.

    * ZWJ stays between emoji, also after a skin tone or the variation selector of an emoji; ZWJ and ZWNJ stay between
      letters of the Arabic and Indic scripts, marks included. Of a row of joiners the first counts.
    * One variation selector stays directly after a visible character that is no mark: VS17-256 only after Han,
      Mongolian ones only after Mongolian letters, and in ASCII only VS15 and VS16, after `#`, `*` and digits.
    """
    if compiled(_CROWD).search(text) is not None:
        # Keep the groups. Joining them is four times as fast as a template.
        text = "".join(compiled(_FIRST_OF_CROWD).split(text))
    for concerned, stray in _STRAYS.items():
        if compiled(concerned).search(text) is not None:
            text = with_properties(stray).sub("", text)
    return text
