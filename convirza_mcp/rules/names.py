"""Names of agents and business lines as people say them: "maria" for Maria Lopez, "0101" for 18015550101."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from convirza_mcp.business_lines import NO_LINES, BusinessLines, line_label
from convirza_mcp.text.fold import fold, name_key, on_one_line
from convirza_mcp.text.phone import digits_of, is_number_or_part, number_key

_FEWEST_DIGITS = 3
_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not decompose, but that people type as plain letters."""

_UNDIVIDED = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7af"))
"""Scripts that write a name without spaces: each character is a word."""

_WITHIN_A_WORD = re.compile(r"(?<=\w)['-](?=\w)")


def agents_named(text: str, agents: Sequence[str]) -> list[str]:
    """Return the agents with this whole name; else with these whole words; else with words that begin with them."""
    return _best(text, agents, name_key)


def lines_numbered(text: str, lines: Sequence[str], names: BusinessLines = NO_LINES) -> list[str]:
    """Return the lines with this number in any format; else those that end with its digits, else those with them.

    A line with a name, from Convirza or from the business, is found like an agent.
    """
    is_number = bool(digits_of(text)) and not any(map(str.isalpha, text))
    if is_number and ((found := _of_number(text, lines)) or not names):
        return found
    if not names:
        return _best(text, lines, number_key)
    if whole := [each for each in lines if name_key(line_label(each, names)) == name_key(text)]:
        return whole
    by_name: dict[str, list[str]] = {}
    for each in lines:
        line = names.get(number_key(each))
        name = "" if line is None else line.name
        if name or not is_number:
            by_name.setdefault(name or each, []).append(each)
    return [each for name in _best(text, list(by_name), number_key) for each in by_name[name]]


def _of_number(text: str, lines: Sequence[str]) -> list[str]:
    key, digits = number_key(text), digits_of(text)
    if whole := [each for each in lines if number_key(each) == key]:
        return whole
    if len(digits) < _FEWEST_DIGITS:
        return []
    ending = [each for each in lines if digits_of(each).endswith(digits)]
    return ending or [each for each in lines if is_number_or_part(digits, digits_of(each))]


def _best(text: str, names: Sequence[str], key_of: Callable[[str], str]) -> list[str]:
    key, words = key_of(text), _words(text)
    by_words = {each: _words(each) for each in names}
    if whole := [each for each, its in by_words.items() if key_of(each) == key or (words and its == words)]:
        return whole
    if not words:
        return []
    # People also write O'Rourke as one word.
    by_words = {each: [*its, *_words(_WITHIN_A_WORD.sub("", fold(each)))] for each, its in by_words.items()}
    if found := [each for each, its in by_words.items() if set(words) <= set(its)]:
        return found
    return [each for each, its in by_words.items() if all(any(one.startswith(word) for one in its) for word in words)]


def _words(name: str) -> list[str]:
    """Return the words of a name for comparison: without case, accents, strokes and separators."""
    divided = "".join(
        f" {each} " if any(first <= each <= last for first, last in _UNDIVIDED) else each if _is_letter(each) else " "
        for each in fold(on_one_line(name)).translate(_LETTERS)
    )
    return divided.split()


def _is_letter(character: str) -> bool:
    # Python does not count a vowel sign of an Indic script as a letter.
    return character.isalnum() or unicodedata.category(character)[0] == "M"
