"""Many principals on several accounts: nothing of one account reaches another, and memory has one bound."""

import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.registry import Accounts, Principal
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.cache import RowBudget
from convirza_mcp.transports.http.app import http_app
from convirza_mcp.transports.http.replies import Refusal
from convirza_mcp.transports.http.settings import HttpSettings
from support.convirza import Convirza
from support.http_servers import ACCEPTS, URL, headers, message
from support.processes import environment
from support.rows import row

ACCOUNTS = ("north", "south", "east", "west")
PRINCIPALS = [Principal(f"key:p{number}", f"p{number}", account=ACCOUNTS[number % 4]) for number in range(20)]
BY_TOKEN = {f"cvz_{principal.label}": principal for principal in PRINCIPALS}
MARK = re.compile("|".join(ACCOUNTS))
ALIAS = re.compile(r"\b(?:contact|person)-[a-z]{10}\b")
ROWS = 40
# One number and name in all accounts: their aliases must differ all the same.
CONTACT = {"source": "18015551234", "source_name": "John Doe"}


class ByToken:
    """Tells principals apart by made-up tokens."""

    async def principal(self, authorization: Sequence[bytes]) -> Principal:
        found = BY_TOKEN.get(b"".join(authorization).decode().removeprefix("Bearer "))
        if found is None:
            raise Refusal(401, "No.")
        return found


class Tenants:
    """Four accounts behind one transport: whose rows it gives, the token decides. Answers take shuffled times."""

    def __init__(self) -> None:
        self.chance = random.Random(15)
        self.tokens: Counter[str] = Counter()
        self.odd: list[str] = []
        self.inboxes = {
            name: Convirza(
                *(
                    row((place + 1) * 1_000 + each, message=f"hello from {name}", agent=f"agent of {name}", **CONTACT)
                    for each in range(ROWS)
                )
            )
            for place, name in enumerate(ACCOUNTS)
        }

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.tokens[token] += 1
        name = token.removeprefix("token-of-")
        if name not in ACCOUNTS or "cookie" in request.headers or "cvz_" in str(request.headers):
            self.odd.append(token)
        for _ in range(self.chance.randrange(4)):
            await anyio.lowlevel.checkpoint()
        if request.url.path.endswith("/users/list"):
            return httpx2.Response(404, json={})
        answer = self.inboxes[name](request)
        answer.headers["Set-Cookie"] = f"account={name}; Path=/"
        return answer


def asked(chance: random.Random, account: str) -> tuple[str, dict[str, Any], str]:
    """A request of an account's principal: method, parameters, and the name in the headers."""
    other = chance.choice(ACCOUNTS)
    window = {"start": "2026-03-01", "end": "2026-03-06"}
    some_id = (ACCOUNTS.index(other) + 1) * 1_000 + chance.randrange(ROWS)
    tools: list[tuple[str, dict[str, Any]]] = [
        ("list_sms_conversations", {"limit": 5}),
        ("get_sms_conversation", {"conversation_id": some_id} | window),
        ("search_sms_messages", {"query": "hello"} | window),
        ("list_waiting_sms_conversations", window),
        ("summarize_sms_inbox", {"group_by": "agent"} | window),
        ("list_sms_changes", {"since": "2026-03-01T00:00:00Z"}),
    ]
    match chance.randrange(8):
        case 0:
            reference = {"type": "ref/prompt", "name": "triage_inbox"}
            argument = {"name": "agent", "value": "agent"}
            return "completion/complete", {"ref": reference, "argument": argument}, "triage_inbox"
        case 1:
            return "resources/read", {"uri": "convirza://sms/inbox"}, "convirza://sms/inbox"
        case kind:
            name, arguments = tools[kind - 2]
            return "tools/call", {"name": name, "arguments": arguments}, name


