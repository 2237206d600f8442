"""The store as doctor sees it: whether it answers, and whether the keys decrypt its login."""

import json
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.storage import login_storage
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.store import NAME, check_store
from convirza_mcp.setup.doctor.finding import Finding, within
from support.snapshots import Snapshot
from support.stores import STORE_KEYS


async def found(store: str, keys: str | None = STORE_KEYS) -> Finding:
    settings = Settings(store=store, store_keys=keys)
    return await within(60, NAME, check_store(settings))


async def test_each_state_of_the_store_is_said(tmp_path: Path, snapshot: Snapshot) -> None:
    store = f"sqlite:{tmp_path}/store.sqlite"
    empty = await found(store)
    pair = read_token_response(json.dumps({"access_token": "CNVZ-AT-1"}).encode(), now=datetime.now(UTC))
    async with aclosing(login_storage(Settings(store=store, store_keys=STORE_KEYS))) as storage:
        await storage.write(StoredCredential(pair, "5ad0c0", "https://oauth.example"))
    findings = [empty, await found(store), await found(store, "B" * 42 + "A="), await found(store, None)]
    findings.append(await found(f"sqlite:{tmp_path}/none/store.sqlite"))

    assert [each.ok for each in findings] == [True, True, False, False, False]
    snapshot(*findings)
