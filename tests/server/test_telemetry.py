"""What the SDK's OpenTelemetry spans hold: names that this server knows, numbers and codes. Real processes."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in
from faults.cases import ABOUT_SOMEBODY, each_era, error_body
from support.processes import ServerProcess, close_stdin, server_process

pytestmark = pytest.mark.long

TRACED = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

def one_line(span):
    return span.to_json(indent=None) + "\\n"

provider = TracerProvider()
exporter = ConsoleSpanExporter(out=open(sys.argv[1], "w", encoding="utf-8"), formatter=one_line)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""
FAILING = f"""
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.server import build
from convirza_mcp.server.prompts import InboxPrompt

def fail(self, *_, **__):
    raise LookupError("{PHONE} {NAME} {TOKEN}")

ConvirzaClient.list_sms_conversations = InboxPrompt.render = build.definition = fail
"""
SERVING = """
from convirza_mcp.cli import commands
commands(["serve"])
"""
# The last is the request by which the tests know that the server is up.
STARTED = {"legacy": ["initialize", "notifications/initialized", "unknown"], "auto": ["server/discover", "unknown"]}


def traced(spans: Path, program: str = "") -> list[str]:
    return [sys.executable, "-c", TRACED + program + SERVING, str(spans)]


def spans_in(file: Path, era: str) -> list[dict[str, Any]]:
    """The spans after those of the start, each without what differs from run to run."""
    text = file.read_text(encoding="utf-8")
    assert canaries_in(text) == []
    spans = [json.loads(line) for line in text.splitlines()]
    assert {span["name"] for span in spans[: len(STARTED[era])]} == set(STARTED[era])
    return spans[len(STARTED[era]) :]


def told(span: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    assert span["kind"] == "SpanKind.SERVER"
    assert (span["events"], span["links"]) == ([], [])
    attributes = dict(span["attributes"])
    assert attributes.pop("mcp.protocol.version") in ("2025-11-25", "2026-07-28")
    return span["name"], attributes, span["status"]


def answers(server: ServerProcess, count: int) -> list[dict[str, Any]]:
    return [server.receive() for _ in range(count)]


@each_era
def test_calls_and_prompts_are_told_by_the_names_they_have_here(era: str, tmp_path: Path) -> None:
    page = faults.page([ABOUT_SOMEBODY])
    with (
        FaultServer(page, faults.status(400, error_body(f"{PHONE} {NAME}"))) as convirza,
        server_process(
            traced(tmp_path / "spans"), era=era, CONVIRZA_TOKEN=TOKEN, CONVIRZA_BASE_URL=convirza.base_url
        ) as server,
    ):
        server.call(1, {"search": PHONE})
        assert canaries_in(json.dumps(server.receive())) != []
        server.call(2, {"search": NAME})
        assert server.receive()["result"]["isError"] is True
        server.call(3, {"limit": MESSAGE})
        assert server.receive()["result"]["isError"] is True
        server.request(4, "prompts/get", {"name": "find_conversation", "arguments": {"about": NAME}})
        assert NAME in json.dumps(server.receive())
        server.request(5, "prompts/get", {"name": "triage_inbox", "arguments": {"view": NAME}})
        assert server.receive()["error"]["code"] == -32602

    tool = {
        "mcp.method.name": "tools/call",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "list_sms_conversations",
    }
    failed = tool | {"error.type": "tool_error"}
    prompt = {"mcp.method.name": "prompts/get"}
    refused = {"error.type": "-32602", "rpc.response.status_code": "-32602"}
    assert [told(span) for span in spans_in(tmp_path / "spans", era)] == [
        ("tools/call list_sms_conversations", tool | {"jsonrpc.request.id": "1"}, {"status_code": "UNSET"}),
        ("tools/call list_sms_conversations", failed | {"jsonrpc.request.id": "2"}, {"status_code": "ERROR"}),
        ("tools/call list_sms_conversations", failed | {"jsonrpc.request.id": "3"}, {"status_code": "ERROR"}),
        (
            "prompts/get find_conversation",
            prompt | {"gen_ai.prompt.name": "find_conversation", "jsonrpc.request.id": "4"},
            {"status_code": "UNSET"},
        ),
        (
            "prompts/get triage_inbox",
            prompt | {"gen_ai.prompt.name": "triage_inbox", "jsonrpc.request.id": "5"} | refused,
            {"status_code": "ERROR"},
        ),
    ]


@each_era
def test_names_unknown_to_this_server_are_left_out_of_spans(era: str, tmp_path: Path) -> None:
    with server_process(traced(tmp_path / "spans"), era=era, CONVIRZA_TOKEN=TOKEN) as server:
        server.request(1, "tools/call", {"name": NAME, "arguments": {"to": PHONE}})
        server.request(2, "prompts/get", {"name": PHONE, "arguments": {}})
        server.request(3, f"tools/{NAME}", {"name": PHONE})
        server.request(4, "tools/list", {"name": PHONE, "cursor": NAME})
        server.request(5, "resources/read", {"uri": f"sms:{PHONE}", "name": PHONE})
        server.request(6, "tools/call", {"name": 7, "arguments": NAME})
        server.request(f"{PHONE}", "tools/call", {"name": "list_sms_conversations", "arguments": {"limit": 0}})
        answered = {message["id"]: message for message in answers(server, 7)}
        server.send({"jsonrpc": "2.0", "method": f"notifications/{NAME}", "params": {"name": PHONE}})
        server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": NAME}})
        server.request(8, "tools/list")
        server.receive()

    assert [number for number, message in answered.items() if "error" in message] == [1, 2, 3, 5, 6]
    spans = [told(span) for span in spans_in(tmp_path / "spans", era)]
    by_id = {attributes.get("jsonrpc.request.id"): (name, status) for name, attributes, status in spans}
    failed = {"status_code": "ERROR"}
    assert {number: by_id[number] for number in "123568"} == {
        "1": ("tools/call", failed),
        "2": ("prompts/get", failed),
        "3": ("unknown", failed),
        "5": ("resources/read", failed),
        "6": ("tools/call", failed),
        "8": ("tools/list", {"status_code": "UNSET"}),
    }
    assert {name for name, attributes, _ in spans if "jsonrpc.request.id" not in attributes} == {
        "tools/call list_sms_conversations",
        "unknown",
        "notifications/cancelled",
    }


@each_era
def test_a_span_of_an_internal_error_holds_only_its_code(era: str, tmp_path: Path) -> None:
    with server_process(traced(tmp_path / "spans", FAILING), era=era, CONVIRZA_TOKEN=TOKEN) as server:
        server.call(1, {})
        server.request(2, "prompts/get", {"name": "morning_digest", "arguments": {}})
        server.request(3, "tools/list")
        said = {message["id"]: message for message in answers(server, 3)}
        close_stdin(server)
        status, rest, err = server.end(6)

    failure = "failed inside convirza-mcp (LookupError): please report this fault. [internal_error]"
    assert said[1]["result"]["content"][0]["text"] == f"list_sms_conversations {failure}"
    assert said[2]["error"] == {"code": -32603, "message": f"prompts/get {failure}"}
    assert said[3]["error"] == {"code": -32603, "message": f"tools/list {failure}"}
    assert (status, rest) == (0, "")
    assert canaries_in(err) == []
    failed = {"status_code": "ERROR"}
    spans = [told(span) for span in spans_in(tmp_path / "spans", era)]
    assert [(name, attributes["error.type"], status) for name, attributes, status in spans] == [
        ("tools/call list_sms_conversations", "tool_error", {"status_code": "ERROR"}),
        ("prompts/get morning_digest", "-32603", failed),
        ("tools/list", "-32603", failed),
    ]


def test_the_trace_that_a_client_names_is_carried_on(tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with server_process(traced(tmp_path / "spans"), CONVIRZA_TOKEN=TOKEN) as server:
        meta = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        server.request(1, "tools/list", {"_meta": meta})
        server.receive()

    (span,) = spans_in(tmp_path / "spans", "legacy")
    assert (span["context"]["trace_id"], span["parent_id"]) == (f"0x{trace}", "0x00f067aa0ba902b7")
