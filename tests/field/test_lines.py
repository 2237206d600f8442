"""Lines that clients and people really send over stdio. Adding a case is adding a row to `lines.jsonl`.

`expected` is `served`, or the id and the code of each error that answers the line.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.transports.stdio.messages import read_message
from support.processes import server_process

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("lines.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[case["kind"] for case in CASES])
def test_a_line_is_served_or_answered(case: dict[str, Any]) -> None:
    found = read_message(case["input"].encode("utf-8"))

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
            server.process.stdin.write(case["input"] + "\n")
            server.request(f"after {number}", "tools/list")
            expected = [[7, "served"]] if case["expected"] == "served" else case["expected"]
            answers = [server.receive() for _ in range(len(expected) + 1)]
            said = [[each["id"], each.get("error", {}).get("code", "served")] for each in answers]
            # In the later era a ping is no method any more.
            wanted = [[told, -32602 if code == "served" and era == "auto" else code] for told, code in expected]
            assert sorted(said, key=repr) == sorted([*wanted, [f"after {number}", "served"]], key=repr), case["kind"]
