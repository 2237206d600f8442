"""Access keys: which let in, how the file changes under a running server, and what the challenge says."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx2
import pytest

from convirza_mcp.errors import CredentialUnusableError
from convirza_mcp.transports.http.app import HttpApp
from convirza_mcp.transports.http.authentication.keys import KeyFile, is_key
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL, headers, message, serving
from support.rows import answering, envelope, row

TOOL = "list_sms_conversations"
CALL = message("tools/call", {"name": TOOL, "arguments": {"limit": 1}})


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
async def served(file: KeyFile) -> AsyncIterator[tuple[HttpApp, httpx2.AsyncClient]]:
    http = HttpSettings(http_url=URL, http_auth="keys", http_keys_file=file.path)
    async with serving(answering(envelope([row(1)])), http) as served:
        yield served


@pytest.fixture
def client(served: tuple[HttpApp, httpx2.AsyncClient]) -> httpx2.AsyncClient:
    return served[1]


async def call(client: httpx2.AsyncClient, token: str | None = None, **more: str) -> httpx2.Response:
    return await client.post(URL, json=CALL, headers=headers("tools/call", TOOL, token) | more)


async def test_a_key_lets_in_until_it_is_removed(file: KeyFile, client: httpx2.AsyncClient) -> None:
    key = file.add("priya")

    assert (await call(client, key)).json()["result"]["structuredContent"]["rows"][0][0] == 1
    file.remove("priya")
    assert (await call(client, key)).status_code == 401


async def test_an_expired_key_is_refused(file: KeyFile, client: httpx2.AsyncClient) -> None:
    key = file.add("priya", int(time.time()) - 1)

    assert (await call(client, key)).status_code == 401


WRONG = ["cvz_" + "A" * 43, "cvz_", "x", "Ä", "CNVZ-AT-7f3e9d"]


@pytest.mark.parametrize("token", WRONG)
async def test_any_other_token_is_refused_without_a_request(file: KeyFile, token: str) -> None:
    file.add("priya")
    asked: list[httpx2.Request] = []

    def convirza(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json=envelope([]))

    http = HttpSettings(http_url=URL, http_auth="keys", http_keys_file=file.path)
    async with serving(answering(convirza), http) as (_, client):
        given = [*headers("tools/call", TOOL).items(), ("Authorization", f"Bearer {token}".encode())]
        response = await client.post(URL, json=CALL, headers=given)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="convirza-mcp", error="invalid_token"'
    assert asked == []


async def test_the_challenge_names_no_document(client: httpx2.AsyncClient) -> None:
    response = await call(client)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="convirza-mcp"'
    assert response.headers["connection"] == "close"
    for path in ("oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"):
        assert (await client.get(f"/.well-known/{path}")).status_code == 404


@pytest.mark.parametrize("value", ["Basic {}", "{}", "Bearer", "Bearer {} {}", "Bearer\t{}"])
async def test_other_forms_of_the_header_are_refused(file: KeyFile, client: httpx2.AsyncClient, value: str) -> None:
    key = file.add("priya")

    assert (await call(client, Authorization=value.format(key, key))).status_code == 401
    assert (await call(client, Authorization=f"bearer {key}")).status_code == 200


async def test_the_key_is_never_sent_to_convirza(file: KeyFile) -> None:
    sent: list[str] = []

    def convirza(request: httpx2.Request) -> httpx2.Response:
        sent.append(str(request.headers))
        return httpx2.Response(200, json=envelope([row(1)]))

    key = file.add("priya")
    http = HttpSettings(http_url=URL, http_auth="keys", http_keys_file=file.path)
    async with serving(answering(convirza), http) as (_, client):
        await call(client, key)

    assert len(sent) == 1
    assert key not in sent[0]


async def test_a_key_file_that_others_can_change_is_refused(file: KeyFile, client: httpx2.AsyncClient) -> None:
    key = file.add("priya")
    file.path.chmod(0o666)

    response = await call(client, key)
    assert response.status_code == 503
    assert (await client.get("/readyz")).status_code == 503
    file.path.chmod(0o600)
    file.add("ann")
    assert (await call(client, key)).status_code == 200


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version":1,"keys":[{}]}', '{"version":1,"keys":[1]}', "\x00"])
def test_what_is_no_file_of_keys_is_refused(file: KeyFile, content: str) -> None:
    file.path.write_text(content, encoding="utf-8")
    file.path.chmod(0o600)

    with pytest.raises(CredentialUnusableError):
        file.read()


def test_a_file_may_be_a_mounted_one(file: KeyFile, tmp_path: Path) -> None:
    # Kubernetes mounts secrets as links to files that all may read.
    key = file.add("priya")
    link = tmp_path / "link.json"
    link.symlink_to(file.path)
    file.path.chmod(0o444)

    assert KeyFile(link).find(key) is not None


def test_no_file_is_no_keys(file: KeyFile) -> None:
    assert file.read() == ()
    assert file.find("cvz_" + "A" * 43) is None


def test_only_the_form_of_keys_is_taken_for_one(file: KeyFile) -> None:
    assert is_key(file.add("priya"))
    assert not is_key("eyJhbGciOi.x.y")


async def test_instructions_say_whose_login_it_is(file: KeyFile, client: httpx2.AsyncClient) -> None:
    key = file.add("priya")
    response = await client.post(URL, json=message("server/discover"), headers=headers("server/discover", token=key))

    assert "one Convirza login" in response.json()["result"]["instructions"]
    assert len(response.json()["result"]["instructions"]) <= 2_048


async def test_the_log_names_the_key(
    file: KeyFile, client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = file.add("priya")
    with caplog.at_level("INFO", logger="convirza_mcp"):
        await call(client, key)

    lines = [json.loads(each.message) for each in caplog.records if each.name == "convirza_mcp"]
    assert [each["caller"] for each in lines] == ["priya"]
    assert key not in caplog.text


@pytest.mark.parametrize("ends", ["removed", "replaced", "expired"])
async def test_a_listen_stream_ends_with_its_key(
    file: KeyFile, served: tuple[HttpApp, httpx2.AsyncClient], ends: str
) -> None:
    app, client = served
    key = file.add("priya", int(time.time()) + 2 if ends == "expired" else None)
    other = file.add("ann")
    params = {"notifications": {"resourceSubscriptions": ["convirza://sms/inbox"]}}
    ended: list[str] = []

    async def listen(label: str, token: str) -> None:
        response = await client.post(
            URL, json=message("subscriptions/listen", params), headers=headers("subscriptions/listen", token=token)
        )
        assert '"resultType":"complete"' in response.text
        ended.append(label)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, "ann", other)
            async with anyio.create_task_group() as first:
                first.start_soon(listen, "priya", key)
                while app.listening.listeners < 2:
                    await anyio.lowlevel.checkpoint()
                if ends != "expired":
                    file.remove("priya")
                if ends == "replaced":
                    file.add("priya")
            assert ended == ["priya"]
            assert (await call(client, other)).status_code == 200
            tasks.cancel_scope.cancel()


async def test_a_listen_stream_whose_key_is_removed_before_its_body_comes_ends(
    file: KeyFile, served: tuple[HttpApp, httpx2.AsyncClient]
) -> None:
    app, client = served
    key = file.add("priya")
    params = {"notifications": {"resourceSubscriptions": ["convirza://sms/inbox"]}}
    content = json.dumps(message("subscriptions/listen", params)).encode()
    first_ended = anyio.Event()

    async def late() -> AsyncIterator[bytes]:
        yield content[:10]
        await first_ended.wait()
        yield content[10:]

    async def listen(body: bytes | AsyncIterator[bytes]) -> None:
        response = await client.post(URL, content=body, headers=headers("subscriptions/listen", token=key))
        assert '"resultType":"complete"' in response.text
        first_ended.set()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, late())
            tasks.start_soon(listen, content)
            while app.listening.listeners < 1 or sum(app.guard.in_flight.values()) < 2:
                await anyio.lowlevel.checkpoint()
            file.remove("priya")
