"""Documents from addresses that strangers choose: what is fetched, and all that is refused before a byte is sent."""

import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest

from convirza_mcp.transports.http.login.public_fetch import FetchError, PublicFetch, is_public
from faults.answers import Answer, html, json_body, redirect, status
from faults.bombs import flood, gzip_bomb
from faults.certificates import Authority
from faults.server import FaultServer
from faults.slow import drip, hang

NAME = "client.example"
DOCUMENT = {"client_id": "x"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def trust(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.pem.decode())


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[[Answer], FaultServer]]:
    running: list[FaultServer] = []

    def serve(answer: Answer) -> FaultServer:
        running.append(FaultServer(answer, tls=authority.serves(NAME)).__enter__())
        return running[-1]

    yield serve
    for each in running:
        each.__exit__(None, None, None)


def of_test(trust: ssl.SSLContext, *addresses: str, seconds: float = 30.0) -> PublicFetch:
    """A fetch that lets in 127.0.0.1, with names that have these addresses."""
    return PublicFetch(
        is_allowed=lambda address: str(address) == "127.0.0.1",
        resolve=lambda *_: [*addresses],
        tls=trust,
        seconds=seconds,
    )


async def test_the_connection_goes_to_the_checked_address_in_the_name_s_name(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext
) -> None:
    server = serve(json_body(DOCUMENT))

    # No resolver of this machine knows the name.
    fetched = await of_test(trust, "10.0.0.7", "127.0.0.1")(f"https://{NAME}:{server.port}/id.json")

    assert fetched.body == b'{"client_id": "x"}'
    (request,) = server.requests
    assert request.header("host") == f"{NAME}:{server.port}"
    assert request.header("cookie") is request.header("authorization") is None


async def test_the_name_is_resolved_once(serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext) -> None:
    server = serve(json_body(DOCUMENT))
    answers = iter((["127.0.0.1"], ["127.0.0.2"]))
    fetch = PublicFetch(
        is_allowed=lambda address: str(address) == "127.0.0.1", resolve=lambda *_: next(answers), tls=trust, seconds=30
    )

    await fetch(f"https://{NAME}:{server.port}/id.json")
    assert len(server.connections) == 1

    # The name has changed: it is checked again.
    with pytest.raises(FetchError):
        await fetch(f"https://{NAME}:{server.port}/id.json")
    assert len(server.connections) == 1


REFUSED = {
    "redirect": redirect(302, "https://claude.ai/"),
    "not found": status(404, b"{}"),
    "bot challenge": html(403),
    "page": html(200),
    "text": status(200, b"{}", [("Content-Type", "text/plain")]),
    "one byte too long": status(200, b" " * (64 * 1024 + 1)),
    "16 MiB": flood(16),
    "packed": gzip_bomb(64),
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
async def test_other_answers_are_refused(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext, answer: Answer
) -> None:
    server = serve(answer)

    with pytest.raises(FetchError):
        await of_test(trust, "127.0.0.1")(f"https://{NAME}:{server.port}/id.json")

    assert server.all_closed(5)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [hang(), drip(0.05)], ids=["no answer", "slow body"])
async def test_the_time_is_limited(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext, answer: Answer
) -> None:
    server = serve(answer)

    with pytest.raises(FetchError):
        await of_test(trust, "127.0.0.1", seconds=0.5)(f"https://{NAME}:{server.port}/id.json")

    assert server.all_closed(5)


async def test_the_certificate_has_to_be_the_name_s(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext
) -> None:
    server = serve(json_body(DOCUMENT))

    with pytest.raises(FetchError):
        await of_test(trust, "127.0.0.1")(f"https://other.example:{server.port}/id.json")

    assert server.requests == []


# What a stranger's name may lead to, beside the internet.
INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.10",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
async def test_addresses_that_are_not_public_are_not_connected_to(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext, address: str
) -> None:
    server = serve(json_body(DOCUMENT))

    with pytest.raises(FetchError):
        await PublicFetch(resolve=lambda *_: [address], tls=trust)(f"https://{NAME}:{server.port}/id.json")

    assert server.connections == []


@pytest.mark.parametrize("address", ["8.8.8.8", "160.79.104.10", "192.0.1.1", "2600:1901::1", "2a00:1450::1"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "localhost"])
async def test_an_address_in_the_url_is_checked_too(
    serve: Callable[[Answer], FaultServer], trust: ssl.SSLContext, host: str
) -> None:
    server = serve(json_body(DOCUMENT))

    with pytest.raises(FetchError):
        await PublicFetch(tls=trust)(f"https://{host}:{server.port}/id.json")

    assert server.connections == []


async def test_plain_http_is_refused(trust: ssl.SSLContext) -> None:
    with FaultServer(json_body(DOCUMENT)) as server:
        with pytest.raises(FetchError):
            await of_test(trust, "127.0.0.1")(f"http://{NAME}:{server.port}/id.json")

        assert server.connections == []
