"""Over all faults, with every logger at DEBUG: no secret and nothing personal where it does not belong."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in
from faults.cases import ABOUT_SOMEBODY, CASES, each_era, error_body
from faults.proofs import assert_only_gets, assert_token_only_in_authorization
from support.processes import INITIALIZE, SERVE, TALKATIVE, ServerProcess, close_stdin, environment, server_process

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")

QUESTIONS: dict[str, dict[str, Any]] = {
    "list_sms_conversations": {"search": PHONE},
    "get_sms_conversation": {"conversation_id": 987654},
    "search_sms_messages": {"query": NAME, "phone_number": PHONE},
    "list_waiting_sms_conversations": {"agent": NAME},
    "summarize_sms_inbox": {"phone_number": PHONE, "group_by": "agent"},
    "list_sms_changes": {"since": "7d", "agent": NAME},
}
PROMPT = {"type": "ref/prompt", "name": "morning_digest"}


@dataclass(slots=True)
class Watched:
    server: ServerProcess
    folder: Path

    def answer_to(self, number: int) -> str:
        """The answer as it stands on the wire; the token is in nothing that comes before it either."""
        stdout = self.server.process.stdout
        assert stdout is not None
        while True:
            line = stdout.readline()
            assert TOKEN not in line
            if json.loads(line).get("id") == number:
                return line

    def end(self) -> list[dict[str, Any]]:
        """The log's lines, after a look into every place where something could have been left."""
        cmdline = Path(f"/proc/{self.server.process.pid}/cmdline")
        if cmdline.exists():
            assert canaries_in(cmdline.read_text(encoding="utf-8")) == []
        close_stdin(self.server)
        status, rest, err = self.server.end(6)
        assert (status, rest) == (0, "")
        assert canaries_in(err) == []
        everything_logged = (self.folder / "everything.log").read_text(encoding="utf-8")
        assert "DEBUG" in everything_logged
        for file in self.folder.rglob("*"):
            assert canaries_in(file.name) == []
            assert file.is_dir() or canaries_in(file.read_bytes().decode("latin-1")) == []
        return [json.loads(line) for line in err.splitlines()]


@contextmanager
def watched(folder: Path, era: str, base_url: str, seconds: int = 9) -> Iterator[Watched]:
    """Serve with calls that last so long; the longest wait that a fault asks for is longer."""
    for name in ("tmp", "home"):
        (folder / name).mkdir()
    with server_process(
        [sys.executable, "-c", TALKATIVE, str(folder / "everything.log")],
        era=era,
        TMPDIR=str(folder / "tmp"),
        HOME=str(folder / "home"),
        CONVIRZA_TOKEN=TOKEN,
        CONVIRZA_BASE_URL=base_url,
        CONVIRZA_TIMEOUT=str(seconds),
        CONVIRZA_MAX_CALLS_PER_MINUTE="0",
    ) as server:
        yield Watched(server, folder)


@each_era
@pytest.mark.long
# In processes of their own: a retry budget that is used up would spare later faults their repetition.
@pytest.mark.parametrize("turn", range(4))
def test_no_fault_brings_anything_out(turn: int, era: str, tmp_path: Path) -> None:
    cases = list(CASES.values())
    script = [answer for case in cases for answer in [case.fault()] * case.requests]
    with FaultServer(*script, faults.page()) as convirza, watched(tmp_path, era, convirza.base_url, 3) as seen:
        for number, _ in enumerate(cases, 1):
            seen.server.call(number, {"search": PHONE})
            assert canaries_in(seen.answer_to(number)) == []
        lines = seen.end()

        assert len(convirza.requests) == len(script)
        assert_only_gets(convirza)
        assert_token_only_in_authorization(convirza, TOKEN)
    assert [line["outcome"] for line in lines] == [case.error.__name__ for case in cases]
    assert [line["attempts"] for line in lines] == [case.requests for case in cases]


@pytest.mark.long
@each_era
def test_no_answer_s_words_are_anywhere_but_in_the_answer(era: str, tmp_path: Path) -> None:
    page = faults.page([ABOUT_SOMEBODY | {"agent": NAME}])
    # Of Convirza's own words a model may see some; numbers and secrets are never among them.
    refused = faults.status(400, error_body(f"{PHONE} {TOKEN}"))
    calls = [*QUESTIONS.items(), *[(tool, given | {MESSAGE: NAME}) for tool, given in QUESTIONS.items()]]
    with FaultServer(page) as convirza, watched(tmp_path, era, convirza.base_url) as seen:
        for number, (tool, given) in enumerate(calls, 1):
            seen.server.call(number, given, tool)
            seen.answer_to(number)
        lines = seen.end()

        assert_token_only_in_authorization(convirza, TOKEN)
    assert [(line["tool"], line["outcome"]) for line in lines] == [
        *[(tool, "ok") for tool in QUESTIONS],
        *[(tool, "InvalidArgumentError") for tool in QUESTIONS],
    ]
    (tmp_path / "refused").mkdir()
    with FaultServer(refused) as convirza, watched(tmp_path / "refused", era, convirza.base_url) as seen:
        for number, (tool, given) in enumerate(QUESTIONS.items(), 1):
            seen.server.call(number, given, tool)
            assert canaries_in(seen.answer_to(number)) == []
        assert {line["outcome"] for line in seen.end()} == {"BadRequestError"}


