"""`convirza-mcp install` and `uninstall`, in a home folder of their own."""

import json
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.api.credential_store import CredentialStore, StoredCredential
from convirza_mcp.api.token_pair import TokenPair
from convirza_mcp.cli import commands
from convirza_mcp.clients.carried import NETWORK
from convirza_mcp.clients.launch import this_launch
from convirza_mcp.config import PRODUCTION_OAUTH_URL
from faults.certificates import Authority
from processes import server_process

EXAMPLE = Path(__file__).parents[2] / "examples" / "claude_desktop_config.json"
COMMAND = this_launch().command
FOLDERS = {
    "claude-desktop": ".config/Claude",
    "claude-code": ".claude",
    "cursor": ".cursor",
    "vscode": ".config/Code/User",
}
FILES = {
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "claude-code": ".claude.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
}
WRITTEN = list(FILES)
PRINTED = ["windsurf", "codex", "goose", "gemini-cli"]
NO_LOGIN = (
    "convirza-mcp: There is no login for the server to use, and a token has no place in a readable file: run "
    "`convirza-mcp login` first, or give `--token-file PATH`, or `--demo` for the invented inbox.\n"
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in FOLDERS.values():
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def run(home: Path, *arguments: str, **settings: str | None) -> Result:
    moved = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "VSCODE_PORTABLE")
    environment = dict.fromkeys((*moved, *NETWORK)) | {"HOME": str(home)} | settings
    return CliRunner().invoke(commands, arguments, env=environment, prog_name="convirza-mcp")


def log_in(home: Path, oauth_url: str = PRODUCTION_OAUTH_URL) -> None:
    pair = TokenPair("access-canary", "refresh-canary", None, None, datetime(2026, 1, 1, tzinfo=UTC))
    store = CredentialStore(home / ".local/state/convirza-mcp")
    store.write(StoredCredential(pair=pair, account="a", oauth_url=oauth_url))


def server(home: Path, client: str) -> dict[str, Any]:
    document = json.loads((home / FILES[client]).read_text())
    found: dict[str, Any] = document["servers" if client == "vscode" else "mcpServers"]["convirza"]
    return found


def everything(home: Path) -> dict[str, str]:
    return {str(each.relative_to(home)): each.read_text() for each in home.rglob("*") if each.is_file()}


