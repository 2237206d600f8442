"""Every example runs as it is printed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from support.processes import environment, server_process

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.long
@pytest.mark.parametrize("output", ["both", "text"])
@pytest.mark.parametrize("demo", [True, False])
def test_list_inbox_prints_rows_and_a_summary(demo: bool, output: str) -> None:
    with Sandbox() as sandbox:
        settings = {} if demo else {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        ended = subprocess.run(
            [sys.executable, str(EXAMPLES / "list_inbox.py"), *(["--demo"] if demo else [])],
            capture_output=True,
            encoding="utf-8",
            env=environment(CONVIRZA_TIMEZONE="UTC", CONVIRZA_OUTPUT=output, **settings),
            timeout=180,
            check=False,
        )
    *rows, summary = ended.stdout.splitlines()

    assert (ended.returncode, ended.stderr) == (0, "")
    assert summary.startswith(f"Unassigned conversations: {len(rows)}, ")
    assert rows


@pytest.mark.long
def test_list_inbox_says_how_it_is_called() -> None:
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "list_inbox.py"), "--help"], capture_output=True, encoding="utf-8", check=True
    )

    assert ended.stdout.startswith("usage: list_inbox.py [-h] [--demo]\n")
    assert "python examples/list_inbox.py --demo  " in ended.stdout
    assert ended.stderr == ""


@pytest.mark.long
def test_list_inbox_without_a_token_says_what_to_set() -> None:
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "list_inbox.py")],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=180,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("No Convirza token")


@pytest.mark.long
def test_list_inbox_gives_the_reason_of_a_server_that_does_not_start() -> None:
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "list_inbox.py"), "--demo"],
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TIMEZONE="Nowhere"),
        timeout=180,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("convirza-mcp: CONVIRZA_TIMEZONE ")


def test_every_program_is_short_enough_to_be_read_at_once() -> None:
    lengths = {each.name: len(each.read_text(encoding="utf-8").splitlines()) for each in EXAMPLES.glob("*.py")}

    # A whole OAuth flow, with the browser's way back, takes twice as much.
    assert {name: lines for name, lines in lengths.items() if lines >= (120 if name == "team_login.py" else 60)} == {}


def test_the_readme_says_what_every_file_is() -> None:
    named = set(re.findall(r"\]\(([^)/]+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))

    # What late_replies.py remembers lies there as well, once it has been tried.
    remembered = {"late_replies_state.json", "late_replies_demo_state.json"}
    assert named == {each.name for each in EXAMPLES.iterdir()} - {"README.md", "__pycache__"} - remembered


@pytest.mark.long
def test_the_claude_desktop_configuration_starts_the_server() -> None:
    configuration = json.loads((EXAMPLES / "claude_desktop_config.json").read_text(encoding="utf-8"))
    server = configuration["mcpServers"]["convirza"]
    token = {"CONVIRZA_TOKEN": "x", "CONVIRZA_TIMEZONE": server["env"]["CONVIRZA_TIMEZONE"]}
    # The path of the command is the reader's to fill in, and the token is that of a login.
    command = str(Path(sys.executable).with_name("convirza-mcp"))

    assert server["command"] == "/absolute/path/to/.venv/bin/convirza-mcp"
    with server_process([command, *server["args"]], **token) as running:
        running.send({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert running.receive()["result"]["tools"][0]["name"] == "list_sms_conversations"
