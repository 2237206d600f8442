"""The written tables are what their generator writes, and what the code takes for granted about them is true."""

import importlib.util
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest
import regex

from convirza_mcp.text import unicode_ranges

SCRIPT = Path(__file__).parents[2] / "scripts" / "unicode_ranges.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("unicode_ranges_generator", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generating_again_writes_the_same(generator: ModuleType) -> None:
    if f"Unicode {generator.unicode_version()}." not in str(unicode_ranges.__doc__):
        pytest.skip("the installed `regex` has the data of another Unicode version")
    assert generator.generated() == Path(str(unicode_ranges.__file__)).read_text(encoding="ascii")


def test_no_mark_stands_among_the_emoji_and_ideographs() -> None:
    """`mark_stacks` and `invisible_neighbours` pass over U+1F000-E00FF without a look at the tables."""
    marks = unicode_ranges.COMBINING_MARKS
    assert [first for first in marks if "\U0001f000" <= first <= "\U000e00ff"] == []


def test_no_mark_beyond_the_first_plane_is_a_letter_to_re() -> None:
    r"""`mark_stacks` takes `\w` for "no mark" there."""
    for first, last in zip(unicode_ranges.COMBINING_MARKS[::2], unicode_ranges.COMBINING_MARKS[1::2], strict=True):
        for code in range(max(ord(first), 0x10000), ord(last) + 1):
            assert not chr(code).isalnum(), hex(code)


def test_no_forbidden_character_comes_from_composing() -> None:
    """Composing is the last step of a round: it must not bring back what was dropped."""
    forbidden = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]")
    for code in range(0x110000):
        composed = unicodedata.normalize("NFC", chr(code))
        assert composed == chr(code) or forbidden.search(composed) is None, hex(code)
