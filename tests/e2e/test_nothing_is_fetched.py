"""Links and images in strangers' texts: they stay text, and nobody ever goes where they point."""

import os
from pathlib import Path
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.cases import each_era
from faults.proofs import assert_only_gets, assert_untouched
from support import egress
from support.processes import server_process
from support.rows import envelope, row

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")

WINDOW = {"start": "2026-03-01", "end": "2026-03-06"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_sms_conversations", WINDOW),
    ("list_sms_conversations", {"detail": "full", **WINDOW}),
    ("get_sms_conversation", {"conversation_id": 1, **WINDOW}),
    ("search_sms_messages", {"query": "tap", **WINDOW}),
    ("list_waiting_sms_conversations", WINDOW),
    ("summarize_sms_inbox", {"group_by": "agent", **WINDOW}),
    ("list_sms_changes", {"since": "2026-03-01"}),
]


def lures(origin: str) -> list[str]:
    return [
        f"tap ![x]({origin}/?q=all-the-rows)",
        "tap [a](javascript:fetch('" + origin + "'))",
        f'tap <img src="{origin}/pixel.gif"> <script src={origin}></script>',
        f"tap ![x][1]\n\n[1]: {origin}/by-reference",
        f"tap {origin}/plain or <{origin}/auto>",
        f"tap <link rel=preload href={origin}> file:///etc/passwd",
    ]


@pytest.mark.long
@each_era
def test_links_in_messages_are_never_fetched(tmp_path: Path, era: str) -> None:
    with FaultServer(faults.page()) as elsewhere:
        texts = lures(elsewhere.origin)
        rows = [
            row(number, message=text, source_name=text[:70], agent=text[:70], source=f"1801555{number:04}")
            for number, text in enumerate(texts, 1)
        ]
        page = faults.json_body(envelope(rows))
        with (
            FaultServer(page) as convirza,
            server_process(
                era=era,
                CONVIRZA_TOKEN="CNVZ-AT-7f3e9d",
                CONVIRZA_BASE_URL=convirza.base_url,
                CONVIRZA_TIMEZONE="UTC",
                **egress.watched(tmp_path),
            ) as server,
        ):
            answers = []
            for number, (tool, given) in enumerate(CALLS):
                server.call(number, given, tool)
                answers.append(server.receive()["result"])
            assert_only_gets(convirza)
            port = convirza.port
        assert_untouched(elsewhere)

    assert not any(answer.get("isError") for answer in answers)
    full = answers[1]["structuredContent"]
    place = full["columns"].index("message")
    # Whole, and as data: whoever shows it decides what an image mark is.
    assert [cells[place] for cells in full["rows"]] == texts
    assert {*egress.seen(tmp_path)} == {("socket.connect", ("127.0.0.1", port))}
