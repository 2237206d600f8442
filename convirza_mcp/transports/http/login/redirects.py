"""Rules for redirect URIs, where the browser goes after a login, and the client that has them."""

from urllib.parse import SplitResult, urlsplit

from mcp.shared.auth import InvalidRedirectUriError, InvalidScopeError, OAuthClientInformationFull
from pydantic import AnyUrl, field_validator

from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import on_one_line

MAX_URI_LENGTH = 500
MAX_NAME_LENGTH = 80
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
APP_SCHEMES = ("cursor",)
"""Schemes that an app on the user's computer owns. Any app there can claim one, so the list is short."""


class Client(OAuthClientInformationFull):
    """A client with our rules for redirects: any port on loopback, otherwise exact."""

    @field_validator("client_name")
    @classmethod
    def _clean_name(cls, name: str | None) -> str | None:
        return None if name is None else clip(on_one_line(name), MAX_NAME_LENGTH) or None

    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """Return the redirect to use; raise InvalidRedirectUriError if it is not one of the client's."""
        registered = self.redirect_uris or []
        if redirect_uri is None:
            if len(registered) != 1:
                raise InvalidRedirectUriError("redirect_uri is required: the client has several.")
            redirect_uri = registered[0]
        asked = str(redirect_uri)
        if not is_allowed_redirect(asked) or not any(_is_same(str(each), asked) for each in registered):
            raise InvalidRedirectUriError("redirect_uri is not registered for this client.")
        return redirect_uri

    def validate_scope(self, requested_scope: str | None) -> list[str]:
        """Return those requested that the server has, as RFC 6749 (3.3) allows; raise InvalidScopeError without any."""
        own = (self.scope or "").split()
        granted = own if requested_scope is None else [each for each in own if each in requested_scope.split()]
        if not granted:
            raise InvalidScopeError(f"The server has the scope {self.scope}.")
        return granted


def is_allowed_redirect(uri: str) -> bool:
    """Return whether a redirect may be registered: https, http to loopback, or an app's scheme; without secrets."""
    parts = _split(uri)
    if parts is None or "@" in parts.netloc or "#" in uri or "\\" in uri or len(uri) > MAX_URI_LENGTH:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return _is_loopback(parts) or (parts.scheme in APP_SCHEMES and bool(parts.netloc))


def is_on_this_computer(uri: str) -> bool:
    """Return whether a redirect leads to a program on the user's own computer."""
    parts = _split(uri)
    return parts is not None and (_is_loopback(parts) or parts.scheme in APP_SCHEMES)


def _is_same(registered: str, asked: str) -> bool:
    first, second = _split(registered), _split(asked)
    if first is None or second is None:
        return False
    if _is_loopback(first) and _is_loopback(second):
        # RFC 8252 (7.3): such a program takes the port that is free at that moment.
        return (first.hostname, _path(first), first.query) == (second.hostname, _path(second), second.query)
    # The SDK writes an empty path as a slash in one of them.
    return first._replace(path=_path(first)) == second._replace(path=_path(second))


def _is_loopback(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS


def _path(parts: SplitResult) -> str:
    return parts.path or "/"


def _split(uri: str) -> SplitResult | None:
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
