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

from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.errors import SettingsError

PRODUCTION_BASE_URL = "https://platform-api.convirza.com/v3"
PRODUCTION_OAUTH_URL = "https://platform-oauth.convirza.com"
VARIABLES = (
    "CONVIRZA_TOKEN",
    "CONVIRZA_TOKEN_FILE",
    "CONVIRZA_BASE_URL",
    "CONVIRZA_OAUTH_URL",
    "CONVIRZA_TIMEZONE",
    "CONVIRZA_BUSINESS_HOURS",
    "CONVIRZA_MAX_RESULT_TOKENS",
    "CONVIRZA_OUTPUT",
    "CONVIRZA_PRIVACY",
    "CONVIRZA_TIMEOUT",
    "CONVIRZA_MAX_CALLS_PER_MINUTE",
    "CONVIRZA_DEMO",
)
"""All that is read from the environment."""

Output = Literal["both", "text"]
Privacy = Literal["off", "mask", "strict"]

# What says whose inbox it is.
_ACCOUNT = frozenset({"CONVIRZA_TOKEN", "CONVIRZA_TOKEN_FILE", "CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL"})
# Claude Desktop hands over a field that was never filled in as the reference to it.
_NEVER_FILLED_IN = re.compile(r"\$\{user_config\.[^{}]*\}")
_TIMEOUT_SECONDS = (1.0, 600.0)
_RESULT_TOKENS = (2_000, 100_000)
_CALLS_PER_MINUTE = (0, 10_000)
# Looking up the machine's zone takes longer than all the rest.
_ANY_ZONE = {"CONVIRZA_TIMEZONE": "UTC"}
# An unknown name is a KeyError, a path out of the database a ValueError, a folder's name an OSError.
_NO_SUCH_ZONE = (KeyError, ValueError, OSError)
_SCHEME = re.compile(r"\Abearer(?:\s+|\Z)", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked.

    `timeout` is in seconds, for one whole tool call. `zone` is where times are read and shown.
    `business_hours`, by the clock of `zone`, are when a contact's wait counts.
    `privacy` says what of contacts is shown: everything (`off`), aliases and masked messages, or no message text.
    `max_calls_per_minute` holds for a server's tool calls; 0 is no limit.
    `token` and `token_file` are alternatives; with neither, the stored login serves, which came from `oauth_url`.
    `demo` is for servers and commands, which then answer from an invented inbox.
    """

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    base_url: str = PRODUCTION_BASE_URL
    oauth_url: str = PRODUCTION_OAUTH_URL
    zone: tzinfo = UTC
    business_hours: BusinessHours = ROUND_THE_CLOCK
    max_result_tokens: int = 16_000
    output: Output = "both"
    privacy: Privacy = "off"
    timeout: float = 30.0
    max_calls_per_minute: int = 120
    demo: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the `CONVIRZA_*` variables.

        Raises:
            SettingsError: a variable's value cannot be used.
        """
        environ = os.environ if environ is None else environ

        def given(variable: str) -> str | None:
            text = environ.get(variable, "")
            return None if is_blank(text) else text.strip()

        token = environ.get("CONVIRZA_TOKEN")
        # An empty token is refused: somebody meant to set it, and another login must not serve in its place.
        if token is not None and _NEVER_FILLED_IN.fullmatch(token.strip()):
            token = None
        token_file = given("CONVIRZA_TOKEN_FILE")
        return cls(
            token=None if token is None else token_from(token, "CONVIRZA_TOKEN"),
            token_file=None if token_file is None else _token_file(token_file),
            base_url=checked_base_url(given("CONVIRZA_BASE_URL") or PRODUCTION_BASE_URL, "CONVIRZA_BASE_URL"),
            oauth_url=checked_base_url(
                given("CONVIRZA_OAUTH_URL") or PRODUCTION_OAUTH_URL, "CONVIRZA_OAUTH_URL", PRODUCTION_OAUTH_URL
            ),
            zone=_zone(given("CONVIRZA_TIMEZONE")),
            business_hours=_business_hours(given("CONVIRZA_BUSINESS_HOURS")),
            max_result_tokens=_whole_number(
                given("CONVIRZA_MAX_RESULT_TOKENS") or "16000", "CONVIRZA_MAX_RESULT_TOKENS", _RESULT_TOKENS
            ),
            output=_output(given("CONVIRZA_OUTPUT") or "both"),
            privacy=_privacy(given("CONVIRZA_PRIVACY") or "off"),
            timeout=_timeout(given("CONVIRZA_TIMEOUT") or "30"),
            max_calls_per_minute=_whole_number(
                given("CONVIRZA_MAX_CALLS_PER_MINUTE") or "120", "CONVIRZA_MAX_CALLS_PER_MINUTE", _CALLS_PER_MINUTE
            ),
            demo=demo_wanted(environ),
        )


def refused_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables whose values cannot be used, each by itself, with the sentence that says what it takes."""
    refused = {}
    for name in VARIABLES:
        if name in environ:
            try:
                Settings.from_environment(_ANY_ZONE | {name: environ[name]})
            except SettingsError as error:
                refused[name] = str(error)
    return refused


def is_blank(text: str) -> bool:
    """Whether a host means by `text` that its optional field was left blank: by nothing, or by the field's name."""
    text = text.strip()
    return not text or _NEVER_FILLED_IN.fullmatch(text) is not None


def without_blanks(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` as a form fills it in: what was left blank is not set, the token too."""
    return {name: text for name, text in environ.items() if name not in VARIABLES or not is_blank(text)}


def demo_wanted(environ: Mapping[str, str]) -> bool:
    """What CONVIRZA_DEMO says.

    Raises:
        SettingsError: it is neither true nor false.
    """
    text = environ.get("CONVIRZA_DEMO", "")
    match "false" if is_blank(text) else text.strip().lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise SettingsError("CONVIRZA_DEMO takes true or false.")


def for_the_demo(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with the demo switched on. What says whose inbox it is goes: there, no value of it can be wrong."""
    return {name: text for name, text in environ.items() if name not in _ACCOUNT} | {"CONVIRZA_DEMO": "true"}


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


def checked_base_url(text: str, source: str = "base_url", example: str = PRODUCTION_BASE_URL) -> str:
    """`text` as an address to which a token may be sent, without a slash at its end.

    https only; plain http only where the host is literally this machine, because a token sent there crosses
    no network. Prefix tests are not enough: `localhost.evil.example` and `127.0.0.1.nip.io` are other hosts.

    Raises:
        SettingsError: it is not such an address; the sentence names `source` and `example`.
    """
    wants = f"{source} takes an https address such as {example}"
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise SettingsError(f"{wants}, in plain ASCII without spaces.")
    # Imported here: whoever reads an address will ask it, and other commands need not wait.
    from httpx2 import URL, InvalidURL

    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        # Of some hosts it thinks less, such as 999.1.1.1.
        URL(text)
    except (ValueError, InvalidURL):
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
    try:
        path = Path(text).expanduser()
        if path.is_file():
            return path
    except (OSError, RuntimeError, ValueError):
        # A path of more characters than there may be, such as a token; or somebody's home who is nobody here.
        pass
    raise SettingsError("CONVIRZA_TOKEN_FILE takes the path of a file that holds the bearer token.")


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return zone_of_this_machine() or UTC
    try:
        return _zone_named(text)
    except _NO_SUCH_ZONE:
        raise SettingsError("CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC.") from None


def zone_of_this_machine() -> tzinfo | None:
    """The zone that the machine, or TZ for this process, is set to; None where that cannot be told."""
    # Imported here: only a start without CONVIRZA_TIMEZONE needs it.
    import tzlocal

    # tzlocal passes over a TZ that it cannot read, as if there were none. Of a path it follows the links.
    given = os.environ.get("TZ", "").removeprefix(":").rpartition("/zoneinfo/")[2]
    try:
        name = given if given and not given.startswith("/") else tzlocal.get_localzone_name()
        return _zone_named(name) if name else None
    except _NO_SUCH_ZONE:
        # A container without /etc/localtime, or a link to a zone that is not installed.
        return None


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


def _privacy(text: str) -> Privacy:
    match text:
        case "off" | "mask" | "strict":
            return text
        case _:
            raise SettingsError("CONVIRZA_PRIVACY takes off, mask or strict.")


def _timeout(text: str) -> float:
    low, high = _TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not low <= seconds <= high:
        raise SettingsError(f"CONVIRZA_TIMEOUT takes seconds from {low:g} to {high:g}.")
    return seconds


def _whole_number(text: str, variable: str, bounds: tuple[int, int]) -> int:
    low, high = bounds
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f"{variable} takes a whole number from {low} to {high}.")
    return int(text)
