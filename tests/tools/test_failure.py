from typing import Annotated, Literal

import pytest

from convirza_mcp.errors import BadRequestError, ServerError
from convirza_mcp.tools.failure import Failure, sentences_for
from convirza_mcp.tools.list_sms_changes import ChangesArguments
from convirza_mcp.tools.list_sms_conversations import ListArguments
from convirza_mcp.tools.schema import CLOSED_FORM, Arguments, closed_arguments
from convirza_mcp.tools.search_sms_messages import SearchArguments

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
    assert sentences_for(rejected(words), has_callers_text=False) == (
        f'Rejected (400). Convirza\'s request id: abc-1. Convirza said: "{shown}"'
    )


@pytest.mark.parametrize("words", [None, "", " \u200b "])
def test_without_words_the_sentence_stands_alone(words: str | None) -> None:
    assert sentences_for(rejected(words), has_callers_text=False) == "Rejected (400). Convirza's request id: abc-1."


def test_other_refusals_never_show_convirza_s_words() -> None:
    fault = ServerError("Failed.", status=500, upstream_words="stack trace of 18015551234")

    assert sentences_for(fault, has_callers_text=False) == "Failed."


@pytest.mark.parametrize("echo", ["Zyxwv Qanary", "Zyxwv+Qanary", "Zyxwv &amp; Qanary", "Zyxwv Qan..."])
def test_with_words_of_the_caller_s_own_convirza_s_are_not_shown(echo: str) -> None:
    assert sentences_for(rejected(f"no match for {echo}"), has_callers_text=True) == (
        "Rejected (400). Convirza's request id: abc-1."
    )


def test_only_choices_numbers_and_times_are_no_text_of_the_caller_s() -> None:
    assert closed_arguments(ListArguments) == {"offset", "limit", "type", "order", "start", "end", "detail"}
    assert closed_arguments(ChangesArguments) == {"since", "type", "limit"}
    closed = {"by_time", "target_minutes", "type", "start", "end", "limit", "after"}
    assert closed_arguments(SearchArguments) == closed


def test_a_new_argument_of_text_is_the_caller_s_unless_it_says_otherwise() -> None:
    class New(Arguments):
        about: str | None = None
        count: int = 0
        mood: Literal["good", "bad"] = "good"
        when: Annotated[str | None, CLOSED_FORM] = None

    assert closed_arguments(New) == {"count", "mood", "when"}


def test_the_text_of_a_failure_ends_with_its_code() -> None:
    assert Failure("Rejected. Change it.", "bad_request").text == "Rejected. Change it. [bad_request]"
