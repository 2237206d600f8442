"""A program that reads and writes the store without its keys: it learns little, and gives itself no access."""

from pathlib import Path

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.login.grants.grant import Grant
from convirza_mcp.transports.http.login.grants.tokens import Handle, digest
from convirza_mcp.transports.http.login.pending import PendingLogin, name_of_login, new_login_id
from support.oauth_clients import login_server, name_of, plain_client

AN_HOUR = 3_600.0


def stored_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.glob("store.sqlite*"))


async def test_a_grant_that_another_program_writes_lets_nobody_in(tmp_path: Path) -> None:
    with Sandbox(login_limit=None) as sandbox:
        victim, thief = sandbox.logins[0], sandbox.logins[1]
        store = SQLiteStore(tmp_path / "store.sqlite")
        async with login_server(sandbox, tmp_path, store=store) as server, plain_client(server) as client:
            own = await client.tokens(thief)
            await client.tokens(victim)
            mine = Handle.of(own["access_token"])
            assert mine is not None
            (account,) = {each.split(":")[1] for each in await store.names("grant:")} - {mine.account.hex()}
            request = PendingLogin(
                client_id=client.client_id,
                client_name="A client",
                redirect_uri=client.redirect,
                redirect_uri_provided_explicitly=True,
                code_challenge="",
                state=None,
                resource=server.url,
            )
            forged = Handle.new(account)
            token = forged.new_token()
            grant = Grant(request=request, person="", created_at=0.0, code=digest("x"), refresh=digest(token))
            grant.add_access_token(token, 4e9)
            await store.put(forged.name, grant.to_bytes(), seconds=AN_HOUR)
            # The own grant under the other person's name.
            moved = Handle(forged.account, mine.grant)
            sealed = await store.get(mine.name)
            assert sealed is not None
            await store.put(moved.name, sealed.value, seconds=AN_HOUR)

            assert (await client.call(token)).status_code == 401
            assert (await client.refresh(token)).json()["error"] == "invalid_grant"
            assert (await client.call(own["access_token"], type="assignedToYou")).status_code == 200
            assert await client.agents(own["access_token"]) == {name_of(thief)}


async def test_a_pending_login_that_another_program_writes_shows_no_page(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        store = SQLiteStore(tmp_path / "store.sqlite")
        async with login_server(sandbox, tmp_path, store=store) as server, plain_client(server) as client:
            pending = PendingLogin(
                client_id=client.client_id,
                client_name="Claude",
                redirect_uri="https://attacker.example/callback",
                redirect_uri_provided_explicitly=True,
                code_challenge="A" * 43,
                state=None,
                resource=server.url,
            )
            login_id = new_login_id()
            await store.put(name_of_login(login_id), pending.to_bytes(), seconds=AN_HOUR)

            assert (await client.http.get(f"{server.issuer}/login?id={login_id}")).status_code == 410


async def test_the_store_says_neither_who_logs_in_nor_with_which_client(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        async with login_server(sandbox, tmp_path) as server, plain_client(server) as client:
            tokens = await client.tokens(sandbox.logins[1])
            await client.http.get(client.authorize_url())
            held = stored_in(tmp_path)

    login = sandbox.logins[1]
    for text in (login.email, login.password, client.redirect, client.client_id, "st-1", *map(str, tokens.values())):
        if text not in ("Bearer", "sms:read", "3600"):
            assert text.encode() not in held
