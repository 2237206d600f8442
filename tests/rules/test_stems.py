"""The quick look that says of most messages that they ask for nothing: it misses no phrase."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convirza_mcp.rules.messages import _PATTERNS


@pytest.mark.long
@pytest.mark.parametrize("name", ["REQUEST", "KEYWORDS", "WEAK", "ABOUT_CALLS"])
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_whatever_a_pattern_finds_has_a_stem(name: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(_PATTERNS[name], fullmatch=True))

    assert _PATTERNS["STEM"].search(text)
