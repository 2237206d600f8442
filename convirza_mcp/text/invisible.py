"""Joiners and variation selectors: invisible characters that only mean something between the right neighbours.

Emoji families, Persian and the scripts of India need them; anywhere else they carry hidden data.
"""

import re
from functools import cache

from convirza_mcp.text import unicode_ranges as ranges
from convirza_mcp.text.character_classes import one_of

JOINERS = "\u200c\u200d"
SELECTORS = "\u180b\u180d\u180f\u180f\ufe00\ufe0f\U000e0100\U000e01ef"
"""Both as tables like those of `unicode_ranges`."""

SELECTOR_CLASS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""The selectors as they stand between brackets."""

_JOINER = r"[\u200c\u200d]"
_EITHER = rf"[\u200c\u200d{SELECTOR_CLASS}]"

_ASCII = "\x00\x7f"
_SKIN_TONES = "\U0001f3fb\U0001f3ff"
_PRESENTATION = "\ufe0e\ufe0f"


def without_strays(text: str) -> str:
    """The text without joiners and variation selectors whose neighbours give them no meaning.

    * ZWJ stays between emoji, also after a skin tone or the variation selector of an emoji; ZWJ and ZWNJ stay between
      letters of the Arabic and Indic scripts, marks included. Of a row of joiners the first counts.
    * One variation selector stays directly after a visible character that is no mark: VS17-256 only after Han,
      Mongolian ones only after Mongolian letters, and in ASCII only VS15 and VS16, after `#`, `*` and digits.
    """
    if _compiled(_EITHER * 3).search(text) is not None:
        # What the groups hold stays; joined like this instead of by a template, which takes four times as long.
        text = "".join(_first_of_crowd().split(text))
    # Joiners last: no selector stays after a joiner, but an emoji's joiner stays after a selector.
    for concerned, stray in (
        (r"[\ufe00-\ufe0f]", _stray_selector),
        (r"[\U000e0100-\U000e01ef]", _stray_han_selector),
        (r"[\u180b-\u180d\u180f]", _stray_mongolian_selector),
        (_JOINER, _stray_joiner),
    ):
        # Compiling a set takes milliseconds: only for texts that need it.
        if _compiled(concerned).search(text) is not None:
            text = stray().sub("", text)
    return text


def without_any(text: str) -> str:
    """The text without any joiner or variation selector."""
    return _compiled(_EITHER).sub("", text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _first_of_crowd() -> re.Pattern[str]:
    return re.compile(rf"(?={_EITHER * 3})([{SELECTOR_CLASS}]?)[{SELECTOR_CLASS}]*+({_JOINER}?){_EITHER}*+")


@cache
def _stray_joiner() -> re.Pattern[str]:
    emoji = one_of(ranges.EXTENDED_PICTOGRAPHIC)
    toned = one_of(ranges.EXTENDED_PICTOGRAPHIC, _SKIN_TONES)
    letters = one_of(ranges.JOINED_LETTERS)
    marks = one_of(ranges.JOINED_MARKS)
    either = one_of(ranges.JOINED_LETTERS, ranges.JOINED_MARKS)
    return re.compile(
        rf"{_JOINER}(?!"
        rf"(?:(?<={toned}\u200d)|(?<={toned}[{_PRESENTATION}]\u200d))(?={_JOINER}?{emoji})"
        # A mark may follow (Bengali ra, joiner, virama), but not also precede: the joiner would split a stack of marks.
        rf"|(?<={letters}.)(?={_JOINER}?{either})|(?<={marks}.)(?={_JOINER}?{letters})"
        ")",
        re.DOTALL,
    )


@cache
def _stray_selector() -> re.Pattern[str]:
    not_a_base = one_of(ranges.COMBINING_MARKS, ranges.SPACES_AND_FORMATS, _ASCII)
    return re.compile(
        r"[\ufe00-\ufe0f](?<![#*0-9][\ufe0e\ufe0f])"
        # Emoji and ideographs: true of them already, and said so without a walk.
        r"(?<![\U0001f000-\U000e00ff].)"
        rf"(?:(?<=\A.)|(?<={not_a_base}.))",
        re.DOTALL,
    )


@cache
def _stray_han_selector() -> re.Pattern[str]:
    return re.compile(rf"[\U000e0100-\U000e01ef](?<!{one_of(ranges.HAN)}.)", re.DOTALL)


@cache
def _stray_mongolian_selector() -> re.Pattern[str]:
    return re.compile(rf"[\u180b-\u180d\u180f](?<!{one_of(ranges.MONGOLIAN_LETTERS)}.)", re.DOTALL)
