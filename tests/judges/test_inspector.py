"""The Inspector's command line against the commands that people configure, over both transports and in both eras."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import INSTRUCTIONS, build_server, definition
from convirza_mcp.server.pictures import PAGE
from convirza_mcp.server.prompts import PROMPTS as SHIPPED
from convirza_mcp.server.prompts import PromptContext
from convirza_mcp.server.resources import listed_resources, listed_templates
from convirza_mcp.tools import all_tools
from judges.installed import ask, needs_judges
from support.http_servers import http_process

pytestmark = needs_judges

NOW = datetime(2026, 3, 5, 18, tzinfo=UTC)
WINDOW = {"start": "2026-02-03T18:00:00Z", "end": "2026-03-05T18:00:00Z"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_sms_conversations": WINDOW | {"limit": 3, "order": "asc"},
    "get_sms_conversation": WINDOW,
    "search_sms_messages": WINDOW | {"query": "you", "limit": 5},
    "list_waiting_sms_conversations": WINDOW | {"limit": 5},
    "summarize_sms_inbox": WINDOW | {"group_by": "agent"},
    "list_sms_changes": {"since": WINDOW["start"], "limit": 5},
}
# Each prompt here is given its times as they are to be written: when it is asked for does not show.
AT = PromptContext(now=NOW, zone=UTC, last_close="")
PROMPTS: dict[str, dict[str, str]] = {
    "find_conversation": {"about": 'a "full" refund', "agent": "Ann Lee"},
    "morning_digest": {"since": "16h", "line": "18015557654"},
    "response_time_review": {"start": "14d", "end": "7d", "agent": "Ann Lee"},
    "triage_inbox": {"since": "7d", "view": "unassigned"},
    "unassigned_sweep": {},
    "weekly_report": {},
}
ERAS = ["legacy", "modern"]


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the moments at which it was read."""
    coverage = {name: value for name, value in answer.get("coverage", {}).items() if name != "as_of"}
    return {name: value for name, value in answer.items() if name != "as_of"} | {"coverage": coverage}


async def official(sandbox: Sandbox, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer that the SDK's client gets from the same server in this process."""
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url, zone=ZoneInfo("UTC"))
    async with Client(build_server(settings)) as client:
        result = await client.call_tool(name, arguments)
    assert result.structured_content is not None
    return timeless(result.structured_content)


SANDBOX = {"conversations": 1_000, "now": NOW}


TRANSPORTS = ["stdio", "HTTP"]


@contextmanager
def started(transport: str, sandbox: Sandbox) -> Iterator[list[str]]:
    """The Inspector's arguments that reach the command `serve`, or `serve --http`."""
    settings = {"TOKEN": sandbox.token, "BASE_URL": sandbox.base_url, "TIMEZONE": "UTC"}
    given = {f"CONVIRZA_{name}": value for name, value in settings.items()}
    if transport == "HTTP":
        with http_process(**given) as server:
            yield [server.url, "--transport", "http"]
        return
    command = shutil.which("convirza-mcp", path=Path(sys.executable).parent)
    assert command is not None
    yield [command, "serve", *(part for name, value in given.items() for part in ("-e", f"{name}={value}"))]


