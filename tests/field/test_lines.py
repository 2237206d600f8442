"""Lines and bodies that clients and people really send. Adding a case is adding a row to `lines.jsonl`.

`expected` is `served`, or the id and the code of each error that answers the line; `encoding` is UTF-8 without one.
"""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from convirza_mcp.transports.json_rpc import read_message
from support.http_servers import ACCEPTS, URL, headers, serving
from support.processes import server_process
from support.rows import answering, envelope

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("lines.jsonl").read_text(encoding="utf-8").splitlines()
]


def sent(case: dict[str, Any]) -> bytes:
    text: str = case["input"]
    return text.encode(case.get("encoding", "utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["kind"] for case in CASES])
def test_a_line_is_served_or_answered(case: dict[str, Any]) -> None:
    found = read_message(sent(case))

    if case["expected"] == "served":
        assert not isinstance(found, list)
        assert found.id == 7  # type: ignore[union-attr]
    else:
        assert isinstance(found, list)
        answers = [json.loads(line) for line in found]
        assert [[each["id"], each["error"]["code"]] for each in answers] == case["expected"]
        assert all(each["jsonrpc"] == "2.0" and "\n" not in line for each, line in zip(answers, found, strict=True))


@pytest.mark.parametrize("era", ["legacy", pytest.param("auto", marks=pytest.mark.long)])
def test_each_line_is_answered_once_and_the_next_one_is_served(era: str) -> None:
    with server_process(era=era) as server:
        assert server.process.stdin is not None
        for number, case in enumerate(CASES):
            server.process.stdin.flush()
            server.process.stdin.buffer.write(sent(case) + b"\n")
            server.request(f"after {number}", "tools/list")
            expected = [[7, "served"]] if case["expected"] == "served" else case["expected"]
            answers = [server.receive() for _ in range(len(expected) + 1)]
            said = [[each["id"], each.get("error", {}).get("code", "served")] for each in answers]
            # In the later era a ping is no method any more.
            wanted = [[told, -32602 if code == "served" and era == "auto" else code] for told, code in expected]
            assert sorted(said, key=repr) == sorted([*wanted, [f"after {number}", "served"]], key=repr), case["kind"]


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_each_body_is_answered(era: str) -> None:
    fields = headers("ping") if era == "modern" else ACCEPTS
    async with serving(answering(envelope([]))) as (_, client):
        for case in CASES:
            response = await client.post(URL, content=sent(case), headers=fields)
            answers = answers_in(response)
            if case["expected"] == "served":
                # In the later era a ping without an envelope is no request.
                assert [each["id"] for each in answers] == [7], case["kind"]
                assert response.status_code == (400 if era == "modern" else 200), case["kind"]
            else:
                found = [[each["id"], each["error"]["code"]] for each in answers]
                # A blank body is no message either.
                assert (response.status_code, found) == (400, case["expected"] or [[None, -32700]]), case["kind"]


def answers_in(response: httpx2.Response) -> list[dict[str, Any]]:
    if response.headers["content-type"].startswith("application/json"):
        found = response.json()
        return found if isinstance(found, list) else [found]
    return [json.loads(line[5:]) for line in response.text.splitlines() if line.startswith("data:")]
