import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import pytest

from convirza_mcp import Settings
from convirza_mcp.api.client import credential_from
from convirza_mcp.api.login.credentials import FixedToken, TokenFile
from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.errors import MissingCredentialError
from convirza_mcp.settings import PRODUCTION_OAUTH_URL
from support.snapshots import Snapshot

TOKEN = "CNVZ-AT-7f3e9d"


async def test_the_token_in_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-the-file\n", encoding="utf-8")

    assert await credential_from(Settings(token=TOKEN, token_file=file)).bearer_token() == TOKEN
    assert await credential_from(Settings(token_file=file)).bearer_token() == "from-the-file"


async def test_without_either_the_stored_login_serves_as_soon_as_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    credential = credential_from(Settings())
    for use in (credential.bearer_token(), credential.try_refresh(TOKEN), credential.fingerprint()):
        with pytest.raises(MissingCredentialError) as error:
            await use
        snapshot(error.value)

    pair = TokenPair(TOKEN, None, expires_at=None, refresh_expires_at=None, obtained_at=datetime.now(UTC))
    CredentialStore().write(StoredCredential(pair, account="an-account", oauth_url=PRODUCTION_OAUTH_URL))

    assert await credential.bearer_token() == TOKEN
    assert await credential_from(Settings(token="given")).bearer_token() == "given"


async def test_a_given_token_has_no_successor() -> None:
    assert not await FixedToken(TOKEN).try_refresh(TOKEN)


async def test_a_refused_file_is_read_again_whatever_its_time_says(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    status = file.stat()
    credential = TokenFile(file)
    seen = [await credential.bearer_token()]

    unchanged = await credential.try_refresh("first")
    file.write_text("other", encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    refreshed = await credential.try_refresh("first")
    seen.append(await credential.bearer_token())

    assert (unchanged, refreshed, seen) == (False, True, ["first", "other"])


async def test_a_fingerprint_tells_tokens_apart_and_holds_none(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, encoding="utf-8")

    prints = [await each.fingerprint() for each in (FixedToken(TOKEN), TokenFile(file), FixedToken("another"))]

    assert prints[0] == prints[1] != prints[2]
    assert TOKEN not in prints[0]


async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    credential = TokenFile(file)

    seen = [await credential.bearer_token()]
    for written in ("second", "Bearer the-third\n"):
        file.write_text(written, encoding="utf-8")
        seen.append(await credential.bearer_token())

    assert seen == ["first", "second", "the-third"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TOKEN.encode(),
        TOKEN.encode("utf-16"),
        b"\xfe\xff" + TOKEN.encode("utf-16-be"),
        TOKEN.encode("utf-16-le"),
        f'"{TOKEN}"\r\n'.encode(),
        f"'{TOKEN}'".encode(),
        f"Bearer {TOKEN}\r\n".encode(),
        f'"Bearer {TOKEN}"'.encode(),
        f"\u00a0{TOKEN}\u00a0\n".encode(),
    ],
    ids=repr,
)
async def test_a_token_file_is_read_as_editors_and_shells_save_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)

    assert await TokenFile(file).bearer_token() == TOKEN


@pytest.mark.skipif(os.name == "nt", reason="named pipes")
async def test_a_file_that_is_slow_to_read_holds_up_nothing_else(tmp_path: Path) -> None:
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    credential = TokenFile(pipe)
    tokens: list[str] = []

    async def use() -> None:
        tokens.append(await credential.bearer_token())

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(use)
        # Whoever opens a pipe to write waits for its reader: by then all three wait for the one thread that reads.
        writer = await anyio.to_thread.run_sync(partial(pipe.open, "w", encoding="utf-8"))
        assert tokens == []
        writer.write(TOKEN)
        writer.close()
    # What is there once is there once: the pipe is only read again when its token is refused.
    await use()

    assert tokens == [TOKEN] * 4


@pytest.mark.parametrize("broken", ["", "two words", "\x00", None])
async def test_a_file_that_is_being_written_does_not_cost_the_call(tmp_path: Path, broken: str | None) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, encoding="utf-8")
    credential = TokenFile(file)
    seen = [await credential.bearer_token()]

    if broken is None:
        file.unlink()
    else:
        file.write_text(broken, encoding="utf-8")
    seen.append(await credential.bearer_token())
    file.write_text("renewed", encoding="utf-8")
    seen.append(await credential.bearer_token())

    assert seen == [TOKEN, TOKEN, "renewed"]


@pytest.mark.parametrize("content", [b"", b"two words", b"\xff\xfe", None])
async def test_a_file_that_never_held_a_token_says_so(
    tmp_path: Path, content: bytes | None, snapshot: Snapshot
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(MissingCredentialError) as caught:
        await TokenFile(file).bearer_token()

    snapshot.shared(caught.value)
