"""What the front answers, against the real server: every answer is the server's, or there is none."""

import json
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp.api.models import RefusingReader
from convirza_mcp.server.build import build_server
from convirza_mcp.settings import Settings
from convirza_mcp.transports.front.answers import Answers, load_answers
from support.packages import script
from support.processes import ENVELOPE

SNAPSHOT = script("front_snapshot")
VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "1999-01-01", "2030-01-01", ""]
LISTS = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"]
CLIENT = {"name": "test", "version": "0"}
IDS = st.sampled_from([0, 1, -5, 2**53 - 1, 2**53, 10**30, "a", "", "é", "\u2028", '"', 'a"b', "\\", " ", "\x7f"])
JSON = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 1.5, "", "x", "é"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "listChanged"]), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "listChanged", "form"]), JSON, max_size=2)
CAPABILITIES = st.dictionaries(
    st.sampled_from(["roots", "sampling", "elicitation", "experimental", "extensions", "tasks", "other"]),
    st.just({}) | OBJECTS | JSON,
    max_size=3,
)
CLIENTS = st.just(CLIENT) | st.fixed_dictionaries(
    {"name": st.just("x") | JSON, "version": st.just("1")},
    optional={"title": st.just("t") | JSON, "websiteUrl": st.just("u") | JSON, "icons": JSON, "other": JSON},
)
LEGACY_META = st.fixed_dictionaries(
    {}, optional={"progressToken": st.sampled_from([1, "t", True, 1.5, None]), "other": JSON}
)
MODERN_META = st.fixed_dictionaries(
    {
        "io.modelcontextprotocol/protocolVersion": st.just("2026-07-28") | st.sampled_from(VERSIONS) | JSON,
        "io.modelcontextprotocol/clientCapabilities": st.just({}) | CAPABILITIES,
    },
    optional={
        "io.modelcontextprotocol/clientInfo": CLIENTS,
        "io.modelcontextprotocol/logLevel": st.sampled_from(["info", "loud", None]),
        "progressToken": st.sampled_from([1, "t", True, 1.5, None]),
        "traceparent": JSON,
    },
)
METAS = st.just({}) | LEGACY_META | MODERN_META | st.just(ENVELOPE)
HANDSHAKES = st.fixed_dictionaries(
    {"protocolVersion": st.sampled_from(VERSIONS), "capabilities": st.just({}) | CAPABILITIES, "clientInfo": CLIENTS},
    optional={"_meta": METAS, "other": JSON},
)
PARAMETERS = st.fixed_dictionaries({}, optional={"_meta": METAS, "cursor": st.just("c") | JSON, "other": JSON})
REQUESTS = st.tuples(st.just("initialize"), HANDSHAKES | PARAMETERS) | st.tuples(
    st.sampled_from([*LISTS, "ping", "server/discover", "no/such"]), PARAMETERS | st.just({"_meta": ENVELOPE})
)
Json = dict[str, Any]


def server(output: Any = "both") -> Any:
    return build_server(Settings(output=output), open_client=lambda: nullcontext(RefusingReader("")))


def front(output: str = "both") -> Answers:
    answers = load_answers(output)
    assert not answers.silent, "the snapshot is another SDK's: run `python scripts/front_snapshot.py`"
    return answers


def answer_of(answers: Answers, request: Json) -> Json | None:
    line = answers.answer(json.dumps(request, ensure_ascii=False).encode())
    return None if line is None else json.loads(line)


async def test_the_snapshot_is_the_real_server_s() -> None:
    taken = SNAPSHOT.text_of(await SNAPSHOT.take_snapshot())

    assert taken == SNAPSHOT.TARGET.read_text(encoding="utf-8"), "run `python scripts/front_snapshot.py`"


@pytest.mark.parametrize("output", ["both", "text"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_each_method_is_answered_as_by_the_real_server(version: str, output: str) -> None:
    requests = SNAPSHOT.requests_of(version)
    answers = front(output)

    assert [answer_of(answers, each) for each in requests] == await SNAPSHOT.answers_to(server(output), requests)


@settings(max_examples=60)
@given(asked=st.lists(st.tuples(IDS, REQUESTS), min_size=1, max_size=5))
async def test_an_answer_is_the_real_server_s_or_none(asked: list[tuple[Any, Any]]) -> None:
    requests = [{"jsonrpc": "2.0", "id": told, "method": name, "params": params} for told, (name, params) in asked]
    answers = front()
    said = [answer_of(answers, each) for each in requests]
    expected = await SNAPSHOT.answers_to(server(), requests)
    methods = [each["method"] for each in requests]

    for request, ours, theirs in zip(requests, said, expected, strict=True):
        probed = "server/discover" in methods and methods.index("server/discover") < methods.index(request["method"])
        if ours is not None and not (probed and "initialize" in methods):
            assert ours == theirs


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":NaN}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
        b'{"jsonrpc":"2.0","id":1,"method":"p\\u0069ng"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":' + b"[" * 300 + b"]" * 300 + b"}}}",
        b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
        b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","more":1}',
        b'{"jsonrpc":"2.0","id":"\xff","method":"ping"}',
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b"hello",
        b"",
    ],
)
def test_what_parsers_read_differently_is_left_to_the_real_server(line: bytes) -> None:
    answers = front()

    assert answers.answer(line) is None
    assert answers.silent
    assert answers.answer(b'{"jsonrpc":"2.0","id":1,"method":"ping"}') is None


def test_a_probe_may_be_followed_by_a_handshake() -> None:
    answers = front()
    probe, hello = SNAPSHOT.requests_of("2026-07-28")[0], SNAPSHOT.requests_of("2025-11-25")[0]

    assert answer_of(answers, probe) is not None
    assert not answers.settled
    told = answer_of(answers, hello)
    assert told is not None
    assert told["result"]["protocolVersion"] == "2025-11-25"
    assert answers.opening == hello
    assert answers.settled


@pytest.mark.parametrize("name", ["mcp", "mcp_types"])
@pytest.mark.parametrize("version", ["2.3.1", "2.3", "2.3.0.post1"])
def test_another_sdk_is_left_alone(name: str, version: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / f"{name}-{version}.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    assert load_answers("both").silent


@pytest.mark.parametrize(
    "changed",
    [
        {"privacy": "strict"},
        {"privacy": "mask"},
        {"demo": True, "token": "demo", "base_url": "http://127.0.0.1:1"},
        {"max_result_tokens": 2_000, "max_calls_per_minute": 0, "timeout": 1.0},
    ],
)
async def test_no_setting_but_the_output_changes_what_is_static(changed: Json) -> None:
    requests = SNAPSHOT.requests_of("2025-11-25")
    other = build_server(Settings(**changed), open_client=lambda: nullcontext(RefusingReader("")))

    assert await SNAPSHOT.answers_to(other, requests) == await SNAPSHOT.answers_to(server(), requests)


def test_a_byte_order_mark_is_passed_over() -> None:
    line = b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}'

    assert front().answer(line) == b'{"jsonrpc":"2.0","id":1,"result":{}}\n'