@pytest.mark.long
@pytest.mark.parametrize("client", WRITTEN)
def test_the_demo_is_installed_once_and_starts(home: Path, client: str) -> None:
    first = run(home, "install", client, "--demo")
    files = everything(home)
    second = run(home, "install", client, "--demo")

    assert (first.exit_code, first.stderr) == (0, "")
    assert f"File:  {home / FILES[client]}\n" in first.stdout
    assert list(files) == [FILES[client]]
    assert second.exit_code == 0
    assert second.stdout.startswith("Already so: ")
    assert everything(home) == files
    entry = server(home, client)
    with server_process([entry["command"], *entry["args"]]) as running:
        running.send({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert running.receive()["result"]["tools"][0]["name"] == "list_sms_conversations"


@pytest.mark.parametrize("client", WRITTEN)
def test_with_a_login_nothing_of_it_is_written(home: Path, client: str) -> None:
    log_in(home)

    result = run(home, "install", client, CONVIRZA_TIMEZONE="America/Denver", CONVIRZA_BUSINESS_HOURS="Mon 09:00-17:00")

    assert result.exit_code == 0
    assert (
        "Token: the login that `convirza-mcp login` stored\n"
        "With:  CONVIRZA_TIMEZONE, CONVIRZA_BUSINESS_HOURS, as set here\n"
    ) in result.stdout
    typed = {} if client == "claude-desktop" else {"type": "stdio"}
    assert server(home, client) == typed | {
        "command": COMMAND,
        "args": ["serve"],
        "env": {"CONVIRZA_TIMEZONE": "America/Denver", "CONVIRZA_BUSINESS_HOURS": "Mon 09:00-17:00"},
    }
    assert "inputs" not in json.loads((home / FILES[client]).read_text())


def test_a_login_in_another_place_is_found_by_a_server_that_inherits_nothing(home: Path) -> None:
    log_in(home)
    state = str(home / ".local/state")

    assert run(home, "install", "cursor", XDG_STATE_HOME=state).exit_code == 0
    assert server(home, "cursor")["env"] == {"XDG_STATE_HOME": state}


def test_the_service_that_a_login_is_of_goes_with_it(home: Path) -> None:
    elsewhere = {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9", "CONVIRZA_BASE_URL": "http://127.0.0.1:9/v3"}
    log_in(home, elsewhere["CONVIRZA_OAUTH_URL"])

    assert run(home, "install", "cursor", CONVIRZA_TIMEZONE="UTC", **elsewhere).exit_code == 0
    assert server(home, "cursor")["env"] == elsewhere | {"CONVIRZA_TIMEZONE": "UTC"}
    # A later login elsewhere takes it out again; what is no part of the account stays.
    log_in(home)
    assert run(home, "install", "cursor").exit_code == 0
    assert server(home, "cursor")["env"] == {"CONVIRZA_TIMEZONE": "UTC"}


def test_a_token_file_goes_to_no_service_of_an_earlier_entry(home: Path) -> None:
    elsewhere = {"CONVIRZA_OAUTH_URL": "http://127.0.0.1:9", "CONVIRZA_BASE_URL": "http://127.0.0.1:9/v3"}
    log_in(home, elsewhere["CONVIRZA_OAUTH_URL"])
    run(home, "install", "cursor", **elsewhere)
    (home / "token").write_text("file-canary")

    assert run(home, "install", "cursor", "--token-file", str(home / "token")).exit_code == 0
    assert server(home, "cursor")["env"] == {"CONVIRZA_TOKEN_FILE": str(home / "token")}


@pytest.mark.parametrize("client", WRITTEN)
def test_a_login_of_another_service_than_the_one_set_is_refused(home: Path, client: str) -> None:
    log_in(home, "http://127.0.0.1:9")
    before = everything(home)

    result = run(home, "install", client)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("convirza-mcp: The stored login came from another OAuth service ")
    assert everything(home) == before


def test_what_the_network_needs_is_taken_along_but_for_passwords(home: Path) -> None:
    log_in(home)
    authority = home / "authority.pem"
    authority.write_bytes(Authority().pem)

    result = run(
        home,
        "install",
        "cursor",
        HTTPS_PROXY="http://ana:canary@proxy.example:3128",
        all_proxy="http://proxy.example:3128",
        NO_PROXY="intranet.example",
        SSL_CERT_FILE=str(authority),
    )

    assert server(home, "cursor")["env"] == {
        "all_proxy": "http://proxy.example:3128",
        "NO_PROXY": "intranet.example",
        "SSL_CERT_FILE": str(authority),
    }
    assert "With:  all_proxy, NO_PROXY, SSL_CERT_FILE, as set here\n" in result.stdout
    assert result.stderr == (
        "Not copied, as a file that others may read is no place for a password: HTTPS_PROXY. Without it the server may "
        "not reach Convirza; `convirza-mcp doctor` tries it.\n"
    )
    assert "canary" not in (home / FILES["cursor"]).read_text()


@pytest.mark.parametrize("address", ["http://ana:Canary#9@proxy.example:8080", "http://ana:Canary/9@proxy.example"])
def test_nothing_of_a_password_is_said_however_a_proxy_is_written(home: Path, address: str) -> None:
    log_in(home)

    result = run(home, "install", "cursor", HTTPS_PROXY=address)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("convirza-mcp: The connection cannot be set up: HTTPS_PROXY ")
    assert "Canary" not in result.output


def test_certificates_that_are_not_there_are_refused(home: Path) -> None:
    log_in(home)
    before = everything(home)

    result = run(home, "install", "cursor", SSL_CERT_FILE=str(home / "gone.pem"))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("convirza-mcp: The connection cannot be set up: ")
    assert everything(home) == before


@pytest.mark.parametrize("client", ["claude-desktop", "claude-code", "cursor"])
def test_without_a_login_nothing_is_written(home: Path, client: str) -> None:
    before = everything(home)

    for options in ([], ["--dry-run"], ["--create"]):
        result = run(home, "install", client, *options, CONVIRZA_TOKEN="token-canary")
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", NO_LOGIN)
    assert everything(home) == before


def test_vs_code_asks_for_the_token_itself(home: Path) -> None:
    result = run(home, "install", "vscode", CONVIRZA_TOKEN="token-canary", CONVIRZA_BASE_URL="https://example.com/v3")

    document = json.loads((home / FILES["vscode"]).read_text())
    assert result.exit_code == 0
    assert result.stderr == "Not copied from this environment: CONVIRZA_TOKEN.\n"
    assert document["inputs"] == [
        {"type": "promptString", "id": "convirza-token", "description": "Convirza bearer token", "password": True}
    ]
    assert document["servers"]["convirza"]["env"] == {
        "CONVIRZA_TOKEN": "${input:convirza-token}",
        "CONVIRZA_BASE_URL": "https://example.com/v3",
    }


@pytest.mark.parametrize("client", WRITTEN)
def test_no_token_is_ever_written_or_shown(home: Path, client: str) -> None:
    log_in(home)
    token_file = home / "token"
    token_file.write_text("file-canary")

    for options in (["--demo"], [], ["--token-file", str(token_file)], ["--print"], ["--dry-run", "--demo"]):
        result = run(home, "install", client, *options, CONVIRZA_TOKEN="token-canary")
        assert result.exit_code == 0
        assert "canary" not in result.output
        assert "canary" not in (home / FILES[client]).read_text()


@pytest.mark.parametrize("by", ["option", "environment"])
def test_of_a_token_file_the_whole_path_is_written(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    (home / "token").write_text("file-canary")
    monkeypatch.chdir(home)

    options, settings = (["--token-file", "token"], {}) if by == "option" else ([], {"CONVIRZA_TOKEN_FILE": "token"})
    result = run(home, "install", "cursor", *options, **settings)

    assert (result.exit_code, result.stderr) == (0, "")
    assert server(home, "cursor")["env"] == {"CONVIRZA_TOKEN_FILE": str(home / "token")}


def test_a_privacy_mode_is_never_left_behind_and_what_is_kept_is_said(home: Path) -> None:
    first = run(home, "install", "cursor", "--demo", CONVIRZA_PRIVACY="strict")
    again = run(home, "install", "cursor", "--demo")
    zoned = run(home, "install", "cursor", "--demo", CONVIRZA_TIMEZONE="UTC")
    env = server(home, "cursor")["env"]
    off = run(home, "install", "cursor", "--demo", CONVIRZA_PRIVACY="off")

    assert env == {"CONVIRZA_PRIVACY": "strict", "CONVIRZA_TIMEZONE": "UTC"}
    assert "With:  CONVIRZA_PRIVACY, as set here\n" in first.stdout
    assert again.stdout.startswith("Already so: ")
    assert again.stdout.endswith("With:  CONVIRZA_PRIVACY, kept from before\n")
    assert "With:  CONVIRZA_TIMEZONE, as set here; CONVIRZA_PRIVACY, kept from before\n" in zoned.stdout
    # The way back.
    assert "With:  CONVIRZA_PRIVACY, as set here; CONVIRZA_TIMEZONE, kept from before\n" in off.stdout
    assert server(home, "cursor")["env"]["CONVIRZA_PRIVACY"] == "off"


@pytest.mark.parametrize("client", WRITTEN)
def test_what_it_finds_stays_and_comes_back_whole(home: Path, client: str) -> None:
    path = home / FILES[client]
    comments = client in ("cursor", "vscode")
    before = '{\n\t"a": 1.0,' + (" // mine\n" if comments else "\n") + '\t"b": {"c": ["d"]}\n}\n'
    path.write_text(before)
    path.chmod(0o640)

    installed = run(home, "install", client, "--demo")
    copy = re.search(r"Copy of the file before:  (.*)\n", installed.stdout)
    assert copy is not None
    assert (path.parent / copy[1]).read_text() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    uninstalled = run(home, "uninstall", client)

    assert uninstalled.exit_code == 0
    assert " no longer has convirza.\n" in uninstalled.stdout
    assert path.read_text() == before
    again = run(home, "uninstall", client)
    assert (again.exit_code, again.stdout.split(":")[0]) == (0, "Nothing to take out")


@pytest.mark.parametrize("client", WRITTEN)
def test_a_broken_file_stays_and_the_fault_and_the_snippet_are_shown(home: Path, client: str) -> None:
    (home / FILES[client]).write_text('{"mcpServers": {"x": "canary"')
    before = everything(home)

    result = run(home, "install", client, "--demo")

    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "configuration file is not valid JSON (line 1, column 30): repair it, then run this again.\n" in result.stderr
    )
    assert f"\nFile: {home / FILES[client]}\nWhat would go into it:\n\n{{\n" in result.stderr
    assert '"args": ["serve", "--demo"]' in result.stderr
    assert "canary" not in result.stderr
    assert run(home, "uninstall", client).exit_code == 1
    assert everything(home) == before


@pytest.mark.parametrize("client", WRITTEN)
def test_a_client_that_is_not_there_gets_a_file_on_request_only(tmp_path: Path, client: str) -> None:
    refused = run(tmp_path, "install", client, "--demo")
    nothing = run(tmp_path, "uninstall", client)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "does not seem to be installed for this user" in refused.stderr
    assert refused.stderr.endswith("`--create` makes its file all the same.\n")
    assert (nothing.exit_code, nothing.stdout.split(":")[0]) == (0, "Nothing to take out")
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "install", client, "--demo", "--create").exit_code == 0
    assert list(everything(tmp_path)) == [FILES[client]]


@pytest.mark.parametrize("client", [*WRITTEN, *PRINTED])
def test_print_writes_nothing_and_gives_the_snippet_alone(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--print")

    assert result.exit_code == 0
    assert result.stderr.startswith(f"Goes into {tmp_path}/")
    assert (" already, only what stands below that goes in.\n" in result.stderr) is (client != "codex")
    assert COMMAND in result.stdout
    assert list(tmp_path.iterdir()) == []
    if client not in ("codex", "goose"):
        assert json.loads(result.stdout)


@pytest.mark.parametrize("client", PRINTED)
def test_other_clients_files_are_not_written(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--demo")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"`convirza-mcp install {client} --print` shows what goes in." in result.stderr
    result = run(tmp_path, "uninstall", client)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"take out what `convirza-mcp install {client} --print` shows." in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_shows_the_change_and_writes_nothing(home: Path) -> None:
    path = home / FILES["cursor"]
    path.write_text('{\n  "mcpServers": {\n    "x": {"env": {"KEY": "canary"}}\n  }\n}\n')
    before = everything(home)

    result = run(home, "install", "cursor", "--demo", "--dry-run")

    assert (result.exit_code, everything(home)) == (0, before)
    assert (
        result.stdout
        == f"""\
Would change {path}:

--- before
+++ after
@@ -2,3 +2,8 @@
   "mcpServers": {{
-    "x": {{"env": {{"KEY": "…"}}}}
+    "x": {{"env": {{"KEY": "…"}}}},
+    "convirza": {{
+      "type": "stdio",
+      "command": "{COMMAND}",
+      "args": ["serve", "--demo"]
+    }}
   }}
"""
    )
    run(home, "install", "cursor", "--demo")
    installed = everything(home)
    shown = run(home, "uninstall", "cursor", "--dry-run").stdout
    for line in ('"type": "stdio",', f'"command": "{COMMAND}",', '"args": ["serve", "--demo"]'):
        assert f"-      {line}\n" in shown
    assert everything(home) == installed


def test_a_token_that_stood_in_the_entry_is_taken_out_and_its_copy_named(home: Path) -> None:
    (home / FILES["cursor"]).write_text(
        '{"mcpServers": {"convirza": {"command": "convirza-mcp", "env": {"CONVIRZA_TOKEN": "canary"}}}}'
    )

    shown = run(home, "install", "cursor", "--demo", "--dry-run")
    result = run(home, "install", "cursor", "--demo")

    assert "canary" not in shown.output + result.output
    assert server(home, "cursor")["env"] == {}
    assert result.stderr == "The entry held a token, and the copy still does: delete the copy when all works.\n"


def test_an_entry_for_one_folder_that_would_go_first_is_named(home: Path) -> None:
    (home / FILES["claude-code"]).write_text(
        '{"projects": {"/a/project": {"mcpServers": {"convirza": {"command": "other"}}}, "/b": {"mcpServers": {}}}}'
    )

    first, again = run(home, "install", "claude-code", "--demo"), run(home, "install", "claude-code", "--demo")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.stdout.startswith("Already so: ")
    assert {first.stderr, again.stderr} == {
        "In /a/project another server of that name is used instead: `claude mcp remove convirza -s local`, run there, "
        "takes it out.\n"
    }


def test_another_server_of_that_name_is_left_alone(home: Path) -> None:
    (home / FILES["cursor"]).write_text('{"mcpServers": {"convirza": {"url": "https://example.com"}}}')
    before = everything(home)

    refused = run(home, "install", "cursor", "--demo")
    assert refused.exit_code == 1
    # Nothing to paste: under this name it would take the other's place.
    assert "What would go into it" not in refused.stderr
    assert run(home, "uninstall", "cursor").exit_code == 1
    assert everything(home) == before
    assert run(home, "install", "cursor", "--demo", "--name", "sms-inbox").exit_code == 0
    assert list(json.loads((home / FILES["cursor"]).read_text())["mcpServers"]) == ["convirza", "sms-inbox"]


@pytest.mark.parametrize(
    ("options", "settings", "sentence"),
    [
        (["--name", "my server"], {}, "`--name` takes 1 to 24 ASCII letters, digits, hyphens and underscores."),
        (["--name", "x" * 25], {}, "`--name` takes 1 to 24 ASCII letters, digits, hyphens and underscores."),
        (["--token-file", "/gone"], {}, "`--demo` needs no token: leave out `--token-file`."),
        (
            [],
            {"CONVIRZA_TIMEZONE": "Mars/Olympus"},
            "CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(
    home: Path, options: list[str], settings: dict[str, str], sentence: str
) -> None:
    result = run(home, "install", "cursor", "--demo", *options, **settings)

    assert (result.exit_code, result.stderr) == (2, f"convirza-mcp: {sentence}\n")
    assert everything(home) == {}


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff", b'{"access_token": "canary"}\n{}'])
def test_a_token_file_without_a_token_is_refused(home: Path, content: bytes | None) -> None:
    if content is not None:
        (home / "token").write_bytes(content)

    for path in (str(home / "token"), "x" * 400, "~nobody-of-that-name/token"):
        result = run(home, "install", "cursor", "--token-file", path)
        assert (result.exit_code, result.stdout, result.stderr) == (
            2,
            "",
            "convirza-mcp: `--token-file` takes the path of a file that holds the bearer token, and nothing else.\n",
        )
    assert not (home / FILES["cursor"]).exists()


def test_the_example_is_what_install_writes(home: Path) -> None:
    log_in(home)

    run(home, "install", "claude-desktop", CONVIRZA_TIMEZONE="America/Denver")

    written = (home / FILES["claude-desktop"]).read_text()
    assert EXAMPLE.read_text() == written.replace(COMMAND, "/absolute/path/to/.venv/bin/convirza-mcp")


def test_as_a_process_of_its_own(home: Path) -> None:
    environment = {"HOME": str(home), "PATH": ""}
    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "install", "claude-code", "--demo"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert ended.stdout.startswith(f"Claude Code now has convirza.\nFile:  {home / '.claude.json'}\n")
    assert server(home, "claude-code") == {"type": "stdio", "command": COMMAND, "args": ["serve", "--demo"]}
