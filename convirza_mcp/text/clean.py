"""The one place where text typed by strangers is made safe to show. Nothing leaves uncleaned.

Text is cleaned, never refused: every visible character of a message stays. What goes is what a reader cannot see but a
model, a terminal or a parser obeys: control sequences, direction overrides, hidden characters, endless stacks of marks.
"""

import re
import unicodedata
from functools import cache

from convirza_mcp.text import unicode_ranges as ranges
from convirza_mcp.text.character_classes import outside
from convirza_mcp.text.graphemes import grapheme_boundary
from convirza_mcp.text.invisible import JOINERS, SELECTOR_CLASS, SELECTORS, without_any, without_strays
from convirza_mcp.text.mark_stacks import without_stacks
from convirza_mcp.text.terminal import with_windows_1252, without_terminal_sequences

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

_MARKS_BEFORE_COMPOSING = 32
"""Python sorts the marks of one base in quadratic time, so a longer stack is cut before it is composed at all."""

_ROUNDS = 4
"""Ordinary dirt is gone after one. Only text built to that end changes in a third."""

_LINE_SEPARATORS = ("\r\n", "\r", "\v", "\f", "\u2028", "\u2029")
_LINE_SEPARATOR_TABLE = "\v\r\u2028\u2029"

_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """The text without anything hidden or harmful; cleaning it again changes nothing. Takes any `str`, in linear time.

    In this order: composed (NFC), terminal sequences dropped and Windows-1252 bytes read as such
    (`terminal_sequences`), forbidden characters dropped (`unicode_ranges.FORBIDDEN`), every line separator made a line
    feed, joiners and variation selectors kept only where they mean something (`invisible_neighbours`), stacks of
    combining marks cut to eight. Tabs and line feeds stay.
    """
    if text.isascii() and (text.isprintable() or _ASCII_CONTROL.search(text) is None):
        return text
    text = unicodedata.normalize("NFC", without_stacks(text, _MARKS_BEFORE_COMPOSING))
    if _suspicious().search(text) is None:
        # The beginning of a composed row of marks is composed: nothing is left to do after the cut.
        return without_stacks(text)
    swept = _swept(text)
    for _ in range(_ROUNDS):
        cut = without_stacks(swept)
        if cut == text:
            return text
        # What was removed can bring together what then composes, and that, or the cut through a stack, can give an
        # invisible character another neighbour. Nothing composes into what the rest of a sweep removes.
        text = cut if swept == text else unicodedata.normalize("NFC", cut)
        if text == swept:
            return text
        swept = without_strays(text)
    return _plainest(text)


def is_sweeping_needed(text: str) -> bool:
    """Whether `clean` would drop or replace more of it than joiners, variation selectors and combining marks.

    For who compares texts without those: answering this takes a fraction of the time of cleaning.
    """
    if text.isascii():
        return not text.isprintable() and _ASCII_CONTROL.search(text) is not None
    return _swept_away().search(text) is not None


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and `…`, in at most `limit` characters. Of clean text the result is clean.

    The cut never divides what a reader sees as one character (a grapheme), nor stands after a joiner, which would be
    left with nothing to join. A first grapheme that does not fit leaves only `…`. A `limit` below one leaves nothing.
    """
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = grapheme_boundary(text, limit - 1)
    while end and text[end - 1] in "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}":
        end = grapheme_boundary(text, end - 1)
    return text[:end] + ELLIPSIS


def _swept(text: str) -> str:
    """The text after every step but composition and the cutting of stacks."""
    text = with_windows_1252(without_terminal_sequences(text))
    text = _forbidden().sub("", text)
    for separator in _LINE_SEPARATORS:
        text = text.replace(separator, "\n")
    return without_strays(text)


def _plainest(text: str) -> str:
    """Swept text brought to rest for certain, at the price of its joiners and variation selectors.

    Without them nothing depends on neighbours but composition, and the first marks of a composed row are composed.
    """
    text = unicodedata.normalize("NFC", without_stacks(without_any(text)))
    return without_stacks(text)


@cache
def _suspicious() -> re.Pattern[str]:
    return re.compile(f"[^{outside(ranges.FORBIDDEN, _LINE_SEPARATOR_TABLE, JOINERS, SELECTORS)}]")


@cache
def _swept_away() -> re.Pattern[str]:
    return re.compile(f"[^{outside(ranges.FORBIDDEN, _LINE_SEPARATOR_TABLE)}]")


@cache
def _forbidden() -> re.Pattern[str]:
    # With what is dropped goes a variation selector after it, which would otherwise fall to the character before.
    return re.compile(f"[^{outside(ranges.FORBIDDEN)}]+[{SELECTOR_CLASS}]*")