@pytest.mark.long
@each_era
def test_what_a_client_writes_beside_calls_is_not_logged(era: str, tmp_path: Path) -> None:
    said = f"{NAME} {PHONE} {MESSAGE} {TOKEN}"
    with watched(tmp_path, era, f"http://127.0.0.1:{faults.closed_port()}/v3") as seen:
        stdin = seen.server.process.stdin
        assert stdin is not None
        stdin.write(f'{{"jsonrpc": "2.0", "{said}": \n{said}\n["{said}"]\n"{said}"\n')
        for message in (
            {"id": said, "result": {"text": said}},
            {"id": said, "error": {"code": 1, "message": said}},
            {"method": f"notifications/{said}", "params": {"name": said}},
            {"method": "notifications/progress", "params": {"progressToken": said, "progress": said}},
            {"method": "notifications/cancelled", "params": {"requestId": said, "reason": said}},
            {"method": "notifications/cancelled", "params": {"requestId": [said]}},
        ):
            seen.server.send({"jsonrpc": "2.0", **message})
        requests: list[tuple[str, dict[str, Any]]] = [
            ("tools/call", {"name": said, "arguments": {"search": said}}),
            ("tools/call", {"name": "list_sms_conversations", "arguments": said}),
            ("tools/call", {"name": "list_sms_conversations", "arguments": {"search": said}, "task": said}),
            ("prompts/get", {"name": said}),
            ("prompts/get", {"name": "find_conversation", "arguments": {said: said}}),
            ("prompts/get", {"name": "find_conversation", "arguments": {"about": {said: said}}}),
            (f"tools/{NAME}", {"name": said}),
            ("resources/read", {"uri": f"sms:{PHONE}"}),
            ("resources/read", {"uri": f"convirza://sms/conversations/{NAME.split()[1]}"}),
            ("completion/complete", {"ref": said}),
            ("completion/complete", {"ref": PROMPT, "argument": {"name": "agent", "value": said}}),
            ("completion/complete", {"ref": PROMPT, "argument": {"name": said, "value": said}}),
        ]
        for number, (method, params) in enumerate(requests, 1):
            seen.server.request(number, method, params)
        seen.server.call(100, {"limit": 0})
        # Answered in whatever order; the official server repeats an unknown method to who sent it.
        stdout = seen.server.process.stdout
        assert stdout is not None
        # The four lines that are no messages have an answer without an id.
        answered = [stdout.readline() for _ in range(4 + len(requests) + 1)]
        lines = seen.end()

    ids = Counter(json.loads(line)["id"] for line in answered)
    assert ids == Counter([*range(1, len(requests) + 1), 100, *[None] * 4])
    assert canaries_in("".join(line for line in answered if json.loads(line)["id"] is None)) == []
    unknown = [line["outcome"] for line in lines if None in (line.get("tool", ""), line.get("resource", ""))]
    assert sorted(unknown) == ["UnknownResource", "UnknownTool"]


@pytest.mark.long
def test_what_comes_before_the_first_request_is_not_logged(tmp_path: Path) -> None:
    note = {"jsonrpc": "2.0", "method": f"notifications/{NAME}", "params": {"text": f"{PHONE} {TOKEN}"}}
    lines = [f"{PHONE} {NAME}", *[json.dumps(note)] * 20, json.dumps(INITIALIZE)]
    log = tmp_path / "everything.log"

    ended = subprocess.run(
        [sys.executable, "-c", TALKATIVE, str(log)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TOKEN=TOKEN),
        timeout=180,
        check=False,
    )

    assert (ended.returncode, [json.loads(line)["id"] for line in ended.stdout.splitlines()]) == (0, [None, 0])
    assert canaries_in(ended.stderr + log.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"CONVIRZA_TOKEN": f"{TOKEN} {PHONE}"},
        *(
            pytest.param({name: text}, marks=pytest.mark.long)
            for name, text in (
                ("CONVIRZA_BASE_URL", f"https://{TOKEN}:{PHONE}@convirza.example/v3"),
                ("CONVIRZA_OAUTH_URL", f"http://{TOKEN}.nip.io/v3"),
                ("CONVIRZA_BASE_URL", f"https://platform-api.convirza。com/{TOKEN}"),
                ("CONVIRZA_MAX_CALLS_PER_MINUTE", TOKEN),
            )
        ),
    ],
)
def test_a_start_that_fails_repeats_no_setting(settings: dict[str, str]) -> None:
    ended = subprocess.run(
        SERVE, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", env=environment(**settings),
        timeout=180, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert canaries_in(ended.stdout + ended.stderr) == []
