"""Who answers must prove to be Convirza before it is told anything."""

import gc
import ssl
import time
from pathlib import Path

import anyio
import httpx2
import pytest

import faults
from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.api.http.connection import network_failure
from convirza_mcp.errors import APIConnectionError, CertificateError, ConvirzaError
from faults import FaultServer
from faults.canaries import PHONE, TOKEN, canaries_in, everything_logged, everything_said_by
from faults.certificates import Authority, without_key_identifier
from faults.proofs import assert_only_gets, assert_token_only_in_authorization, assert_untouched
from support.snapshots import Snapshot

pytestmark = pytest.mark.usefixtures("no_proxy")

ASKED = ConversationQuery(search=PHONE)


async def ask(server: FaultServer, seconds: float = 20.0) -> int:
    async with ConvirzaClient(TOKEN, base_url=server.base_url, timeout=seconds) as client:
        return len((await client.list_sms_conversations(ASKED)).conversations)


async def refusal_of(context: ssl.SSLContext) -> ConvirzaError:
    """The error over that certificate, after which not one byte may have come through."""
    with FaultServer(faults.page(), tls=context) as convirza:
        with pytest.raises(ConvirzaError) as caught:
            await ask(convirza)

        # One attempt: a bad certificate does not get better.
        assert [connection.secured for connection in convirza.connections] == [False]
        assert convirza.received == b""
        assert convirza.requests == []
    return caught.value


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_of_a_trusted_authority_is_accepted(authority: Authority) -> None:
    with FaultServer(faults.page(), tls=authority.serves()) as convirza:
        assert await ask(convirza) == 2

        assert_only_gets(convirza)
        assert_token_only_in_authorization(convirza, TOKEN)


async def test_an_unknown_authority_is_refused(
    authority: Authority, caplog: pytest.LogCaptureFixture, snapshot: Snapshot
) -> None:
    caplog.set_level("DEBUG")

    error = await refusal_of(authority.serves())

    assert type(error) is CertificateError
    snapshot(error)
    assert canaries_in(everything_said_by(error)) == []
    assert canaries_in(everything_logged(caplog.records)) == []


@pytest.mark.usefixtures("trusted")
async def test_an_expired_certificate_is_refused(authority: Authority, snapshot: Snapshot) -> None:
    error = await refusal_of(authority.serves(expired=True))

    assert type(error) is CertificateError
    snapshot(error)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("host", ["127.0.0.2", "platform-api.convirza.com", "127.0.0.1.convirza.example"])
async def test_the_certificate_of_another_host_is_refused(authority: Authority, host: str, snapshot: Snapshot) -> None:
    error = await refusal_of(authority.serves(host))

    assert type(error) is CertificateError
    snapshot.shared(error)


async def test_a_certificate_that_breaks_the_rules_is_not_blamed_on_a_missing_authority(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    served, strict = without_key_identifier(tmp_path)
    with FaultServer(faults.page(), tls=served) as convirza:
        async with httpx2.AsyncClient(verify=strict, trust_env=False) as client:
            with pytest.raises(httpx2.ConnectError) as caught:
                await client.get(convirza.base_url)

    error = network_failure(caught.value, "127.0.0.1")
    assert type(error) is CertificateError
    snapshot(error)


@pytest.mark.usefixtures("trusted")
async def test_a_redirect_from_https_to_http_is_not_followed(authority: Authority) -> None:
    with FaultServer(faults.page()) as plain:
        answer = faults.redirect(307, f"{plain.base_url}/conversations/sms")
        with FaultServer(answer, tls=authority.serves()) as convirza, pytest.raises(ConvirzaError, match="status 307"):
            await ask(convirza)

        assert_untouched(plain)


async def test_a_handshake_that_never_ends_is_given_up_at_the_deadline_and_its_connection_let_go() -> None:
    # A plain server waits for the end of a request that the client's first handshake message is not.
    with FaultServer(faults.page()) as convirza:
        secured = convirza.base_url.replace("http:", "https:")
        async with ConvirzaClient(TOKEN, base_url=secured, timeout=0.4) as client:
            began = time.monotonic()
            with pytest.raises(APIConnectionError):
                await client.list_sms_conversations(ASKED)
            took = time.monotonic() - began
            let_go = await anyio.to_thread.run_sync(convirza.all_closed)

        # A socket that was forgotten warns here, and not in a test that has nothing to do with it.
        gc.collect()
        assert took <= 12
        assert let_go
        assert convirza.requests == []
        assert canaries_in(convirza.received.decode("latin-1")) == []