@pytest.mark.parametrize("privacy", ["off", "mask"])
@pytest.mark.parametrize("calls", [60, pytest.param(5_000, marks=pytest.mark.long)])
async def test_nothing_of_one_tenant_reaches_another(calls: int, privacy: Any) -> None:
    convirza, chance = Tenants(), random.Random(calls)
    settings = Settings(privacy=privacy, max_calls_per_minute=0)
    transport = httpx2.MockTransport(convirza)

    def open_client(name: str, tasks: Any) -> ConvirzaClient:
        return ConvirzaClient(f"token-of-{name}", transport=transport, tasks=tasks)

    accounts = Accounts(open_client, settings, rows=RowBudget(), read_key=lambda name: name.encode().ljust(32, b"k"))
    http = HttpSettings(http_url=URL, http_auth="keys")
    app = http_app(settings, http, url=URL, open_client=open_client, accounts=accounts, authentication=ByToken())
    inner: Any = app.guard.app
    aliases: dict[str, set[str]] = {name: set() for name in ACCOUNTS}
    answered = Counter[str]()
    limit = anyio.CapacityLimiter(32)
    async with (
        inner.router.lifespan_context(inner),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app.guard), timeout=60) as client,
    ):

        async def call(number: int) -> None:
            token = f"cvz_p{number % 20}"
            account = BY_TOKEN[token].account
            method, params, name = asked(chance, account)
            if number % 2:
                content, fields = message(method, params, number), headers(method, name, token)
            else:
                content = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                fields = ACCEPTS | {"Authorization": f"Bearer {token}"}
            async with limit:
                response = await client.post(URL, json=content, headers=fields)
            assert response.status_code in (200, 400), response.text
            assert {*MARK.findall(response.text)} <= {account}, response.text[:2_000]
            ids = {int(each) // 1_000 for each in re.findall(r"\[([1-4][0-9]{3}),", response.text)}
            assert ids <= {ACCOUNTS.index(account) + 1}
            assert f'"id":{number}' in response.text
            aliases[account] |= {*ALIAS.findall(response.text)}
            answered[account] += bool(MARK.search(response.text))

        async with anyio.create_task_group() as tasks:
            for number in range(calls):
                tasks.start_soon(call, number)

    assert convirza.odd == []
    assert {*convirza.tokens} == {f"token-of-{name}" for name in ACCOUNTS}
    assert all(answered[name] > calls / 30 for name in ACCOUNTS)
    if privacy == "mask":
        assert all(aliases.values())
        assert sum(map(len, aliases.values())) == len(set[str]().union(*aliases.values()))


MEASURE = """
import sys
from pathlib import Path
import anyio
from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.registry import Accounts, Principal
from convirza_mcp.transports.http.app import http_app
from convirza_mcp.tools import tool_named
base, token = sys.argv[1:]
settings = Settings(token=token, base_url=base)

async def main():
    def open_client(name, tasks):
        return ConvirzaClient.from_settings(settings, tasks=tasks)
    tool = tool_named("summarize_sms_inbox")
    async with Accounts(open_client, settings) as accounts:
        for number in range(20):
            async with accounts.lend(Principal(f"key:{number}", account=f"account-{number}")) as account:
                answer = await tool.ask({"start": "365d", "type": "allOpen"}, account.request())
                assert "coverage" in answer.text
        assert accounts.open_accounts == 20
        # The peak of this program alone: that of getrusage begins with the one of the process that started it.
        peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
        print(accounts.rows_held, peak)
anyio.run(main)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_twenty_accounts_stay_within_one_bound() -> None:
    with Sandbox(conversations=12_000) as sandbox:
        ended = subprocess.run(
            [sys.executable, "-c", MEASURE, sandbox.base_url, sandbox.token],
            capture_output=True,
            encoding="utf-8",
            env=environment(CONVIRZA_TIMEZONE="UTC"),
            check=True,
        )
    rows, kibibytes = map(int, ended.stdout.split())
    print(ended.stdout)  # noqa: T201 - the long run's record

    assert rows <= 100_000
    assert kibibytes <= 250 * 1024
