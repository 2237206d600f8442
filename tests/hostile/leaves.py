"""Every string of an answer, and what is wrong with it: the cleaning rules read anew, with Unicode's own properties."""

import unicodedata
from collections.abc import Iterator
from typing import Any

import regex

NEVER = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]"
    r"--[\t\n]--\p{Join_Control}--\p{Variation_Selector}--\p{Prepended_Concatenation_Mark}]",
    regex.VERSION1,
)
"""What may leave nowhere, whatever stands beside it."""

_SCRIPTS = "|".join(
    rf"\p{{scx={script}}}"
    for script in ("Arab", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh")
)
_JOINED = rf"[\p{{L}}\p{{M}}&&[{_SCRIPTS.replace('|', '')}]]"
_EMOJI = r"\p{Extended_Pictographic}"
_MISPLACED = {
    "a joiner without neighbours to join": (
        rf"(?<!{_EMOJI}|{_EMOJI}[\ufe0e\ufe0f]|\p{{Emoji_Modifier}}|\p{{Emoji_Modifier}}[\ufe0e\ufe0f]|{_JOINED})\u200d"
        rf"|\u200d(?!{_EMOJI}|{_JOINED})|(?<!{_JOINED})\u200c|\u200c(?!{_JOINED})"
    ),
    "a selector without a base": r"(?:\A|[\s\p{Z}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{M}])\p{Variation_Selector}",
    "a selector after ASCII": (
        r"[\x00-\x7f&&[^#*0-9]]\p{Variation_Selector}|[#*0-9][\p{Variation_Selector}--[\ufe0e\ufe0f]]"
    ),
    "a supplementary selector not after Han": r"(?<!\p{Script=Han})[\U000e0100-\U000e01ef]",
    "a stack of marks": r"\p{M}{9}",
}
_RULES = {name: regex.compile(pattern, regex.VERSION1) for name, pattern in _MISPLACED.items()}


def faults_of(text: str) -> list[str]:
    """What the text should not hold, in words; nothing where it is clean."""
    found = [f"U+{ord(each):04X}" for each in NEVER.findall(text)]
    found += [name for name, rule in _RULES.items() if rule.search(text)]
    return found if unicodedata.is_normalized("NFC", text) else [*found, "not composed"]


def leaves_of(value: Any) -> Iterator[str]:
    """Every string in JSON, the keys of objects too."""
    match value:
        case str():
            yield value
        case dict():
            for key, each in value.items():
                yield key
                yield from leaves_of(each)
        case list():
            for each in value:
                yield from leaves_of(each)


def assert_clean(value: Any) -> None:
    for leaf in leaves_of(value):
        assert not (faults := faults_of(leaf)), (faults, ascii(leaf)[:300])
