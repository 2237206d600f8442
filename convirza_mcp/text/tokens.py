"""Estimate how many tokens a text costs a model, without a tokenizer.

The numbers follow o200k, counted with `tiktoken` (see `benchmarks/o200k.py --calibration`) over real SMS, sentences in
40 languages and noise. They overestimate: a host cuts a result above its limit, while a smaller result only has a row
or two fewer.

* A match of `_UNITS` costs one token, as most such pieces do: up to seven letters with the space or mark before them,
  three capitals, three digits, JSON's punctuation in groups, a run of one mark; in other alphabets as many letters as
  a token holds on average.
* A match of `_ODD`, two letters that are rarely adjacent in English, costs more: merges stop there. It distinguishes
  typing noise and base64 from words.
* A match of `_EXTRA` adds what accents, and runs of letters longer than any word, cost above their units.
* From U+2000 on, where tokens are mostly single characters, each class has its mean cost per character. Frequent Han
  characters and Hangul syllables are cheap, and written language has one every few characters: a run of six without
  one is noise, or as expensive as noise, and costs `_NOISE_EXTRA`.
"""

import math

from convirza_mcp.text.graphemes import compiled

_MARKS = (
    r"[0-9]{1,3}"
    # A space belongs to the following word, but not to a number.
    r"| (?=[0-9])| {2,64}"
    r'|[",:\[\]{}\n]{1,4}'
    r"|:?/+|\.{1,32}|!{1,8}|-{1,32}|={1,32}|\*{1,16}|_{1,16}|#{1,8}|\?{1,8}|[#-+/;<>@\\^`|~]"
    r"|[\t\r]{1,16}|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_ASCII_UNITS = r"[ _/.=&?-]?[A-Z]?[a-z]{1,7}(?:'[a-z]{1,2})?| ?[A-Z]{1,3}|" + _MARKS
_UNITS = (
    r"[ _/.=&?-]?[A-ZÀ-ÞĀ-ɏ]?[a-zß-öø-ʯḀ-ỿ]{1,7}(?:'[a-z]{1,2})?| ?[A-Z]{1,3}"
    r"|[\u0400-\u052f]{1,4}|[\u0370-\u03ff\u0530-\u06ff\u0900-\u0eff\u10a0-\u10ff]{1,3}|[\u1000-\u109f\u1780-\u17ff]{1,2}"
    r"|[^\x00-\x80]|" + _MARKS
)
_ODD_COST = 1.2
_ODD = (
    "[bcdfghjkpqtvwxzBCDFGHJKPQTVWXZ][bcdfgjkmnpqvwxzBCDFGJKMNPQVWXZ]|[jqxzJQXZ][a-zA-Z]|aa|ii|uu|"
    "[lmnrsLMNRS][bfjqvwxzBFJQVWXZ]"
)
_ACCENTED = r"[\xc0-\u1fff]+"
_EXTRA = (
    ("[À-ÿ]", 0.8),
    ("[Ā-ʯ]", 1.2),
    (r"[\u00c0-\u06ff\u0900-\u0dff\u10a0-\u10ff]{16}", 8.0),
    (r"[\u0370-\u05ff]{8}", 0.3),
    # Thai is written without spaces.
    (r"[\u0e00-\u0eff]{12}", 1.0),
    (r"[\u0700-\u08ff\u0f00-\u0fff\u1100-\u177f\u1800-\u1dff]", 1.6),
)

_HIGH = "[\u2000-\U0010ffff]+"
_EAST = "\u3131-\u318e\u3400-\u9fff\uac00-\ud7a3"
_FREQUENT = (
    # All kana, then Han, then Hangul.
    "[\u3041-\u30ff"
    "的一是不了我有在人这這中大来來上个個到说說们們你您时時会會要就以可好吗嗎什么麼没沒那得下能过過去他她为為对對多天请請今明"
    "이다는하고을에가지의요기은해사세니도습안있어주로시나서를한들만ㅋㅎㅠㅜ]+"
)
_FREQUENT_PRICE = 0.57
_NOISE = f"[{_EAST}]{{6}}"
_NOISE_EXTRA = 6.6
_COMMON_EMOJI = "★☆♥♦♪✅✓✔❤👉👍😀😂😉😊🙂"
# Typographic marks, the euro, joiners, fullwidth marks, the commonest emoji.
_PLAIN = "[\u2000-\u206f\u20ac\u3000-\u3020\ufe0f\uff01-\uff20" + _COMMON_EMOJI + _EAST + "]+"
# Emoji, styled letters, symbols.
_SYMBOLS = "[\u2070-\u20ab\u20ad-\u2fff\ufe10-\ufe1f\U0001d400-\U0001faff]+"
_PLAIN_PRICE, _SYMBOL_PRICE, _OTHER_PRICE = 1.0, 2.4, 3.3


def _characters(pattern: str, text: str) -> int:
    return len("".join(compiled(pattern).findall(text)))


def _low_cost(text: str) -> float:
    accented = " ".join(compiled(_ACCENTED).findall(text))
    return (
        len(compiled(_UNITS).findall(text))
        + _ODD_COST * len(compiled(_ODD).findall(text))
        + sum(cost * len(compiled(pattern).findall(accented)) for pattern, cost in _EXTRA)
    )


def _high_cost(text: str) -> float:
    rest = compiled(_FREQUENT).sub(" ", text)
    frequent = _characters(_FREQUENT, text)
    plain = _characters(_PLAIN, rest)
    symbols = _characters(_SYMBOLS, compiled(_PLAIN).sub(" ", rest))
    others = _characters(_HIGH, rest) - plain - symbols
    return (
        _FREQUENT_PRICE * frequent
        + _PLAIN_PRICE * plain
        + _SYMBOL_PRICE * symbols
        + _OTHER_PRICE * others
        + _NOISE_EXTRA * len(compiled(_NOISE).findall(rest))
    )


def estimate_tokens(text: str) -> int:
    """Estimate the o200k tokens of `text`: 0 for the empty string, at least 1 for any other."""
    if text.isascii():
        # The same as below, in half the time: most results are ASCII.
        cost = len(compiled(_ASCII_UNITS).findall(text)) + _ODD_COST * len(compiled(_ODD).findall(text))
    else:
        # U+0080 keeps the words apart that stood around what is taken out.
        cost = _low_cost(compiled(_HIGH).sub("\x80", text)) + _high_cost(" ".join(compiled(_HIGH).findall(text)))
    return max(math.ceil(cost), 1) if text else 0
