"""The settings: read from the environment, once, here.

A value that cannot be used raises `SettingsError` with one line that names the variable and what it takes.
The line never repeats the value: what stands in the wrong variable is often a secret.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from convirza_mcp.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.errors import SettingsError

PRODUCTION_BASE_URL = "https://platform-api.convirza.com/v3"
Output = Literal["both", "text"]

_TIMEOUT_SECONDS = (1.0, 600.0)
_RESULT_TOKENS = (2_000, 100_000)
# An unknown name is a KeyError, a path out of the database a ValueError, a folder's name an OSError.
_NO_SUCH_ZONE = (KeyError, ValueError, OSError)
_SCHEME = re.compile(r"\Abearer(?:\s+|\Z)", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked.

    `timeout` is in seconds, for one whole tool call. `zone` is where times are read and shown.
    `business_hours`, by the clock of `zone`, are when a contact's wait counts.
    `token` and `token_file` are alternatives; both None means that there is no credential yet.
    """

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    base_url: str = PRODUCTION_BASE_URL
    zone: tzinfo = UTC
    business_hours: BusinessHours = ROUND_THE_CLOCK
    max_result_tokens: int = 16_000
    output: Output = "both"
    timeout: float = 30.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the `CONVIRZA_*` variables.

        Raises:
            SettingsError: a variable's value cannot be used.
        """
        environ = os.environ if environ is None else environ

        def given(variable: str) -> str | None:
            # Hosts hand over an optional field that was left blank as an empty string.
            return environ.get(variable, "").strip() or None

        # An empty token is refused all the same: somebody meant to set it.
        token = environ.get("CONVIRZA_TOKEN")
        token_file = given("CONVIRZA_TOKEN_FILE")
        return cls(
            token=None if token is None else token_from(token, "CONVIRZA_TOKEN"),
            token_file=None if token_file is None else _token_file(token_file),
            base_url=checked_base_url(given("CONVIRZA_BASE_URL") or PRODUCTION_BASE_URL, "CONVIRZA_BASE_URL"),
            zone=_zone(given("CONVIRZA_TIMEZONE")),
            business_hours=_business_hours(given("CONVIRZA_BUSINESS_HOURS")),
            max_result_tokens=_result_tokens(given("CONVIRZA_MAX_RESULT_TOKENS") or "16000"),
            output=_output(given("CONVIRZA_OUTPUT") or "both"),
            timeout=_timeout(given("CONVIRZA_TIMEOUT") or "30"),
        )


def token_from(text: str, source: str) -> str:
    """The bearer token in `text`; a leading `Bearer ` and white space around it are tolerated.

    Raises:
        SettingsError: it is empty or holds what no HTTP header can carry; the sentence names `source`.
    """
    token = _SCHEME.sub("", text.strip())
    if not token:
        raise SettingsError(f"{source} is empty: it takes the bearer token itself, or leave it unset.")
    if not _TOKEN.fullmatch(token):
        raise SettingsError(f"{source} takes one bearer token: printable ASCII without spaces or line breaks.")
    return token


def checked_base_url(text: str, source: str = "base_url") -> str:
    """`text` as an address to which a bearer token may be sent, without a slash at its end.

    https only; plain http only where the host is literally this machine, because a token sent there crosses
    no network. Prefix tests are not enough: `localhost.evil.example` and `127.0.0.1.nip.io` are other hosts.

    Raises:
        SettingsError: it is not such an address; the sentence names `source`.
    """
    wants = f"{source} takes an https address such as {PRODUCTION_BASE_URL}"
    if not text.isascii() or any(character <= " " for character in text) or "\\" in text:
        raise SettingsError(f"{wants}, in plain ASCII without spaces.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{wants}.") from None
    if not host or parts.scheme not in ("https", "http"):
        raise SettingsError(f"{wants}.")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise SettingsError(f"{wants}, without a user name, a query or a fragment.")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise SettingsError(f"{wants}; plain http is for localhost, 127.0.0.0/8 and [::1] only.")
    return text.rstrip("/")


def _is_this_machine(host: str) -> bool:
    if host in ("localhost", "::1"):
        return True
    try:
        return IPv4Address(host).is_loopback
    except AddressValueError:
        return False


def _token_file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise SettingsError("CONVIRZA_TOKEN_FILE takes the path of a file that holds the bearer token.")
    return path


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return _zone_of_this_machine()
    try:
        return _zone_named(text)
    except _NO_SUCH_ZONE:
        raise SettingsError("CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC.") from None


def _zone_of_this_machine() -> tzinfo:
    # Imported here: only a start without CONVIRZA_TIMEZONE needs it.
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
        return _zone_named(name or "UTC")
    except _NO_SUCH_ZONE:
        # A container without /etc/localtime, or a link to a zone that is not installed.
        return UTC


def _zone_named(name: str) -> tzinfo:
    # By its short name, and without the zone database, which a small container may lack.
    return UTC if name.upper() in ("UTC", "ETC/UTC") else ZoneInfo(name)


def _business_hours(text: str | None) -> BusinessHours:
    if text is None:
        return ROUND_THE_CLOCK
    try:
        return BusinessHours.parse(text)
    except ValueError:
        raise SettingsError(
            "CONVIRZA_BUSINESS_HOURS takes days and times such as Mon-Fri 08:00-18:00, Sat 09:00-13:00."
        ) from None


def _output(text: str) -> Output:
    match text:
        case "both" | "text":
            return text
        case _:
            raise SettingsError("CONVIRZA_OUTPUT takes both or text.")


def _timeout(text: str) -> float:
    low, high = _TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not low <= seconds <= high:
        raise SettingsError(f"CONVIRZA_TIMEOUT takes seconds from {low:g} to {high:g}.")
    return seconds


def _result_tokens(text: str) -> int:
    low, high = _RESULT_TOKENS
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f"CONVIRZA_MAX_RESULT_TOKENS takes a whole number from {low} to {high}.")
    return int(text)
