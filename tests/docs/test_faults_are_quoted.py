"""The commonest faults, really produced: what is said then stands on the page of error sentences."""

import json
import re
import socket
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from mcp import Client

import faults
from convirza_mcp.api.login.oauth import OAuthService
from convirza_mcp.cli import commands
from convirza_mcp.errors import LoginRejectedError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from convirza_mcp.settings import Settings
from faults import FaultServer
from faults.answers import html, json_body, page, status
from faults.certificates import Authority
from faults.pages import row
from support.documents import text_of
from support.ended_login import store_ended_login
from support.sentences import expression

QUOTES = re.findall(r"^> (.+)$", text_of("docs/troubleshooting.md"), re.MULTILINE)
REFUSED_TOKEN = "Convirza refused the token (401): "


class Person:
    """Somebody with a home folder, and nothing set."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = home / "state"

    def says(self, *arguments: str, **settings: str) -> str:
        """The one sentence of a command that fails."""
        given: dict[str, str | None] = dict.fromkeys(("CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME"))
        given |= {"HOME": str(self.home), "XDG_STATE_HOME": str(self.state), "CONVIRZA_TIMEZONE": "UTC"}
        result = CliRunner().invoke(commands, arguments, env=given | settings, prog_name="convirza-mcp")
        assert result.exit_code in (1, 2), result.output
        return result.stderr.splitlines()[0].removeprefix("convirza-mcp: ").removeprefix("Error: ")

    def of(self, convirza: FaultServer | Sandbox, *arguments: str, **settings: str) -> str:
        account = {"CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_TOKEN": "sandbox-token"}
        return self.says(*(arguments or ("list",)), **account | settings)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def assert_quoted(sentence: str, beginning: str) -> None:
    """That the sentence is the one meant, and that one quote of the page is this sentence."""
    said = [each for each in (sentence, of_parameters(sentence)) if each.startswith(beginning)]
    assert said, sentence
    found = [quote for quote in QUOTES for each in said if re.match(expression(quote), each)]
    assert found, f"not on the page: {sentence}"


def of_parameters(sentence: str) -> str:
    """A command's sentence as a tool says it, and the page with it: `--group-by` is `group_by` there."""
    named = re.sub(r"`(?:--)?([a-z-]+|[A-Z_]+)`", lambda found: f"`{found[1].replace('-', '_').lower()}`", sentence)
    return re.sub(r"--([a-z]+) (?=\w)", r"\1=", named)


SETTINGS: Mapping[str, tuple[str, str]] = {
    "CONVIRZA_TOKEN": ("", "CONVIRZA_TOKEN is empty. "),
    "CONVIRZA_TOKEN_FILE": ("/no/such/file", "CONVIRZA_TOKEN_FILE takes the path of a file "),
    "CONVIRZA_BASE_URL": ("ftp://x", "CONVIRZA_BASE_URL takes an https address such as "),
    "CONVIRZA_TIMEZONE": ("Mountain Time", "CONVIRZA_TIMEZONE takes an IANA time zone "),
    "CONVIRZA_BUSINESS_HOURS": ("nine to five", "CONVIRZA_BUSINESS_HOURS takes days and times "),
    "CONVIRZA_MAX_RESULT_TOKENS": ("many", "CONVIRZA_MAX_RESULT_TOKENS takes a whole number "),
    "CONVIRZA_OUTPUT": ("json", "CONVIRZA_OUTPUT takes both or text."),
    "CONVIRZA_PRIVACY": ("on", "CONVIRZA_PRIVACY takes off, mask or strict."),
    "CONVIRZA_TIMEOUT": ("30s", "CONVIRZA_TIMEOUT takes seconds "),
    "CONVIRZA_MAX_CALLS_PER_MINUTE": ("-1", "CONVIRZA_MAX_CALLS_PER_MINUTE takes a whole number "),
    "CONVIRZA_DEMO": ("perhaps", "CONVIRZA_DEMO takes true or false."),
    "CONVIRZA_FRONT": ("maybe", "CONVIRZA_FRONT takes on or off."),
    "SSL_CERT_FILE": ("/no/such/file", "The connection cannot be set up. "),
}


@pytest.mark.parametrize("variable", SETTINGS)
def test_the_error_of_each_setting_is_quoted(person: Person, variable: str) -> None:
    value, beginning = SETTINGS[variable]
    token = {} if variable.startswith("CONVIRZA_TOKEN") else {"CONVIRZA_TOKEN": "x"}

    assert_quoted(person.says("list", **token | {variable: value}), beginning)


