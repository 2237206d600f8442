"""`convirza-mcp install` and `uninstall`, in a home folder of their own."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from support.installing import COMMAND, FILES, PRINTED, WRITTEN, everything, log_in, run, server
from support.processes import server_process
from support.snapshots import Snapshot

EXAMPLE = Path(__file__).parents[3] / "examples" / "claude_desktop_config.json"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems' places are tested as data")


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
    assert second.stdout.startswith("No change: ")
    assert everything(home) == files
    entry = server(home, client)
    with server_process([entry["command"], *entry["args"]]) as running:
        running.send({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert running.receive()["result"]["tools"][0]["name"] == "list_sms_conversations"


@pytest.mark.parametrize("client", WRITTEN)
def test_what_it_finds_stays_and_comes_back_whole(home: Path, client: str) -> None:
    path = home / FILES[client]
    comments = client in ("cursor", "vscode")
    before = '{\n\t"a": 1.0,' + (" // mine\n" if comments else "\n") + '\t"b": {"c": ["d"]}\n}\n'
    path.write_text(before)
    path.chmod(0o640)

    installed = run(home, "install", client, "--demo")
    copy = re.search(r"Backup: (.*)\n", installed.stdout)
    assert copy is not None
    assert (path.parent / copy[1]).read_text() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    uninstalled = run(home, "uninstall", client)

    assert uninstalled.exit_code == 0
    assert " no longer has convirza.\n" in uninstalled.stdout
    assert path.read_text() == before
    again = run(home, "uninstall", client)
    assert (again.exit_code, again.stdout.split(":")[0]) == (0, "No entry to remove")


@pytest.mark.parametrize("client", WRITTEN)
def test_a_broken_file_stays_and_the_fault_and_the_snippet_are_shown(home: Path, client: str) -> None:
    (home / FILES[client]).write_text('{"mcpServers": {"x": "canary"')
    before = everything(home)

    result = run(home, "install", client, "--demo")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "not valid JSON (line 1, column 30" in result.stderr
    assert f"\nFile: {home / FILES[client]}\nEntry to add:\n\n{{\n" in result.stderr
    assert '"--demo"\n' in result.stderr
    assert "canary" not in result.stderr
    assert run(home, "uninstall", client).exit_code == 1
    assert everything(home) == before


@pytest.mark.parametrize("client", WRITTEN)
def test_a_client_that_is_not_there_gets_a_file_on_request_only(tmp_path: Path, client: str) -> None:
    refused = run(tmp_path, "install", client, "--demo")
    nothing = run(tmp_path, "uninstall", client)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "`--create`" in refused.stderr
    assert (nothing.exit_code, nothing.stdout.split(":")[0]) == (0, "No entry to remove")
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "install", client, "--demo", "--create").exit_code == 0
    assert list(everything(tmp_path)) == [FILES[client]]


@pytest.mark.parametrize("client", [*WRITTEN, *PRINTED])
def test_print_writes_nothing_and_gives_the_snippet_alone(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--print")

    assert result.exit_code == 0
    assert result.stderr.startswith(f"Add to {tmp_path}/")
    assert ("part below it" in result.stderr) is (client != "codex")
    assert COMMAND in result.stdout
    assert list(tmp_path.iterdir()) == []
    if client not in ("codex", "goose"):
        assert json.loads(result.stdout)


@pytest.mark.parametrize("client", PRINTED)
def test_other_clients_files_are_not_written(tmp_path: Path, client: str) -> None:
    result = run(tmp_path, "install", client, "--demo")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"`convirza-mcp install {client} --demo --print`" in result.stderr
    named = run(tmp_path, "install", client, "--name", "sms", "--token-file", "a b")
    assert f"`convirza-mcp install {client} --name sms --token-file 'a b' --print`" in named.stderr
    result = run(tmp_path, "uninstall", client)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"`convirza-mcp install {client} --print`" in result.stderr
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
@@ -2,2 +2,10 @@
   "mcpServers": {{
+    "convirza": {{
+      "type": "stdio",
+      "command": "{COMMAND}",
+      "args": [
+        "serve",
+        "--demo"
+      ]
+    }},
     "x": {{"env": {{"KEY": "…"}}}}
"""
    )
    run(home, "install", "cursor", "--demo")
    installed = everything(home)
    shown = run(home, "uninstall", "cursor", "--dry-run").stdout
    for line in ('"type": "stdio",', f'"command": "{COMMAND}",', '"args": [', '  "--demo"'):
        assert f"-      {line}\n" in shown
    assert everything(home) == installed


def test_a_dry_run_hides_what_else_a_person_wrote_into_the_entry(home: Path) -> None:
    entry = {"command": "convirza-mcp", "args": ["serve"], "oauth": {"clientSecret": "canary"}, "apiKey": "canary"}
    (home / FILES["cursor"]).write_text(json.dumps({"mcpServers": {"convirza": entry}}, indent=2))

    shown = run(home, "uninstall", "cursor", "--dry-run")

    assert shown.exit_code == 0
    assert '-      "apiKey": "…"' in shown.stdout
    assert '-        "serve"' in shown.stdout
    assert "canary" not in shown.stdout


def test_an_entry_for_one_folder_that_would_go_first_is_named(home: Path, snapshot: Snapshot) -> None:
    (home / FILES["claude-code"]).write_text(
        '{"projects": {"/a/project": {"mcpServers": {"convirza": {"command": "other"}}}, "/b": {"mcpServers": {}}}}'
    )

    first, again = run(home, "install", "claude-code", "--demo"), run(home, "install", "claude-code", "--demo")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.stdout.startswith("No change: ")
    assert again.stderr == first.stderr
    snapshot(first.stderr)


def test_another_server_of_that_name_is_left_alone(home: Path) -> None:
    (home / FILES["cursor"]).write_text('{"mcpServers": {"convirza": {"url": "https://example.com"}}}')
    before = everything(home)

    refused = run(home, "install", "cursor", "--demo")
    assert refused.exit_code == 1
    # Nothing to paste: under this name it would take the other's place.
    assert "Entry to add" not in refused.stderr
    assert run(home, "uninstall", "cursor").exit_code == 1
    assert everything(home) == before
    assert run(home, "install", "cursor", "--demo", "--name", "sms-inbox").exit_code == 0
    assert list(json.loads((home / FILES["cursor"]).read_text())["mcpServers"]) == ["sms-inbox", "convirza"]


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (["--name", "my server"], {}),
        (["--name", "x" * 25], {}),
        (["--token-file", "/gone"], {}),
        ([], {"CONVIRZA_TIMEZONE": "Mars/Olympus"}),
    ],
)
def test_what_cannot_be_used_is_refused(
    home: Path, options: list[str], settings: dict[str, str], snapshot: Snapshot
) -> None:
    result = run(home, "install", "cursor", "--demo", *options, **settings)

    snapshot(result.exit_code, result.stderr)
    assert everything(home) == {}


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


@pytest.mark.parametrize("client", [*WRITTEN, *PRINTED])
def test_a_client_that_cuts_results_earlier_gets_shorter_ones(tmp_path: Path, client: str) -> None:
    printed = run(tmp_path, "install", client, "--print", "--demo").stdout

    cap = re.search(r'CONVIRZA_MAX_RESULT_TOKENS"? ?[=:] ?"(\d+)"', printed)
    assert (cap and cap[1]) == ("8000" if client in ("codex", "gemini-cli") else None)