@pytest.fixture(scope="module", params=TRANSPORTS)
def start(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[list[str]]:
    with started(request.param, sandbox) as start:
        yield start


class Inspector:
    def __init__(self, start: list[str], era: str, home: Path) -> None:
        self._start = [*start, "--protocol-era", era, "--format", "json"]
        self._home = home

    def run(self, method: str, *options: str) -> "subprocess.CompletedProcess[str]":
        arguments = ["--cli", *self._start, "--method", method, *options]
        ended = ask("@modelcontextprotocol/inspector", *arguments, home=self._home)
        assert ended.stdout, ended.stderr
        return ended

    def lines(self, method: str, *options: str) -> list[dict[str, Any]]:
        """Return the JSON documents that it prints, one a line."""
        return [json.loads(line) for line in self.run(method, *options).stdout.splitlines()]

    def ask(self, method: str, *options: str) -> tuple[int, dict[str, Any], str]:
        """Exit status, the result without the server's stamp on it, and what stood on stderr."""
        ended = self.run(method, *options)
        result: dict[str, Any] = json.loads(ended.stdout)["result"]
        result.pop("_meta", None)
        return ended.returncode, result, ended.stderr


@pytest.fixture(params=ERAS)
def inspector(request: pytest.FixtureRequest, start: list[str], tmp_path: Path) -> Inspector:
    return Inspector(start, request.param, tmp_path)


@pytest.mark.parametrize(
    ("era", "version"), [("legacy", "2025-11-25"), ("modern", "2026-07-28"), ("auto", "2026-07-28")]
)
def test_the_server_introduces_itself(start: list[str], tmp_path: Path, era: str, version: str) -> None:
    status, said, errors = Inspector(start, era, tmp_path).ask("initialize")

    assert (status, errors) == (0, "")
    assert said["protocolVersion"] == version
    assert said["serverInfo"]["name"] == "convirza-mcp"
    assert said["instructions"] == INSTRUCTIONS


def test_the_tools_are_listed_whole_and_the_schema_lint_finds_no_error(inspector: Inspector) -> None:
    status, listed, errors = inspector.ask("tools/list", "--strict")

    assert status == 0
    assert listed["tools"] == [
        definition(tool, structured=True).model_dump(by_alias=True, exclude_none=True) for tool in all_tools()
    ]
    # Of the values in a row nothing can be said: what they are depends on the column.
    warnings = [line for line in errors.splitlines() if line.startswith("  Path: ")]
    assert warnings == ["  Path: outputSchema.properties.rows.items.items"] * len(all_tools())


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("name", [tool.name for tool in all_tools()])
async def test_a_tool_gives_what_the_official_client_gets(
    sandbox: Sandbox, tmp_path: Path, transport: str, era: str, name: str
) -> None:
    arguments = dict(ARGUMENTS[name])
    if name == "get_sms_conversation":
        arguments["conversation_id"] = sandbox.ask(limit=1).rows[0]["conversation_id"]

    # Asked before and after, because a wait may turn from one hour to the next in between.
    before = await official(sandbox, name, arguments)
    options = ["--tool-name", name, "--tool-args-json", json.dumps(arguments)]
    # A server of its own: one that was asked before says how it holds the answer.
    with started(transport, sandbox) as start:
        status, result, _ = Inspector(start, era, tmp_path).ask("tools/call", *options)
    after = await official(sandbox, name, arguments)

    (block,) = result["content"]
    assert (status, result.get("isError", False)) == (0, False)
    assert json.loads(block["text"]) == result["structuredContent"]
    assert timeless(result["structuredContent"]) in (before, after)
    assert before["columns"]


def test_the_tools_with_a_picture_are_apps(inspector: Inspector) -> None:
    apps = inspector.lines("tools/list", "--app-info")
    (called,) = inspector.lines("tools/call", "--tool-name", "summarize_sms_inbox", "--app-info")

    wanted = {
        "hasApp": True,
        "resourceUri": PAGE,
        "csp": {"connectDomains": [], "resourceDomains": []},
        "prefersBorder": True,
        "resourceMimeType": "text/html;profile=mcp-app",
    }
    assert {each.pop("toolName"): each for each in apps if each["hasApp"]} == {
        tool.name: wanted for tool in all_tools() if tool.name != "list_sms_conversations"
    }
    assert called["appInfo"] == wanted | {"toolName": "summarize_sms_inbox"}


def test_a_failure_is_a_result_with_the_sentence_and_an_exit_status(inspector: Inspector) -> None:
    status, result, errors = inspector.ask(
        "tools/call", "--tool-name", "list_sms_conversations", "--tool-args-json", '{"limit": 0}'
    )

    assert (status, result) == (
        5,
        {
            "content": [{"type": "text", "text": "`limit` takes a whole number from 1 to 200. [invalid_argument]"}],
            "isError": True,
        },
    )
    assert json.loads(errors.splitlines()[-1])["error"]["code"] == "tool_is_error"


def test_the_prompts_are_listed(inspector: Inspector) -> None:
    status, listed, errors = inspector.ask("prompts/list")

    assert (status, errors) == (0, "")
    assert [prompt["name"] for prompt in listed["prompts"]] == list(PROMPTS)


def test_the_resources_are_listed(inspector: Inspector) -> None:
    status, listed, errors = inspector.ask("resources/list")
    template_status, templates, _ = inspector.ask("resources/templates/list")

    assert (status, template_status, errors) == (0, 0, "")
    for found, wanted in (
        (listed["resources"], listed_resources()),
        (templates["resourceTemplates"], listed_templates()),
    ):
        assert found == [each.model_dump(by_alias=True, exclude_none=True) for each in wanted]


def test_a_resource_is_read(inspector: Inspector) -> None:
    status, result, errors = inspector.ask("resources/read", "--uri", "convirza://sms/inbox")

    (contents,) = result["contents"]
    assert status == 0
    # The log of the server, where the Inspector starts it.
    assert not errors or json.loads(errors)["resource"] == "convirza://sms/inbox"
    assert (contents["uri"], contents["mimeType"]) == ("convirza://sms/inbox", "application/json")
    assert json.loads(contents["text"])["coverage"]["complete"] is True


@pytest.mark.parametrize("template", SHIPPED.values(), ids=lambda template: template.name)
def test_a_prompt_is_given_with_its_arguments_filled_in(inspector: Inspector, template: Any) -> None:
    given = PROMPTS[template.name]
    pairs = ["--prompt-args", *(f"{name}={value}" for name, value in given.items())] if given else []

    status, result, errors = inspector.ask("prompts/get", "--prompt-name", template.name, *pairs)

    assert (status, errors) == (0, "")
    assert result == {
        "description": template.description,
        "messages": [{"role": "user", "content": {"type": "text", "text": template.render(given, AT)}}],
    }
