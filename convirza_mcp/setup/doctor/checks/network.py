"""Check that Convirza's two hosts can be reached, and find the obstacle if not."""

from dataclasses import dataclass

from convirza_mcp.api.http.connection import Obstacle
from convirza_mcp.api.http.probe import Probe, probe
from convirza_mcp.errors import SettingsError
from convirza_mcp.setup.doctor.checks.settings import ReadSettings
from convirza_mcp.setup.doctor.finding import Finding

SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Host:
    """A host. `variable` is the setting with its address."""

    name: str
    variable: str


INBOX = Host("inbox host", "CONVIRZA_BASE_URL")
LOGIN = Host("login host", "CONVIRZA_OAUTH_URL")


Reached = tuple[Finding, Probe | None]
"""Finding about a host, with its probe; None if none was made."""


async def probe_host(host: Host, read: ReadSettings, *, seconds: float = SECONDS) -> Reached:
    """Probe the host without a token, within `seconds`."""
    if host.variable in read.refused:
        return Finding.skipped(host.name, f"{host.variable} must be corrected first."), None
    url = read.settings.base_url if host is INBOX else read.settings.oauth_url
    try:
        made = await probe(url, seconds=seconds)
    except SettingsError as error:
        return Finding.fault(host.name, error.message, error.remedy), None
    return _finding(host, made, is_changed=host.variable in read.given), made


def _finding(host: Host, made: Probe, *, is_changed: bool) -> Finding:
    if made.obstacle is None:
        return Finding.good(host.name, f"{made.host} answers{', through a proxy' if made.proxied else ''}.")
    detail, remedy = _WORDS[made.obstacle]
    # Only an address that a person set can be wrong.
    check = f" Check {host.variable} too." if is_changed else ""
    return Finding.fault(host.name, detail.format(made.host), remedy.format(made.host) + check)


_INTERCEPTED = "The connection to {} is intercepted: the answering host shows "

_WORDS: dict[Obstacle, tuple[str, str]] = {
    Obstacle.UNKNOWN_NAME: (
        "{} cannot be reached: DNS has no address for it.",
        "Check your internet connection.",
    ),
    Obstacle.NO_CONNECTION: (
        "{} cannot be reached: no connection could be opened.",
        "Check your internet connection, and that no firewall blocks {}.",
    ),
    Obstacle.PROXY: (
        "{} cannot be reached: this computer's proxy did not connect to it.",
        "Check HTTPS_PROXY or the system's proxy, or ask its administrator to allow {}.",
    ),
    Obstacle.NO_TLS: (
        "{} was reached, but something on the way blocks secure connections to it.",
        "Sign in to this network in a browser if it asks; or try without VPN, web filter and firewall.",
    ),
    Obstacle.UNKNOWN_AUTHORITY: (
        f"{_INTERCEPTED}a certificate that this computer does not trust. Nothing was sent.",
        (
            "If this is a company's network or a virus scanner, ask for its certificate authority's file and set "
            "SSL_CERT_FILE to it; anywhere else, use another network."
        ),
    ),
    Obstacle.OUT_OF_DATE: (
        "{} was reached, but its certificate has expired, or this computer's clock is wrong. Nothing was sent.",
        "Check this computer's date and time first. If they are correct, use another network.",
    ),
    Obstacle.OTHER_HOST: (
        f"{_INTERCEPTED}another host's certificate. Nothing was sent.",
        "Sign in to this network in a browser if it asks, or use another one.",
    ),
    Obstacle.BAD_CERTIFICATE: (
        "{} was reached, but its certificate breaks the rules for certificates. Nothing was sent.",
        "Ask the network's administrator for a certificate that Python accepts; anywhere else, use another network.",
    ),
    Obstacle.NO_ANSWER: (
        "{} was reached, but did not answer.",
        "Try again in a minute. If it happens again, try without VPN, web filter and firewall.",
    ),
}
