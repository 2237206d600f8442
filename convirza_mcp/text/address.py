"""Addresses to which a token may be sent."""

import re
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from convirza_mcp.errors import SettingsError
from convirza_mcp.text.typed import PLACEHOLDER, refuse_remains, strip_wrapping, unexpanded

# Addresses that the HTTP client accepts for certain: a host name that does not look like a number, or localhost.
_PLAIN_ADDRESS = re.compile(
    r"https?://(127\.0\.0\.1|([a-z][a-z0-9]*(-[a-z0-9]+)*\.)*[a-z]+)(:[0-9]{1,5})?(/[a-z0-9]+)*/?"
)


def checked_address(text: str, source: str, example: str) -> str:
    """Return `text` as an address to which a token may be sent, without a trailing slash.

    https only; plain http only if the host is literally this machine, because a token sent there crosses no
    network. Prefix tests are not enough: `localhost.evil.example` and `127.0.0.1.nip.io` are other hosts.

    Raises:
        SettingsError: it is not such an address; the message names `source` and `example`.
    """
    wants = f"{source} takes an https address such as {example}"
    text = strip_wrapping(text)
    if PLACEHOLDER.search(text):
        raise unexpanded(source)
    refuse_remains(text, source)
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise SettingsError(f"{wants}, in plain ASCII without spaces.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        if len(text) > 63 or not _PLAIN_ADDRESS.fullmatch(text):
            _check_address(text)
    except ValueError:
        raise SettingsError(f"{wants}.") from None
    if not host or parts.scheme not in ("https", "http"):
        raise SettingsError(f"{wants}.")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise SettingsError(f"{wants}, without a user name, a query or a fragment.")
    if parts.scheme == "http" and not is_this_machine(host):
        raise SettingsError(f"{wants}; plain http is for localhost, 127.0.0.0/8 and [::1] only.")
    return text.rstrip("/")


def _check_address(text: str) -> None:
    # Refuses some hosts, such as 999.1.1.1. Imported here, to keep startup fast.
    from httpx2 import URL, InvalidURL

    try:
        URL(text)
    except InvalidURL as error:
        raise ValueError(str(error)) from None


def is_this_machine(host: str) -> bool:
    if host in ("localhost", "::1"):
        return True
    try:
        return IPv4Address(host).is_loopback
    except AddressValueError:
        return False
