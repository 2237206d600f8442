"""Sentences that say what is wrong and what to do, taken apart."""

import pytest

from convirza_mcp.setup.doctor.finding import said_apart


@pytest.mark.parametrize(
    ("sentence", "apart"),
    [
        ("It lies open: run this.", ("It lies open", "Run this.")),
        (
            "It has ended: it was refused (401); log in again with `x`.",
            ("It has ended: it was refused (401)", "Log in again with `x`."),
        ),
        ("It is busy; try again in a minute.", ("It is busy", "Try again in a minute.")),
        ("No key: nothing read. It lies open: run this.", ("No key: nothing read. It lies open", "Run this.")),
        ("It failed.", ("It failed", "")),
    ],
)
def test_a_sentence(sentence: str, apart: tuple[str, str]) -> None:
    assert said_apart(sentence) == apart