ANSWERS: Mapping[str, tuple[faults.Answer, str]] = {
    "400": (status(400, b'{"message":"no"}'), "Convirza rejected the request (400), "),
    "401": (status(401), REFUSED_TOKEN),
    "403": (status(403), "Convirza denied access (403): "),
    "404": (status(404), "Convirza found nothing at this address (404). "),
    "418": (status(418), "Convirza rejected the request (418), "),
    "429": (
        status(429, headers=[("Retry-After", "600")]),
        "Convirza asks for fewer requests (429). Wait 600 seconds, ",
    ),
    "500": (status(500, headers=[("Retry-After", "600")]), "Convirza failed (500): "),
    "301": (faults.redirect(301, "https://elsewhere.example/"), "127.0.0.1 answered with status 301 "),
    "a sign-in page": (html(200), "127.0.0.1 did not return JSON: "),
    "no list": (json_body({"data": {}}), "Convirza's answer has no list of conversations. "),
    "cut off": (json_body(b'{"data":'), "Convirza's answer is not valid JSON, "),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_error_of_each_answer_is_quoted(person: Person, name: str) -> None:
    answer, beginning = ANSWERS[name]
    with FaultServer(answer) as convirza:
        assert_quoted(person.of(convirza), beginning)


ARGUMENTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "a limit": (("list", "--limit", "500"), "`limit` takes a whole number from 1 to 200."),
    "a choice": (("summary", "--group-by", "mood"), "`group_by` takes one of none, agent, "),
    "a time": (("list", "--start", "last Monday"), "`start` takes an ISO 8601 date or date-time, "),
    "an end before the start": (("list", "--start", "1h", "--end", "2h"), "`end` must be after `start`; "),
    "nothing since": (("changes",), "`since` is required and takes text."),
    "a time to come": (("changes", "--since", "2099-01-01"), "`since` takes a time in the past; "),
    "no cursor": (("changes", "--since", "~"), "`since` takes the cursor of an earlier answer "),
    "no words": (("search", "?!"), "`query` takes words, numbers or a "),
    "no condition": (("summary", "--only", "lost"), "`only` takes unread, waiting, "),
    "no hour": (("summary", "--only", "hour=25"), "`only` takes an hour "),
    "no age": (("waiting", "--max-wait", "long"), "`--max-wait` takes an age "),
    "a folder": (("export", "--format", "csv", "--output", "/"), "`output` takes the path of a file "),
    "an id of nobody": (("get", "1"), "`conversation_id` was not found among the conversations read ("),
    "a pipe": (("reveal", "contact-qzjvkmwbtx"), "reveal runs only for a person: "),
    "no terminal": (("login",), "There is no terminal to ask for e-mail and password. "),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_error_of_each_argument_is_quoted(person: Person, sandbox: Sandbox, name: str) -> None:
    arguments, beginning = ARGUMENTS[name]

    assert_quoted(person.of(sandbox, *arguments), beginning)


async def test_the_errors_of_unknown_and_too_many_arguments_are_quoted(sandbox: Sandbox) -> None:
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url, max_calls_per_minute=1)
    async with Client(build_server(settings)) as client:
        made_up = await client.call_tool("list_sms_conversations", {"agents": "Ann"})
        too_many = await client.call_tool("list_sms_conversations", {})
        with pytest.raises(Exception, match=r"^`about` takes") as long:
            await client.get_prompt("find_conversation", {"about": "x" * 256})

    assert_quoted(made_up.content[0].text, "This tool has no argument `agents`: ")
    assert_quoted(too_many.content[0].text, "This server answers at most 1 tool calls a minute, ")
    assert_quoted(str(long.value), "`about` takes text of at most 255 characters.")


def test_the_error_of_an_incomplete_search_for_an_id_is_quoted(person: Person) -> None:
    # An inbox that announces more than it gives has moved, for all that can be known.
    with FaultServer(page([row(5)], data={"total": 3, "conversation": [row(5)]})) as convirza:
        moved = person.of(convirza, "get", "1")
    with Sandbox(conversations=3_000, delay=0.5) as slow:
        late = person.of(slow, "get", "1", "--start", "365d", CONVIRZA_TIMEOUT="1")

    assert_quoted(moved, "`conversation_id` was not found among the conversations read (")
    assert ": incomplete, because conversations moved" in moved
    assert_quoted(late, "`conversation_id` was not found so far among the conversations read (")


