"""The commonest faults, really produced: what is said then stands on the page of error sentences."""

import json
import re
import stat
import sys
from collections.abc import Callable, Mapping
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
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, refused_http_variables
from faults import FaultServer, closed_port
from faults.answers import html, json_body, page, status
from faults.certificates import Authority
from support.documents import text_of
from support.ended_login import store_ended_login
from support.rows import row
from support.sentences import expression
from support.snapshots import Snapshot

QUOTES = re.findall(r"^> (.+)$", text_of("docs/troubleshooting.md"), re.MULTILINE)

Quoted = Callable[[str], None]


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


@pytest.fixture
def quoted(snapshot: Snapshot) -> Quoted:
    """Holds that the page has the sentence; which of its quotes that is was reviewed."""

    def assert_quoted(sentence: str) -> None:
        said = (sentence, of_parameters(sentence))
        found = [quote for quote in QUOTES for each in said if re.match(expression(quote), each)]
        assert found, f"not on the page: {sentence}"
        snapshot(*dict.fromkeys(found))

    return assert_quoted


def of_parameters(sentence: str) -> str:
    """A command's sentence as a tool says it, and the page with it: `--group-by` is `group_by` there."""
    named = re.sub(r"`(?:--)?([a-z-]+|[A-Z_]+)`", lambda found: f"`{found[1].replace('-', '_').lower()}`", sentence)
    return re.sub(r"--([a-z]+) (?=\w)", r"\1=", named)


SETTINGS: Mapping[str, str] = {
    "CONVIRZA_TOKEN": "",
    "CONVIRZA_TOKEN_FILE": "/no/such/file",
    "CONVIRZA_BASE_URL": "ftp://x",
    "CONVIRZA_TIMEZONE": "Mountain Time",
    "CONVIRZA_BUSINESS_HOURS": "nine to five",
    "CONVIRZA_MAX_RESULT_TOKENS": "many",
    "CONVIRZA_OUTPUT": "json",
    "CONVIRZA_PRIVACY": "on",
    "CONVIRZA_TIMEOUT": "30s",
    "CONVIRZA_MAX_CALLS_PER_MINUTE": "-1",
    "CONVIRZA_DEMO": "perhaps",
    "CONVIRZA_CHATGPT_TOOLS": "perhaps",
    "CONVIRZA_FRONT": "maybe",
    "CONVIRZA_PRIVACY_KEY": "short",
    "CONVIRZA_PRIVACY_KEY_FILE": "/no/such/file",
    "CONVIRZA_STORE": "memory",
    "CONVIRZA_STORE_KEYS": "short",
    "CONVIRZA_STORE_KEYS_FILE": "/no/such/file",
    "SSL_CERT_FILE": "/no/such/file",
}


@pytest.mark.parametrize("variable", SETTINGS)
def test_the_error_of_each_setting_is_quoted(person: Person, variable: str, quoted: Quoted) -> None:
    token = {} if variable.startswith("CONVIRZA_TOKEN") else {"CONVIRZA_TOKEN": "x"}

    quoted(person.says("list", **token | {variable: SETTINGS[variable]}))


def test_the_errors_of_settings_over_http_are_quoted(quoted: Quoted) -> None:
    addresses = dict.fromkeys(("CONVIRZA_HTTP_URL", "CONVIRZA_OIDC_ISSUER"), "ftp://x")
    refused = refused_http_variables(dict.fromkeys(HTTP_VARIABLES, "no such thing") | addresses)

    assert refused.keys() == set(HTTP_VARIABLES)
    for sentence in refused.values():
        quoted(sentence)


