"""The privacy modes over everything that leaves: tools, errors, progress, logs, commands, files."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from mcp import Client, StdioServerParameters

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.head import privacy_line
from convirza_mcp.cli import commands
from convirza_mcp.files import private_folder
from convirza_mcp.privacy.aliases import Aliases, alias_key
from convirza_mcp.server.build import build_server
from faults import FaultServer
from faults.canaries import everything_logged
from support.calls import answer_of, text_of
from support.people import AGENT, LINE, NAME, PHONE, TOKEN, served, traces_in
from support.processes import environment, server_process
from support.snapshots import Snapshot

pytestmark = pytest.mark.usefixtures("state_folder")

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_sms_conversations", {"start": "30d", "limit": 40}),
    ("list_sms_conversations", {"start": "30d", "limit": 40, "detail": "full"}),
    ("list_sms_conversations", {"start": "30d", "search": "4155550142", "detail": "full"}),
    ("get_sms_conversation", {"conversation_id": 700_000}),
    ("get_sms_conversation", {"conversation_id": 700_008}),
    ("search_sms_messages", {"query": "refund"}),
    ("search_sms_messages", {"query": "mail"}),
    ("list_waiting_sms_conversations", {"limit": 100}),
    ("summarize_sms_inbox", {"group_by": "agent"}),
    ("summarize_sms_inbox", {"group_by": "phone_number"}),
    ("summarize_sms_inbox", {"group_by": "status"}),
    ("list_sms_changes", {"since": "7d", "limit": 200}),
]
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("list_sms_conversations", {"search": "reject"}),
    ("list_sms_conversations", {"search": PHONE, "limit": 500}),
    ("list_sms_conversations", {"start": PHONE}),
    ("list_sms_conversations", {NAME: 1}),
    ("get_sms_conversation", {"conversation_id": 14155550142}),
    ("list_sms_changes", {"since": NAME}),
]


@pytest.fixture(scope="module")
def convirza() -> Iterator[FaultServer]:
    with served() as convirza:
        yield convirza


def server_of(convirza: FaultServer, privacy: Any, **changed: Any) -> Any:
    settings = Settings(token=TOKEN, base_url=convirza.base_url, privacy=privacy, **changed)
    return build_server(settings, open_client=lambda: ConvirzaClient.from_settings(settings))


def cells(answer: dict[str, Any], column: str) -> list[Any]:
    return [row[answer["columns"].index(column)] for row in answer["rows"]]


# Without a privacy mode the same calls do show them: the traces are the right ones.
async def test_without_a_privacy_mode_everything_is_shown(convirza: FaultServer) -> None:
    async with Client(server_of(convirza, "off")) as client:
        answer = answer_of(await client.call_tool(*CALLS[0]))

    assert len(traces_in(json.dumps(answer))) > 5
    assert "privacy" not in answer


@pytest.mark.parametrize(("privacy", "era"), [("mask", "auto"), ("strict", "auto"), ("mask", "legacy")])
async def test_no_tool_lets_a_contact_through(
    convirza: FaultServer, privacy: str, era: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    told: list[str] = []

    async def progress(pages: float, of: float | None, message: str | None) -> None:
        told.append(f"{pages} {of} {message}")

    async with Client(server_of(convirza, privacy), mode=era) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {name for name, _ in CALLS}
        for name, given in CALLS:
            result = await client.call_tool(name, given, progress_callback=progress)
            answer = answer_of(result)
            assert traces_in(result.model_dump_json()) == [], name
            assert answer["privacy"] == privacy_line(privacy)
            if privacy == "strict" and "message" in answer["columns"]:
                assert set(cells(answer, "message")) <= {None}
        for name, given in REFUSED:
            result = await client.call_tool(name, given)
            assert result.is_error
            assert traces_in(result.model_dump_json()) == [], name

    assert told
    assert traces_in("\n".join(told)) == []
    assert traces_in(everything_logged(caplog.records)) == []


async def test_agents_and_lines_stay_readable(convirza: FaultServer) -> None:
    async with Client(server_of(convirza, "strict")) as client:
        agents = answer_of(await client.call_tool("summarize_sms_inbox", {"group_by": "agent"}))
        lines = answer_of(await client.call_tool("summarize_sms_inbox", {"phone_number": LINE, "agent": AGENT}))

    assert [row[:2] for row in agents["rows"]] == [[AGENT, 40]]
    assert lines["conversations"] == 40


async def test_masked_messages_are_searched_as_they_are_shown(convirza: FaultServer) -> None:
    async with Client(server_of(convirza, "mask")) as client:
        refunds = answer_of(await client.call_tool("search_sms_messages", {"query": "refund", "limit": 100}))
        by_number = answer_of(await client.call_tool("search_sms_messages", {"query": "4155550142"}))

    assert refunds["matches"] == 37
    assert "refund please, I paid with [card], call [phone]" in cells(refunds, "message")
    assert "refund? [phone] / [phone]" in cells(refunds, "message")
    assert by_number["matches"] == 0


async def test_a_contact_has_one_alias_everywhere_and_tools_take_it(convirza: FaultServer) -> None:
    known = {}
    async with Client(server_of(convirza, "mask")) as client:
        for name, given in CALLS:
            answer = answer_of(await client.call_tool(name, given))
            if "source" in answer["columns"]:
                ids, sources = cells(answer, "conversation_id"), cells(answer, "source")
                names = cells(answer, "source_name") if "source_name" in answer["columns"] else [None] * len(ids)
                for conversation_id, source, source_name in zip(ids, sources, names, strict=True):
                    known.setdefault(conversation_id, set()).add((source, source_name))
            if "conversation" in answer:
                row = answer["conversation"]
                known.setdefault(row["conversation_id"], set()).add((row["source"], row["source_name"]))
        assert {len(each) for each in known.values()} == {1}
        ((contact, person),) = known[700_000]
        assert {one for place in range(0, 40, 8) for one in known[700_000 + place]} == {(contact, person)}
        assert len(set.union(*known.values())) == 36

        for alias in (contact, person.upper()):
            listed = answer_of(await client.call_tool("list_sms_conversations", {"search": alias, "start": "30d"}))
            # The numbers stand there in two writings, of which the name finds both.
            assert {700_008, 700_016, 700_024} <= set(cells(listed, "conversation_id"))
            assert set(cells(listed, "source")) == {contact}
            found = answer_of(await client.call_tool("search_sms_messages", {"query": alias}))
            assert sorted(cells(found, "conversation_id")) == [700_000 + place for place in range(0, 40, 8)]
        opened = answer_of(await client.call_tool("get_sms_conversation", {"conversation_id": 700_008}))
        assert {700_016, 700_024, 700_032} <= set(cells(opened, "conversation_id"))
        assert "next call" not in opened.get("left_out", "")


async def test_an_answer_at_the_end_of_its_budget_has_room_for_the_line(convirza: FaultServer) -> None:
    async with Client(server_of(convirza, "strict", max_result_tokens=2_000)) as client:
        answer = answer_of(
            await client.call_tool("list_sms_conversations", {"start": "30d", "limit": 40, "detail": "full"})
        )

    assert answer["left_out"]
    assert Budget(2_000).holds(json.dumps(answer, separators=(",", ":"), ensure_ascii=False))


@pytest.mark.long
async def test_aliases_outlive_the_process_and_end_with_the_key(convirza: FaultServer) -> None:
    settings = {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_PRIVACY": "mask"}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "convirza_mcp", "serve"], env=environment(**settings)
    )
    async with Client(server) as client:
        seen = [cells(answer_of(await client.call_tool(*CALLS[0])), "source")]
    async with Client(server) as client:
        # In a process that has not shown it yet.
        found = answer_of(await client.call_tool("list_sms_conversations", {"search": seen[0][0], "start": "30d"}))
        seen.append(cells(answer_of(await client.call_tool(*CALLS[0])), "source"))
    aliases = Aliases(alias_key())
    (private_folder() / "privacy.key").unlink()
    async with Client(server) as client:
        seen.append(cells(answer_of(await client.call_tool(*CALLS[0])), "source"))

    assert seen[0] == seen[1]
    assert seen[0][0] == aliases.of_number(PHONE)
    assert set(cells(found, "source")) == {seen[0][0]}
    assert not set(seen[0]) & set(seen[2])


async def test_where_no_key_can_be_kept_every_tool_says_so_and_asks_nothing(snapshot: Snapshot) -> None:
    private_folder().parent.mkdir(parents=True, exist_ok=True)
    private_folder().write_text("a file where the folder should be")
    with served() as convirza:
        async with Client(server_of(convirza, "mask")) as client:
            for name, given in CALLS:
                result = await client.call_tool(name, given)
                assert result.is_error
                snapshot(text_of(result))
        assert convirza.requests == []


@pytest.mark.long
def test_a_server_s_log_holds_no_contact(convirza: FaultServer) -> None:
    settings = {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_PRIVACY": "mask"}
    with server_process(**settings) as server:
        for number, search in enumerate((PHONE, NAME, "reject"), start=1):
            server.call(number, {"search": search, "start": "30d", "detail": "full"})
            assert traces_in(json.dumps(server.receive())) == []
        _, _, logged = server.end(within=10)

    assert "BadRequestError" in logged
    assert traces_in(logged) == []


COMMANDS = [
    ["list", "--start", "30d", "--limit", "40"],
    ["list", "--start", "30d", "--detail", "full"],
    ["get", "700000"],
    ["search", "refund"],
    ["waiting", "--limit", "100"],
    ["summary", "--group-by", "agent"],
    ["changes", "--since", "7d"],
]
EXPORTS = [["export", "--type", "all", "--format", form, "--output", "-"] for form in ("csv", "jsonl")]


@pytest.mark.parametrize(
    "arguments", [*EXPORTS, *(each + more for each in COMMANDS for more in ([], ["--json"]))], ids=" ".join
)
def test_no_command_lets_a_contact_through(convirza: FaultServer, arguments: list[str]) -> None:
    ended = run(convirza, arguments, "mask")

    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout
    assert traces_in(ended.stdout + ended.stderr) == []
    if arguments[0] in ("list", "summary") and "--json" in arguments:
        assert json.loads(ended.stdout)["privacy"] == privacy_line("mask")
    if arguments[0] == "export":
        assert ended.stdout.count("contact-") == ended.stdout.count("person-") == 40
        assert ended.stderr.endswith(f" · {privacy_line('mask')}\n")


def test_an_export_finds_an_alias_and_leaves_messages_out(convirza: FaultServer) -> None:
    contact = Aliases(alias_key()).of_number(PHONE) or ""

    ended = run(convirza, [*EXPORTS[1], "--search", contact.upper()], "strict")

    found = [json.loads(each) for each in ended.stdout.splitlines()]
    assert ended.exit_code == 0, ended.stderr
    assert {each["source"] for each in found} == {contact}
    assert {each["message"] for each in found} == {None}


def test_a_failing_command_prints_no_contact(convirza: FaultServer, snapshot: Snapshot) -> None:
    ended = run(convirza, ["list", "--search", "reject"], "mask")

    assert (ended.exit_code, ended.stdout) == (1, "")
    snapshot(ended.stderr)
    assert traces_in(ended.stderr) == []


@pytest.mark.parametrize("value", ["on", "Mask", "masked", "1"])
def test_an_unknown_mode_stops_the_start(convirza: FaultServer, value: str, snapshot: Snapshot) -> None:
    ended = run(convirza, ["list"], value)

    assert (ended.exit_code, ended.stdout) == (2, "")
    snapshot.shared(ended.stderr)


def run(convirza: FaultServer, arguments: list[str], privacy: str) -> Result:
    settings = {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_PRIVACY": privacy}
    return CliRunner().invoke(commands, arguments, env=settings | {"COLUMNS": "200", "CONVIRZA_TIMEZONE": "UTC"})
