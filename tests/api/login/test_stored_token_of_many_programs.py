"""What one program leaves in the store for the next, when nobody knows what became of a refresh token."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.errors import LoginRefreshError
from support.logins import A_DAY, A_MINUTE, FIRST, SECOND, Clock, Service, login, opened_token, stored

TEMPORARY = ".credentials.json.new"


async def token_of_a_program(store: CredentialStore, service: Service) -> str:
    async with opened_token(store, service) as credential:
        return await credential.bearer_token()


async def test_a_lost_answer_is_not_asked_for_again_while_the_token_is_good(tmp_path: Path) -> None:
    clock = Clock()
    service = Service(clock)
    service.faults = [httpx2.ReadTimeout("")]
    store = stored(tmp_path / "state", login(clock, left=A_DAY))
    tokens = []
    for _ in range(6):
        tokens.append(await token_of_a_program(store, service))
        clock.pass_by(A_MINUTE)
    while_good = list(service.asked)
    clock.pass_by(A_DAY)

    assert (tokens, while_good) == ([FIRST] * 6, ["CNVZ-RT-1"])
    assert await token_of_a_program(store, service) == SECOND
    kept = store.read()
    assert kept is not None
    assert kept.refresh_asked_at is None


async def test_once_it_has_ended_one_of_all_programs_tries_each_minute(tmp_path: Path) -> None:
    clock = Clock()
    service = Service(clock)
    service.faults = [httpx2.ReadTimeout(""), httpx2.ReadTimeout("")]
    store = stored(tmp_path / "state", login(clock, left=-A_DAY))
    asked = []
    for seconds in (0, 59, 1, 59):
        clock.pass_by(timedelta(seconds=seconds))
        with pytest.raises(LoginRefreshError):
            await token_of_a_program(store, service)
        asked.append(len(service.asked))
    clock.pass_by(A_MINUTE)

    assert asked == [1, 1, 2, 2]
    assert await token_of_a_program(store, service) == SECOND


@pytest.mark.parametrize("left", [A_DAY, -A_DAY], ids=["good", "ended"])
async def test_where_no_connection_was_opened_the_next_program_tries_at_once(tmp_path: Path, left: timedelta) -> None:
    clock = Clock()
    service = Service(clock)
    service.faults = [httpx2.ConnectError("") for _ in range(3)]
    store = stored(tmp_path / "state", login(clock, left=left))
    before = store.path.read_bytes()
    try:
        first = await token_of_a_program(store, service)
    except LoginRefreshError:
        first = ""
    after = store.path.read_bytes()

    assert (first, after) == (FIRST if left > timedelta() else "", before)
    assert await token_of_a_program(store, service) == SECOND


def killed_before_its_place(store: CredentialStore, refreshed: StoredCredential) -> None:
    """As a process that was killed between the writing and the renaming leaves it."""
    before = store.read()
    assert before is not None
    store.write(refreshed)
    store.path.rename(store.path.with_name(TEMPORARY))
    content = store.path.with_name(TEMPORARY).read_bytes()
    store.write(before)
    store.path.with_name(TEMPORARY).write_bytes(content)
    store.path.with_name(TEMPORARY).chmod(0o600)


async def test_a_pair_that_a_killed_program_had_written_is_used(tmp_path: Path) -> None:
    clock = Clock()
    service = Service(clock)
    store = stored(tmp_path / "state", login(clock, left=-A_DAY))
    refreshed = login(clock, access_token=SECOND, refresh_token="CNVZ-RT-2", obtained_at=clock.time)
    killed_before_its_place(store, refreshed)

    assert (await token_of_a_program(store, service), service.asked) == (SECOND, [])
    assert store.read() == refreshed
    assert not store.path.with_name(TEMPORARY).exists()


@pytest.mark.parametrize("spoil", ["account", "older", "half", "readable"])
async def test_a_temporary_file_of_another_login_or_cut_off_is_not_used(tmp_path: Path, spoil: str) -> None:
    clock = Clock()
    service = Service(clock)
    store = stored(tmp_path / "state", login(clock, left=-A_DAY))
    refreshed = login(clock, access_token="CNVZ-AT-no", obtained_at=clock.time)
    if spoil == "account":
        refreshed = replace(refreshed, account="another")
    if spoil == "older":
        refreshed = replace(refreshed, pair=replace(refreshed.pair, obtained_at=clock.time - 30 * A_DAY))
    killed_before_its_place(store, refreshed)
    temporary = store.path.with_name(TEMPORARY)
    if spoil == "half":
        temporary.write_bytes(temporary.read_bytes()[:-40])
    if spoil == "readable":
        temporary.chmod(0o644)

    assert (await token_of_a_program(store, service), service.asked) == (SECOND, ["CNVZ-RT-1"])
    assert not temporary.exists()
