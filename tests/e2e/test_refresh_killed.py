"""kill -9 in the middle of a renewal: the stored login is the old one or the new one, and the next program goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="its processes are forked")

# The killed ones are forked from a process that has everything imported already, or most of the time would go there.
KILLER = """
import json, os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio, filelock, httpx2
from convirza_mcp.api.login.storage import FileLogin
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.single_flight import background_tasks

OAUTH_URL = "https://oauth.example"
LONGEST_RUN = 0.08

def renewed(request):
    number = int(json.loads(request.content)["refresh_token"].removeprefix("CNVZ-RT-")) + 1
    return httpx2.Response(200, json={"access_token": f"CNVZ-AT-{number}", "refresh_token": f"CNVZ-RT-{number}"})

async def renew_for_ever(folder, started):
    transport = httpx2.MockTransport(renewed)
    async with background_tasks() as tasks:
        credential = StoredToken(FileLogin(CredentialStore(folder)), oauth_url=OAUTH_URL, transport=transport)
        credential.open(tasks)
        token = await credential.bearer_token()
        os.write(started, b".")
        while True:
            assert await credential.try_refresh(token)
            token = await credential.bearer_token()

def killed_once(folder, moment):
    heard, started = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            anyio.run(renew_for_ever, folder, started)
        finally:
            os._exit(1)
    os.close(started)
    os.read(heard, 1)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(heard)
    assert os.WIFSIGNALED(status), "it ended by itself"

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
store = CredentialStore(folder)
pair = TokenPair("CNVZ-AT-0", "CNVZ-RT-0", None, None, obtained_at=datetime.now(UTC))
store.write(StoredCredential(pair, account="5ad0c0", oauth_url=OAUTH_URL))
seen, stray, slowest = [], 0, 0.0
for _ in range(kills):
    killed_once(folder, random.uniform(0, LONGEST_RUN))
    beside = {path.name for path in folder.iterdir()} - {"credentials.json", "credentials.lock"}
    assert beside <= {".credentials.json.new"}, beside
    stray += len(beside)
    pair = store.read().pair
    number = int(pair.access_token.removeprefix("CNVZ-AT-"))
    assert pair.refresh_token == f"CNVZ-RT-{number}"
    seen.append(number)
    begun = time.monotonic()
    with store.lock(1):
        slowest = max(slowest, time.monotonic() - begun)
assert seen == sorted(seen)
print(json.dumps({"kills": kills, "renewals": seen[-1], "stray": stray, "slowest lock": slowest}))
"""


@pytest.mark.long
@pytest.mark.parametrize("kills", [1_000])
def test_no_moment_to_be_killed_in_costs_the_login(tmp_path: Path, kills: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path / "state"), str(kills)],
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    figures = json.loads(ended.stdout)
    assert figures["kills"] == kills
    # Or nobody was killed while it renewed.
    assert figures["renewals"] > 0
    assert figures["slowest lock"] <= 1
