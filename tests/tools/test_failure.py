import pytest

from convirza_mcp.errors import RequestRejected, UpstreamFault
from convirza_mcp.tools.failure import sentence_for

TOKEN = "CNVZ-AT-7f3e9d-0123456789abcdef"


def rejected(words: str | None) -> RequestRejected:
    return RequestRejected("Rejected (400).", status=400, request_id="abc-1", upstream_words=words)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("start must be within 31 days", "start must be within 31 days"),
        ("two\nlines\x1b[31m \u202eand\u200b more", "two lines and more"),
        ('a "quoted" word', "a 'quoted' word"),
        ("no match for Zyxwv Qanary", "no match for …"),
        ("no match for ZYXWV  qanary", "no match for …"),
        ("number 18015551234", "number …"),
        ("number +1 (801) 555-1234.", "number +…."),
        ("number 801.555.1234", "number …"),
        (f"token {TOKEN}", "token …"),
        ("order 123456 is fine", "order 123456 is fine"),
        ("x" * 19 + " " + "word " * 100, "x" * 19 + " " + "word " * 35 + "word…"),
    ],
)
def test_convirza_s_words_are_shown_without_what_is_private(words: str, shown: str) -> None:
    given = {"search": "Zyxwv Qanary", "limit": 7, "type": "a"}

    assert sentence_for(rejected(words), given) == (
        f'Rejected (400). Convirza\'s request id: abc-1. Convirza said: "{shown}"'
    )


@pytest.mark.parametrize("words", [None, "", " \u200b "])
def test_without_words_the_sentence_stands_alone(words: str | None) -> None:
    assert sentence_for(rejected(words), {}) == "Rejected (400). Convirza's request id: abc-1."


def test_other_refusals_never_show_convirza_s_words() -> None:
    fault = UpstreamFault("Failed.", status=500, upstream_words="stack trace of 18015551234")

    assert sentence_for(fault, {}) == "Failed."
