import pytest

from convirza_mcp.errors import BadRequestError, ServerError
from convirza_mcp.tools.failure import sentence_for

TOKEN = "CNVZ-AT-7f3e9d-0123456789abcdef"


def rejected(words: str | None) -> BadRequestError:
    return BadRequestError("Rejected (400).", status=400, request_id="abc-1", upstream_words=words)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("start must be within 31 days", "start must be within 31 days"),
        ("two\nlines\x1b[31m \u202eand\u200b more", "two lines and more"),
        ('a "quoted" word', "a 'quoted' word"),
        ("number 18015551234", "number …"),
        ("number +1 (801) 555-1234.", "number +…."),
        ("number 801.555.1234", "number …"),
        (f"token {TOKEN}", "token …"),
        ("order 123456 is fine", "order 123456 is fine"),
        ("x" * 19 + " " + "word " * 100, "x" * 19 + " " + "word " * 35 + "word…"),
    ],
)
def test_convirza_s_words_are_shown_without_what_is_private(words: str, shown: str) -> None:
    given = {"limit": 7, "type": "allOpen", "start": "30d"}

    assert sentence_for(rejected(words), given) == (
        f'Rejected (400). Convirza\'s request id: abc-1. Convirza said: "{shown}"'
    )


@pytest.mark.parametrize("words", [None, "", " \u200b "])
def test_without_words_the_sentence_stands_alone(words: str | None) -> None:
    assert sentence_for(rejected(words), {}) == "Rejected (400). Convirza's request id: abc-1."


def test_other_refusals_never_show_convirza_s_words() -> None:
    fault = ServerError("Failed.", status=500, upstream_words="stack trace of 18015551234")

    assert sentence_for(fault, {}) == "Failed."


@pytest.mark.parametrize("argument", ["search", "query", "agent", "phone_number"])
@pytest.mark.parametrize("echo", ["Zyxwv Qanary", "Zyxwv+Qanary", "Zyxwv &amp; Qanary", "Zyxwv Qan..."])
def test_with_words_of_the_caller_s_own_convirza_s_are_not_shown(argument: str, echo: str) -> None:
    assert sentence_for(rejected(f"no match for {echo}"), {argument: "Zyxwv Qanary"}) == (
        "Rejected (400). Convirza's request id: abc-1."
    )
