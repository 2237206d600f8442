"""Reactions that arrive as texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.rules.messages import is_reaction, stop_request
from field import cases

CASES = [
    pytest.param(each["input"], each["expected"] == "reaction", id=each["input"][:40]) for each in cases("reactions")
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_reaction_is_told_from_a_message(text: str, expected: bool) -> None:
    assert is_reaction(text) is expected


@pytest.mark.parametrize("quoted", ["STOP", "Reply STOP to opt out.", "please stop texting me"])
@pytest.mark.parametrize("form", ["Liked “{}”", 'Loved "{}"', "👍 to “{}”", "Le gustó “{}”", "Laughed at “{}…"])
def test_a_reaction_never_asks_to_stop(form: str, quoted: str) -> None:
    assert is_reaction(form.format(quoted))
    assert stop_request(form.format(quoted)) is None


@given(st.text() | st.text("Liked “”\"'⟨ a\n"))
def test_any_text_can_be_judged(text: str) -> None:
    assert is_reaction(text) in (True, False)
