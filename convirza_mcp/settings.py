"""Read settings from the environment, by one table.

An invalid value raises `SettingsError`: one line that names the variable and what it takes. The line never repeats the
value, which may be a secret in the wrong variable.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from convirza_mcp.business_lines import NO_LINES, BusinessLines, read_lines_file
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.clock.zones import ASSUMED_UTC, zone_named, zone_of_this_machine
from convirza_mcp.errors import SettingsError
from convirza_mcp.secret_values import (
    alias_key_in,
    alias_key_in_file,
    store_address,
    store_keys_in,
    store_keys_in_file,
    token_file,
    token_from,
)
from convirza_mcp.text.address import checked_address
from convirza_mcp.text.typed import PLACEHOLDER, plain, refuse_remains, strip_wrapping, unexpanded

if TYPE_CHECKING:
    from convirza_mcp.clock.public_holidays import PublicHolidays
    from convirza_mcp.store.encryption import Cipher

PRODUCTION_BASE_URL = "https://platform-api.convirza.com/v3"
PRODUCTION_OAUTH_URL = "https://platform-oauth.convirza.com"

Output = Literal["both", "text"]
Privacy = Literal["off", "mask", "strict"]
Front = Literal["on", "off"]

# The variables that select the account.
_ACCOUNT = frozenset({"CONVIRZA_TOKEN", "CONVIRZA_TOKEN_FILE", "CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL"})
# Claude Desktop passes a blank field as the reference to it.
_NEVER_FILLED_IN = re.compile(r"\$\{user_config\.[^{}]*\}")
# Looking up the machine's zone takes longer than all other settings.
_ANY_ZONE = {"CONVIRZA_TIMEZONE": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Validated settings. The defaults are defined only here.

    `timeout` is in seconds, for one whole tool call. `zone` is the zone of times in questions and answers. A contact's
    wait counts in `business_hours`, in `zone`, closed on `holidays`. `lines` has the names and campaigns of business
    lines. `privacy` shows contacts in full (`off`), as aliases with masked messages, or without message text.
    `max_calls_per_minute` limits a server's tool calls; 0 is no limit. `token` and `token_file` are alternatives;
    without both the stored login is used, which came from `oauth_url`. With `demo`, servers and commands answer from a
    made-up inbox. `chatgpt_tools` adds the tools that ChatGPT's connectors take.

    `privacy_key`, or the content of `privacy_key_file`, is the key of aliases; without both, this machine's own key is.
    `store` is the address of the store that replicas share; `store_keys`, or the content of `store_keys_file`, encrypt
    what is secret in it.
    """

    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    base_url: str = PRODUCTION_BASE_URL
    oauth_url: str = PRODUCTION_OAUTH_URL
    zone: tzinfo = UTC
    business_hours: BusinessHours = ROUND_THE_CLOCK
    holidays: "PublicHolidays | None" = None
    lines: BusinessLines = field(default_factory=dict, repr=False, hash=False)
    max_result_tokens: int = 16_000
    output: Output = "both"
    privacy: Privacy = "off"
    timeout: float = 30.0
    max_calls_per_minute: int = 120
    demo: bool = False
    chatgpt_tools: bool = False
    front: Front = "on"
    privacy_key: bytes | None = field(default=None, repr=False)
    privacy_key_file: bytes | None = field(default=None, repr=False)
    store: str | None = field(default=None, repr=False)
    store_keys: str | None = field(default=None, repr=False)
    store_keys_file: str | None = field(default=None, repr=False)

    @property
    def alias_key(self) -> bytes | None:
        """Return the key of aliases; None is this machine's own."""
        return self.privacy_key or self.privacy_key_file

    def store_cipher(self) -> "Cipher":
        """Return the encryption of secrets in the store.

        Raises:
            SettingsError: it has no key.
        """
        keys = self.store_keys or self.store_keys_file
        if keys is None:
            raise SettingsError(
                "Logins in a store need CONVIRZA_STORE_KEYS or CONVIRZA_STORE_KEYS_FILE.",
                remedy="Make a key with `openssl rand -base64 32 | tr +/ -_`.",
            )
        # Imported here, because few programs have a store.
        from convirza_mcp.store.encryption import Cipher

        return Cipher(keys)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the `CONVIRZA_*` variables. A blank one counts as unset, except for the token.

        Raises:
            SettingsError: a variable's value cannot be used.
        """
        values = read_variables(_READERS, os.environ if environ is None else environ)
        values["zone"] = values.pop("timezone", None) or zone_of_this_machine() or ASSUMED_UTC
        values["lines"] = values.pop("lines_file", NO_LINES)
        if (holidays := values.get("holidays")) is not None and "business_hours" in values:
            values["business_hours"] = values["business_hours"].without(holidays)
        return cls(**values)


def read_variables(readers: "Readers", environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a table's variables by field name. A blank one counts as unset, except for the token.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    values: dict[str, Any] = {}
    for variable, read in readers.items():
        text = strip_wrapping(environ.get(variable, ""))
        # An empty token is refused: the user meant to set one, and another login must not be used instead.
        is_empty_token = variable == "CONVIRZA_TOKEN" and variable in environ and not text
        if is_empty_token or not is_blank(text):
            values[variable.removeprefix("CONVIRZA_").lower()] = _read(read, text, variable)
    return values


def reading_seconds(timeout: float) -> float:
    """Return how many seconds a question with this timeout may read.

    The rest is for building the answer: counting 60,000 conversations takes about a second.
    """
    return timeout - min(2.0, timeout / 5)


def invalid_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with invalid values, each with its error message."""
    refused = {}
    for name in VARIABLES:
        if name in environ:
            try:
                Settings.from_environment(_ANY_ZONE | {name: environ[name]})
            except SettingsError as error:
                refused[name] = str(error)
    return refused