def test_network_errors_are_quoted(person: Person) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}/v3"
        nobody = person.says("list", CONVIRZA_TOKEN="x", CONVIRZA_BASE_URL=closed, CONVIRZA_TIMEOUT="1")
    with Sandbox(delay=3.0) as slow:
        late = person.of(slow, CONVIRZA_TIMEOUT="1")
    with FaultServer(page(), tls=Authority().serves()) as stranger:
        intercepted = person.of(stranger)

    assert_quoted(nobody, "127.0.0.1 could not be reached, or the connection broke. ")
    assert_quoted(late, "127.0.0.1 did not answer within 1 seconds. ")
    assert_quoted(intercepted, "The certificate of 127.0.0.1 was not accepted, ")


@pytest.mark.long
def test_the_error_of_a_scan_that_takes_too_long_is_quoted(person: Person) -> None:
    with Sandbox(delay=3.0) as slow:
        late = person.of(slow, "summary", CONVIRZA_TIMEOUT="1")

    assert_quoted(late, "Convirza did not answer within 1 seconds. ")


def test_login_errors_are_quoted(person: Person, sandbox: Sandbox) -> None:
    here = {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_OAUTH_URL": sandbox.oauth_url}
    none = person.says("list", **here)
    store_ended_login(person.state, sandbox.oauth_url, "ended", "spent")
    ended = person.says("list", **here)
    elsewhere = person.says("list", CONVIRZA_BASE_URL=sandbox.base_url)
    stored = person.state / "convirza-mcp" / "credentials.json"
    stored.chmod(0o644)
    lay_open = person.says("list", **here)
    stored.chmod(0o600)
    stored.write_text("{}", encoding="utf-8")
    broken = person.says("list", **here)

    assert_quoted(none, "No Convirza token is configured. ")
    assert_quoted(ended, "The Convirza login has ended: Convirza refused to refresh it (401). ")
    assert_quoted(elsewhere, "The stored login came from another OAuth service ")
    assert_quoted(lay_open, "The file credentials.json in convirza-mcp's private folder can be read or changed by ")
    assert_quoted(broken, "The stored login is damaged, ")


async def test_the_error_of_a_wrong_password_is_quoted(sandbox: Sandbox) -> None:
    async with OAuthService(sandbox.oauth_url) as service:
        with pytest.raises(LoginRejectedError) as refused:
            await service.log_in("demo@example.com", "wrong")

    assert_quoted(str(refused.value), "Convirza rejected this e-mail and password (")


def test_errors_of_the_privacy_key_are_quoted(person: Person, sandbox: Sandbox) -> None:
    folder = person.state / "convirza-mcp"
    folder.mkdir(parents=True, mode=stat.S_IRWXU)
    key = folder / "privacy.key"
    key.touch(0o600)
    empty = person.of(sandbox, CONVIRZA_PRIVACY="mask")
    key.chmod(0o644)
    lay_open = person.of(sandbox, CONVIRZA_PRIVACY="mask")

    assert_quoted(empty, "CONVIRZA_PRIVACY needs its key, ")
    assert_quoted(lay_open, "CONVIRZA_PRIVACY has no usable key, ")


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")
def test_errors_of_client_configurations_are_quoted(person: Person) -> None:
    absent = person.says("install", "claude-desktop", "--demo")
    file = person.home / ".config" / "Claude" / "claude_desktop_config.json"
    file.parent.mkdir(parents=True)
    no_login = person.says("install", "claude-desktop")

    def refused(text: str) -> str:
        file.write_text(text, encoding="utf-8")
        return person.says("install", "claude-desktop", "--demo")

    other = {"mcpServers": {"convirza": {"command": "other"}}}
    file_is_theirs = person.says("install", "codex")

    assert_quoted(absent, "Claude Desktop does not seem to be installed for this user. ")
    assert_quoted(no_login, "There is no login for the server to use, ")
    assert_quoted(refused("{"), "Claude Desktop's configuration file is not valid JSON (line 1, column ")
    assert_quoted(
        refused("{} // mine"), "Claude Desktop's configuration file has comments or trailing commas (line 1, "
    )
    assert_quoted(refused("[]"), "Claude Desktop's configuration file is not an object. ")
    assert_quoted(refused(json.dumps(other)), "Claude Desktop has another server of that name. ")
    assert_quoted(file_is_theirs, "Codex's file must be edited by hand. ")
