"""The page of error sentences: each is really said, none that can be met is missing."""

import re

import pytest

from convirza_mcp import errors
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.scan.results import Gap
from convirza_mcp.setup import errors as setup_errors
from convirza_mcp.tools import tool_named
from convirza_mcp.tools.schema import read_arguments
from support.documents import text_of
from support.sentences import expression, raised, said, without_remedy
from support.snapshots import read_sentences

PAGE = "docs/troubleshooting.md"
QUOTES = re.findall(r"^> (.+)$", text_of(PAGE), re.MULTILINE)
# A program of one's own may meet these, at the typed client; whoever runs convirza-mcp cannot.
OF_THE_CLIENT = (
    "`offset` takes a whole number from 0 to ….",
    "`conversation_id` takes a whole number from 0 to ….",
    "`type` takes one of ….",
    "`search` takes text of 1 to … characters.",
    "`end` takes a time after `start`.",
    "`…` takes a date-time with its zone.",
)
# No demo can fail in this way but by a mistake in it.
OF_NOBODY = ("the demo's server answered with an error",)
# What is put together from pieces: other tests have these really said, and one is said here.
PUT_TOGETHER = [sentence for sentences in read_sentences().values() for sentence in sentences]
PUT_TOGETHER += re.findall(r"^\* Error: `(.+)`$", text_of("docs/settings.md"), re.MULTILINE)
try:
    read_arguments(tool_named("summarize_sms_inbox").arguments, {"group_by": "mood"})
except InvalidArgumentError as refused:
    PUT_TOGETHER.append(str(refused))
_SHORTEST_PIECE = 12
_LONG_ENOUGH = 25


def test_no_sentence_is_missing() -> None:
    wanted = raised() - {*OF_THE_CLIENT, *OF_NOBODY}

    assert [each for each in sorted(wanted) if not any(map(re.compile(expression(each)).fullmatch, QUOTES))] == []


def test_no_reason_for_a_gap_is_missing() -> None:
    assert {str(gap) for gap in Gap} - set(QUOTES) == set()


def test_no_sentence_is_stale() -> None:
    code = "\n".join(said())
    # A value stands in the page where the code has a place for one.
    templates = [re.compile(expression(each)) for each in raised() if len(each.replace("…", "")) >= _LONG_ENOUGH]

    def is_said(quote: str) -> bool:
        pieces = [piece for piece in re.split(r"…|(?<=\.) ", quote) if len(piece) >= _SHORTEST_PIECE]
        if pieces and all(piece in code for piece in pieces):
            return True
        return any(each.fullmatch(quote) for each in templates)

    assert [quote for quote in QUOTES if not is_said(quote) and not is_put_together(quote)] == []


def is_put_together(quote: str) -> bool:
    return any(re.search(expression(quote), each) for each in PUT_TOGETHER)


def test_the_sentences_of_a_part_are_in_order() -> None:
    for part in re.split(r"^## ", text_of(PAGE), flags=re.MULTILINE):
        quotes = re.findall(r"^> (.+)$", part, re.MULTILINE)
        assert quotes == sorted(quotes, key=lambda quote: re.sub(r"^[^A-Za-z]+", "", quote).casefold())


def test_no_sentence_is_quoted_twice() -> None:
    assert len(set(QUOTES)) == len(QUOTES)


@pytest.mark.parametrize("name", ["docs/settings.md", "docs/credentials.md"])
def test_what_other_pages_quote_stands_here(name: str) -> None:
    quoted = re.findall(r"^\* Error: `(.+)`$", text_of(name), re.MULTILINE)
    quoted += re.findall(r"^The Convirza login.*$", text_of(name), re.MULTILINE)
    for each in quoted:
        of_the_base = each.replace("CONVIRZA_OAUTH_URL takes", "CONVIRZA_BASE_URL takes")
        assert any(re.fullmatch(expression(quote), of_the_base) for quote in QUOTES), each


def test_the_table_has_every_code_once_in_order_and_no_other() -> None:
    classes = [*vars(errors).values(), *vars(setup_errors).values()]
    codes = {each.code for each in classes if isinstance(each, type) and issubclass(each, errors.ConvirzaError)}
    rows = re.findall(
        r"^\| `([a-z_]+)` \| [^|]+ \| [^|]+ \|$", text_of(PAGE).partition("\n## Codes\n")[2], re.MULTILINE
    )

    assert rows == sorted(codes | {errors.INTERNAL_ERROR})


def test_no_two_errors_share_a_code() -> None:
    classes = {
        each
        for module in (errors, setup_errors)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, errors.ConvirzaError)
    }

    assert len({each.code for each in classes}) == len(classes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", each.code) for each in classes)


def test_every_error_says_what_to_do() -> None:
    # The message of these two names what the setting or the argument takes; their remedy is to correct it.
    assert without_remedy() - {"SettingsError", "InvalidArgumentError"} == set()
