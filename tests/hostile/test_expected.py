"""Each hostile text by itself: what the table of expected outputs says is what the cleaning makes of it."""

import pytest

from convirza_mcp.sandbox.hostile.rows import hostile_texts
from convirza_mcp.sandbox.hostile.texts import CARRIERS
from convirza_mcp.text.clean import clean
from hostile.expected import FILE, Expected, expected
from hostile.leaves import faults_of
from hostile.visible import read_visible, visible

each_text = pytest.mark.parametrize("text", expected(), ids=lambda text: text.id)


def test_the_table_holds_every_text_of_the_sandbox_once() -> None:
    assert [(each.id, each.raw) for each in expected()] == [(each.id, each.text) for each in hostile_texts()]


def test_there_is_one_of_every_class_in_every_carrier() -> None:
    kinds = {each.kind for each in expected()}
    assert len(expected()) == len(kinds) * len(CARRIERS) >= 80
    assert {(each.kind, each.carrier) for each in expected()} == {(kind, each) for kind in kinds for each in CARRIERS}


def test_the_table_can_be_read_by_eye() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert {character for character in text if not " " <= character <= "~"} == {*"\n\t«»×"}
    for each in expected():
        for part in (each.raw, each.cleaned, each.shown or ""):
            assert read_visible(visible(part)) == part


@each_text
def test_each_hostile_text_is_cleaned_as_the_table_says(text: Expected) -> None:
    assert clean(text.raw) == text.cleaned
    assert clean(text.cleaned) == text.cleaned


def test_what_the_table_says_keeps_the_rules() -> None:
    for text in expected():
        assert faults_of(text.cleaned) == [], text.id
        assert faults_of(text.shown or "") == [], text.id
