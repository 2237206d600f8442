"""Errors of settings and arguments, whose sentences are put together: the page of error sentences quotes them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, refused_http_variables
from support.documents import text_of
from support.sentences import expression
from support.snapshots import Snapshot

QUOTES = re.findall(r"^> (.+)$", text_of("docs/troubleshooting.md"), re.MULTILINE)

Quoted = Callable[[str], None]


def says(home: Path, *arguments: str, **settings: str) -> str:
    """Return the one sentence of a command that fails."""
    given: dict[str, str | None] = dict.fromkeys(("CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME"))
    given |= {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "CONVIRZA_TIMEZONE": "UTC"}
    result = CliRunner().invoke(commands, arguments, env=given | settings, prog_name="convirza-mcp")
    assert result.exit_code in (1, 2), result.output
    return result.stderr.splitlines()[0].removeprefix("convirza-mcp: ").removeprefix("Error: ")


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
def test_the_error_of_each_setting_is_quoted(tmp_path: Path, variable: str, quoted: Quoted) -> None:
    token = {} if variable.startswith("CONVIRZA_TOKEN") else {"CONVIRZA_TOKEN": "x"}

    quoted(says(tmp_path, "list", **token | {variable: SETTINGS[variable]}))


def test_the_errors_of_settings_over_http_are_quoted(quoted: Quoted) -> None:
    addresses = dict.fromkeys(("CONVIRZA_HTTP_URL", "CONVIRZA_OIDC_ISSUER"), "ftp://x")
    refused = refused_http_variables(dict.fromkeys(HTTP_VARIABLES, "no such thing") | addresses)

    assert refused.keys() == set(HTTP_VARIABLES)
    for sentence in refused.values():
        quoted(sentence)


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
def test_the_error_of_each_argument_is_quoted(tmp_path: Path, sandbox: Sandbox, name: str, quoted: Quoted) -> None:
    account = {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_TOKEN": sandbox.token}

    quoted(says(tmp_path, *ARGUMENTS[name], **account))