ANSWERS: Mapping[str, faults.Answer] = {
    "400": status(400, b'{"message":"no"}'),
    "401": status(401),
    "403": status(403),
    "404": status(404),
    "418": status(418),
    "429": status(429, headers=[("Retry-After", "600")]),
    "500": status(500, headers=[("Retry-After", "600")]),
    "301": faults.redirect(301, "https://elsewhere.example/"),
    "a sign-in page": html(200),
    "no list": json_body({"data": {}}),
    "cut off": json_body(b'{"data":'),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_error_of_each_answer_is_quoted(person: Person, name: str, quoted: Quoted) -> None:
    with FaultServer(ANSWERS[name]) as convirza:
        quoted(person.of(convirza))


ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "a limit": ("list", "--limit", "500"),
    "a choice": ("summary", "--group-by", "mood"),
    "a time": ("list", "--start", "last Monday"),
    "an end before the start": ("list", "--start", "1h", "--end", "2h"),
    "nothing since": ("changes",),
    "a time to come": ("changes", "--since", "2099-01-01"),
    "no cursor": ("changes", "--since", "~"),
    "no words": ("search", "?!"),
    "no condition": ("summary", "--only", "lost"),
    "no hour": ("summary", "--only", "hour=25"),
    "no age": ("waiting", "--max-wait", "long"),
    "a folder": ("export", "--format", "csv", "--output", "/"),
    "an id of nobody": ("get", "1"),
    "a pipe": ("reveal", "contact-qzjvkmwbtx"),
    "no terminal": ("login",),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_error_of_each_argument_is_quoted(person: Person, sandbox: Sandbox, name: str, quoted: Quoted) -> None:
    quoted(person.of(sandbox, *ARGUMENTS[name]))


async def test_the_errors_of_unknown_and_too_many_arguments_are_quoted(sandbox: Sandbox, quoted: Quoted) -> None:
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url, max_calls_per_minute=1)
    async with Client(build_server(settings)) as client:
        made_up = await client.call_tool("list_sms_conversations", {"agents": "Ann"})
        too_many = await client.call_tool("list_sms_conversations", {})
        with pytest.raises(Exception, match=r"^`about` takes") as long:
            await client.get_prompt("find_conversation", {"about": "x" * 256})

    quoted(made_up.content[0].text)
    quoted(too_many.content[0].text)
    quoted(str(long.value))


def test_the_error_of_an_incomplete_search_for_an_id_is_quoted(person: Person, quoted: Quoted) -> None:
    # An inbox that announces more than it gives has moved, for all that can be known.
    with FaultServer(page([row(5)], data={"total": 3, "conversation": [row(5)]})) as convirza:
        moved = person.of(convirza, "get", "1")
    with Sandbox(conversations=3_000, delay=0.3) as slow:
        late = person.of(slow, "get", "1", "--start", "365d", CONVIRZA_TIMEOUT="2")

    quoted(moved)
    assert ": incomplete, because conversations moved" in moved
    quoted(late)


def test_network_errors_are_quoted(person: Person, quoted: Quoted) -> None:
    closed = f"http://127.0.0.1:{closed_port()}/v3"
    nobody = person.says("list", CONVIRZA_TOKEN="x", CONVIRZA_BASE_URL=closed, CONVIRZA_TIMEOUT="9")
    with Sandbox(delay=3.0) as slow:
        late = person.of(slow, CONVIRZA_TIMEOUT="1")
    with FaultServer(page(), tls=Authority().serves()) as stranger:
        intercepted = person.of(stranger)

    quoted(nobody)
    quoted(late)
    quoted(intercepted)


@pytest.mark.long
def test_the_error_of_a_scan_that_takes_too_long_is_quoted(person: Person, quoted: Quoted) -> None:
    with Sandbox(delay=3.0) as slow:
        late = person.of(slow, "summary", CONVIRZA_TIMEOUT="1")

    quoted(late)


def test_login_errors_are_quoted(person: Person, sandbox: Sandbox, quoted: Quoted) -> None:
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

    quoted(none)
    quoted(ended)
    quoted(elsewhere)
    quoted(lay_open)
    quoted(broken)


async def test_the_error_of_a_wrong_password_is_quoted(sandbox: Sandbox, quoted: Quoted) -> None:
    async with OAuthService(sandbox.oauth_url) as service:
        with pytest.raises(LoginRejectedError) as refused:
            await service.log_in("demo@example.com", "wrong")

    quoted(str(refused.value))


def test_errors_of_the_privacy_key_are_quoted(person: Person, sandbox: Sandbox, quoted: Quoted) -> None:
    folder = person.state / "convirza-mcp"
    folder.mkdir(parents=True, mode=stat.S_IRWXU)
    key = folder / "privacy.key"
    key.touch(0o600)
    empty = person.of(sandbox, CONVIRZA_PRIVACY="mask")
    key.chmod(0o644)
    lay_open = person.of(sandbox, CONVIRZA_PRIVACY="mask")

    quoted(empty)
    quoted(lay_open)


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")
def test_errors_of_client_configurations_are_quoted(person: Person, quoted: Quoted) -> None:
    absent = person.says("install", "claude-desktop", "--demo")
    file = person.home / ".config" / "Claude" / "claude_desktop_config.json"
    file.parent.mkdir(parents=True)
    no_login = person.says("install", "claude-desktop")

    def refused(text: str) -> str:
        file.write_text(text, encoding="utf-8")
        return person.says("install", "claude-desktop", "--demo")

    other = {"mcpServers": {"convirza": {"command": "other"}}}
    file_is_theirs = person.says("install", "codex")

    quoted(absent)
    quoted(no_login)
    quoted(refused("{"))
    quoted(refused("{} // mine"))
    quoted(refused("[]"))
    quoted(refused(json.dumps(other)))
    quoted(file_is_theirs)