def settings_for_any_zone(environ: Mapping[str, str]) -> Settings:
    """Return the settings without looking up the computer's zone, which takes longer than everything else.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    zone = environ.get("CONVIRZA_TIMEZONE", "")
    return Settings.from_environment({**environ, **_ANY_ZONE} if is_blank(zone) else environ)


def is_blank(text: str) -> bool:
    """Return whether a client left an optional field blank: it passes nothing, or the reference to the field."""
    text = strip_wrapping(text)
    return not text or _NEVER_FILLED_IN.fullmatch(text) is not None


def without_blanks(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` as from a form: blank variables are unset, including the token."""
    return {name: text for name, text in environ.items() if name not in VARIABLES or not is_blank(text)}


def wants_demo(environ: Mapping[str, str]) -> bool:
    """Return the value of CONVIRZA_DEMO.

    Raises:
        SettingsError: it is neither true nor false.
    """
    text = environ.get("CONVIRZA_DEMO", "")
    return False if is_blank(text) else _switch(strip_wrapping(text), "CONVIRZA_DEMO")


def demo_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the demo on and without the account, so that no account setting can be invalid."""
    return {name: text for name, text in environ.items() if name not in _ACCOUNT} | {"CONVIRZA_DEMO": "true"}


def _read(read: Callable[[str, str], object], text: str, variable: str) -> object:
    # A token and its files have sentences of their own.
    if variable != "CONVIRZA_TOKEN":
        refuse_remains(text, variable)
    try:
        return read(text, variable)
    except SettingsError:
        if variable != "CONVIRZA_TOKEN" and PLACEHOLDER.search(text):
            raise unexpanded(variable) from None
        raise


def _zone(text: str, variable: str) -> tzinfo:
    try:
        return zone_named(text)
    except ValueError:
        raise SettingsError(f"{variable} takes an IANA time zone such as America/Denver, or UTC.") from None


def _business_hours(text: str, variable: str) -> BusinessHours:
    from convirza_mcp.clock.hours_text import AmbiguousHoursError

    try:
        return BusinessHours.parse(text)
    except AmbiguousHoursError:
        raise SettingsError(
            f"{variable} is ambiguous.", remedy="Write times as in Mon-Fri 08:00-18:00 or Mon-Fri 8am-6pm."
        ) from None
    except ValueError:
        raise SettingsError(f"{variable} takes days and times such as Mon-Fri 08:00-18:00, Sat 09:00-13:00.") from None


def _holidays(text: str, variable: str) -> "PublicHolidays":
    from convirza_mcp.clock.public_holidays import PublicHolidays

    try:
        return PublicHolidays.read(plain(text))
    except ImportError:
        raise SettingsError(
            f"{variable} needs the package holidays.", remedy='Run `pip install "convirza-mcp[holidays]"`.'
        ) from None
    except LookupError:
        raise SettingsError(f"{variable} takes a country or a region of it, such as US or US-UT.") from None


def one_of(text: str, variable: str, *, choices: tuple[str, ...]) -> str:
    text = plain(text)
    if text not in choices:
        *others, last = choices
        raise SettingsError(f"{variable} takes {', '.join(others)} or {last}.")
    return text


def _switch(text: str, variable: str) -> bool:
    text = plain(text).lower()
    if text not in ("true", "1", "false", "0"):
        raise SettingsError(f"{variable} takes true or false.")
    return text in ("true", "1")


def _seconds(text: str, variable: str, *, low: float, high: float) -> float:
    text = plain(text)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", text) or not low <= float(text) <= high:
        raise SettingsError(f"{variable} takes seconds from {low:g} to {high:g}.")
    return float(text)


def _whole_number(text: str, variable: str, *, low: int, high: int) -> int:
    text = plain(text)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f"{variable} takes a whole number from {low} to {high}.")
    return int(text)


Readers = Mapping[str, Callable[[str, str], object]]
"""How each variable is read: from its text and its name, into the field of that name."""

_READERS: Readers = {
    "CONVIRZA_TOKEN": token_from,
    "CONVIRZA_TOKEN_FILE": token_file,
    "CONVIRZA_BASE_URL": partial(checked_address, example=PRODUCTION_BASE_URL),
    "CONVIRZA_OAUTH_URL": partial(checked_address, example=PRODUCTION_OAUTH_URL),
    "CONVIRZA_TIMEZONE": _zone,
    "CONVIRZA_BUSINESS_HOURS": _business_hours,
    "CONVIRZA_HOLIDAYS": _holidays,
    "CONVIRZA_LINES_FILE": read_lines_file,
    "CONVIRZA_MAX_RESULT_TOKENS": partial(_whole_number, low=2_000, high=100_000),
    "CONVIRZA_OUTPUT": partial(one_of, choices=get_args(Output)),
    "CONVIRZA_PRIVACY": partial(one_of, choices=get_args(Privacy)),
    "CONVIRZA_TIMEOUT": partial(_seconds, low=1.0, high=600.0),
    "CONVIRZA_MAX_CALLS_PER_MINUTE": partial(_whole_number, low=0, high=10_000),
    "CONVIRZA_DEMO": _switch,
    "CONVIRZA_CHATGPT_TOOLS": _switch,
    "CONVIRZA_FRONT": partial(one_of, choices=get_args(Front)),
    "CONVIRZA_PRIVACY_KEY": alias_key_in,
    "CONVIRZA_PRIVACY_KEY_FILE": alias_key_in_file,
    "CONVIRZA_STORE": store_address,
    "CONVIRZA_STORE_KEYS": store_keys_in,
    "CONVIRZA_STORE_KEYS_FILE": store_keys_in_file,
}

VARIABLES = tuple(_READERS)
"""All environment variables that are read."""
