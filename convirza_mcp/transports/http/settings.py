"""Settings of the HTTP server, read from the environment by a table of their own."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from difflib import get_close_matches
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import VARIABLES, Readers, Settings, one_of, read_variables
from convirza_mcp.text.address import checked_address
from convirza_mcp.text.typed import PLACEHOLDER, plain, strip_wrapping

AUTH_MODES = ("keys", "oidc", "login", "keys,oidc", "keys,login")

DEFAULT_PORT = 8788
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}/mcp"

_EXAMPLE = "https://sms.example.com/mcp"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:]+\](?::[0-9]{1,5})?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9_.:-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_REQUIRED = re.compile(r"([A-Za-z0-9_.:/-]{1,100})=([^,;=]{1,500})")
_WORD = re.compile(r"[\x21-\x7e]{1,500}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Checked settings of a server over HTTP; the defaults stand here alone.

    `http_url` is the public address of `/mcp`. `http_auth` says how callers authenticate; None is not at all.
    `http_keys_file` holds the access keys, in the private folder if None. `http_metrics` is host and port of the
    metrics, `http_origins` are the browsers' origins that may call. `http_openai_challenge` is the token with which
    OpenAI verifies the address. `oidc_require` gives, by claim, the values of which a token must have one.
    """

    http_url: str | None = None
    http_auth: str | None = None
    http_keys_file: Path | None = None
    http_metrics: tuple[str, int] | None = None
    http_origins: tuple[str, ...] = ()
    http_openai_challenge: str | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_scope: str | None = None
    oidc_require: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the variables.

        Raises:
            SettingsError: a variable's value cannot be used.
        """
        return cls(**read_variables(_READERS, os.environ if environ is None else environ))

    def allows(self, mode: str) -> bool:
        """Return whether callers may authenticate this way."""
        return mode in (self.http_auth or "").split(",")


_MAY_DIFFER = {
    *("token", "token_file", "front", "privacy_key", "privacy_key_file", "store", "store_keys", "store_keys_file"),
    *("http_keys_file", "http_metrics"),
}
# Fields whose variables have other names.
_VARIABLES = {"zone": "timezone", "lines": "lines_file"}


def shared_settings(settings: Settings, http: HttpSettings, alias_key: bytes | None) -> dict[str, str]:
    """Return the settings that must be equal on all replicas, as texts by variable."""
    values = {each.name: getattr(part, each.name) for part in (settings, http) for each in fields(part)}
    if settings.demo:
        # Each has a sandbox of its own.
        del values["base_url"]
    texts = {
        f"CONVIRZA_{_VARIABLES.get(name, name).upper()}": _text(value)
        for name, value in values.items()
        if name not in _MAY_DIFFER
    }
    return texts if alias_key is None else texts | {"CONVIRZA_PRIVACY_KEY": alias_key.hex()}


def _text(value: object) -> str:
    """Return the same text for equal values in every process."""
    match value:
        case Mapping():
            return str(sorted((_text(key), _text(each)) for key, each in value.items()))
        case frozenset():
            return str(sorted(map(_text, value)))
        case tzinfo():
            return str(value)
        case _:
            return repr(value)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def is_loopback(host: str) -> bool:
    """Return whether only programs on this computer reach a server that is bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refused_http_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables whose values cannot be used, with the sentence that says what each takes."""
    refused = {}
    for name in HTTP_VARIABLES:
        try:
            HttpSettings.from_environment({name: environ.get(name, "")})
        except SettingsError as error:
            refused[name] = str(error)
    return refused


def _public_url(text: str, variable: str) -> str:
    url = checked_address(text, variable, _EXAMPLE)
    if not urlsplit(url).path.strip("/"):
        raise SettingsError(f"{variable} takes the server's public address with its path, such as {_EXAMPLE}.")
    return url


def _path(text: str, variable: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute() or path.is_dir():
        raise SettingsError(f"{variable} takes the absolute path of a file, such as /etc/convirza-mcp/keys.json.")
    return path


def _bind(text: str, variable: str) -> tuple[str, int]:
    host, colon, port = plain(text).rpartition(":")
    if not colon or not _HOST.fullmatch(host) or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65_536:
        raise SettingsError(f"{variable} takes a host and a port, such as 127.0.0.1:9464.")
    return host.strip("[]"), int(port)


def _origins(text: str, variable: str) -> tuple[str, ...]:
    origins = tuple(each for each in re.split(r"[,\s]+", text.strip().lower()) if each)
    if not all(map(_ORIGIN.fullmatch, origins)):
        raise SettingsError(f"{variable} takes origins such as https://inspector.example.com, separated by commas.")
    return origins


def _issuer(text: str, variable: str) -> str:
    # As configured, a closing slash too: tokens are compared with it.
    checked_address(text, variable, "https://login.example.com")
    return text.strip()


def _word(text: str, variable: str, *, what: str) -> str:
    if not _WORD.fullmatch(text) or PLACEHOLDER.search(text):
        raise SettingsError(f"{variable} takes {what}.")
    return text


def _required_claims(text: str, variable: str) -> dict[str, frozenset[str]]:
    claims: dict[str, set[str]] = {}
    for each in filter(None, (part.strip() for part in re.split("[,;]", text))):
        found = _REQUIRED.fullmatch(each)
        if found is None:
            raise SettingsError(f"{variable} takes claims and values such as groups=support, groups=sales.")
        claims.setdefault(found[1], set()).add(strip_wrapping(found[2]))
    return {claim: frozenset(values) for claim, values in claims.items()}


_READERS: Readers = {
    "CONVIRZA_HTTP_URL": _public_url,
    "CONVIRZA_HTTP_AUTH": partial(one_of, choices=AUTH_MODES),
    "CONVIRZA_HTTP_KEYS_FILE": _path,
    "CONVIRZA_HTTP_METRICS": _bind,
    "CONVIRZA_HTTP_ORIGINS": _origins,
    "CONVIRZA_HTTP_OPENAI_CHALLENGE": partial(_word, what="OpenAI's verification token, without spaces"),
    "CONVIRZA_OIDC_ISSUER": _issuer,
    "CONVIRZA_OIDC_AUDIENCE": partial(_word, what="the audience of the provider's tokens, without spaces"),
    "CONVIRZA_OIDC_SCOPE": partial(_word, what="one scope, without spaces"),
    "CONVIRZA_OIDC_REQUIRE": _required_claims,
}

HTTP_VARIABLES = tuple(_READERS)
"""All variables that only a server over HTTP reads."""


def misspelt_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the unknown variables that are similar to a setting's, with the setting's."""
    every = (*VARIABLES, *HTTP_VARIABLES)
    meant = {
        name: get_close_matches(name, every, n=1, cutoff=0.85)
        for name in environ
        if name.startswith("CONVIRZA_") and name not in every
    }
    return {name: matches[0] for name, matches in meant.items() if matches}
