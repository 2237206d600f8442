"""Writes `convirza_mcp/text/unicode_ranges.py` out of the Unicode data inside the PyPI package `regex`.

    python scripts/unicode_ranges.py

The package needs properties that `unicodedata` lacks (emoji, default-ignorable, grapheme breaks), the same ones on
every Python it runs on. `regex` is a development dependency only; its Unicode version goes into the written file.
"""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import regex

TARGET = Path(__file__).resolve().parent.parent / "convirza_mcp" / "text" / "unicode_ranges.py"

_EVERY_CODE_POINT = "".join(map(chr, range(0x110000)))

_HEADER = '''"""Sets of code points of Unicode {version}. Written by `scripts/unicode_ranges.py`: do not edit.

Each string holds ranges: first character, last character, first, last, and so on, ascending.
"""
'''

_JOINED = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        *("Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"),
        *("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    )
)

_FORBIDDEN = (
    r"[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]"
    r"--[\t\n\v\f\r]--\p{Join_Control}--\p{Variation_Selector}--\p{Prepended_Concatenation_Mark}]"
)
_FORBIDDEN_MEANS = """What never leaves, wherever it stands. Not in it: white space that becomes a line feed; joiners
and variation selectors, whose neighbours decide; unassigned code points, or emoji newer than this table would go; and
visible format characters such as the Arabic year sign, which Unicode calls prepended concatenation marks."""

TABLES = {
    "FORBIDDEN": (_FORBIDDEN, _FORBIDDEN_MEANS),
    "COMBINING_MARKS": (r"\p{M}", "General category M."),
    "EXTENDED_PICTOGRAPHIC": (r"\p{Extended_Pictographic}", "Emoji, and what Unicode reserves for future ones."),
    "SPACES_AND_FORMATS": (r"[\p{Z}\p{Cf}]", "General categories Z and Cf."),
    "HAN": (r"\p{Script=Han}", "Script Han."),
    "MONGOLIAN_LETTERS": (r"[\p{Script=Mongolian}&&\p{L}]", "Letters of the script Mongolian."),
    "JOINED_LETTERS": (
        rf"[[{_JOINED}]&&\p{{L}}&&[\x00-\uffff]]",
        "Letters below U+10000 of the Arabic script, Devanagari and its nine sisters, Bengali to Sinhala.",
    ),
    "JOINED_MARKS": (rf"[[{_JOINED}]&&\p{{M}}&&[\x00-\uffff]]", "Combining marks of the same scripts."),
    "GRAPHEME_CONTROL": (r"[\p{GCB=Control}\r\n]", "Grapheme_Cluster_Break=Control, CR or LF."),
    "GRAPHEME_EXTEND": (
        r"[\p{GCB=Extend}--\p{InCB=Linker}--\p{Join_Control}]",
        "Grapheme_Cluster_Break=Extend, but for linkers and the non-joiner.",
    ),
    "GRAPHEME_PREPEND": (r"\p{GCB=Prepend}", "Grapheme_Cluster_Break=Prepend."),
    "GRAPHEME_SPACING_MARK": (r"\p{GCB=SpacingMark}", "Grapheme_Cluster_Break=SpacingMark."),
    "HANGUL_L": (r"\p{GCB=L}", "Grapheme_Cluster_Break=L."),
    "HANGUL_V": (r"\p{GCB=V}", "Grapheme_Cluster_Break=V."),
    "HANGUL_T": (r"\p{GCB=T}", "Grapheme_Cluster_Break=T."),
    "CONJUNCT_CONSONANT": (r"\p{InCB=Consonant}", "Indic_Conjunct_Break=Consonant."),
    "CONJUNCT_LINKER_MARKS": (
        r"[\p{InCB=Linker}&&\p{GCB=Extend}]",
        "Indic_Conjunct_Break=Linker and Grapheme_Cluster_Break=Extend.",
    ),
    "CONJUNCT_LINKER_LETTERS": (r"[\p{InCB=Linker}--\p{GCB=Extend}]", "The other linkers, which begin a grapheme."),
}
"""Each table's name, the set in the notation of `regex` (version 1) and what it is."""


def unicode_version() -> str:
    """The version whose data the installed `regex` carries, which only its description tells."""
    found = re.search(r"supports Unicode (\d+\.\d+\.\d+)", metadata.metadata("regex")["Description"])
    if found is None:
        raise LookupError("the description of `regex` no longer names its Unicode version")
    return found[1]


def _literals(pattern: str) -> Iterator[str]:
    """The set's ranges as string literals: first and last character of each range, one after the other."""
    line = ""
    for run in regex.finditer(f"{pattern}+", _EVERY_CODE_POINT, regex.VERSION1):
        pair = "".join(_escape(code) for code in (run.start(), run.end() - 1))
        if len(line) + len(pair) > 112:
            yield f'"{line}"'
            line = ""
        line += pair
    yield f'"{line}"'


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def generated() -> str:
    """The whole file."""
    parts = [_HEADER.format(version=unicode_version())]
    for name, (pattern, meaning) in TABLES.items():
        lines = list(_literals(pattern))
        value = lines[0] if len(lines) == 1 else "(\n    " + "\n    ".join(lines) + "\n)"
        parts.append(f'{name} = {value}\n"""{meaning}"""\n')
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(generated(), encoding="ascii")
