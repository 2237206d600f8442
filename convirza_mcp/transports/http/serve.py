"""Serves over HTTP until SIGINT or SIGTERM; then ends listen streams, finishes calls, and leaves within 5 seconds."""

import asyncio
import gc
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

import httpx2

from convirza_mcp.accounts.account import account_settings
from convirza_mcp.accounts.registry import OpenClient
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.http.connection import SharedConnections
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.errors import ConvirzaError, InvalidArgumentError, SettingsError
from convirza_mcp.settings import Settings
from convirza_mcp.transports.http.app import http_app
from convirza_mcp.transports.http.authentication.keys import KeyFile
from convirza_mcp.transports.http.connections import bound_socket, configured_server
from convirza_mcp.transports.http.settings import (
    HttpSettings,
    host_of,
    is_loopback,
    misspelt_variables,
    shared_settings,
)
from convirza_mcp.transports.stdio.log_lines import log_without_texts

if TYPE_CHECKING:
    from convirza_mcp.store.agreement import Agreement
    from convirza_mcp.transports.http.authentication.oidc import IdentityProvider
    from convirza_mcp.transports.http.login.mode import LoginMode


def serve_http(host: str, port: int, *, demo: bool = False) -> NoReturn:
    """Serve until a signal, then end the process with status 0.

    Raises:
        SettingsError, InvalidArgumentError: a setting, the host or the port cannot be used.
    """
    http = HttpSettings.from_environment()
    check_start(host, http)
    with account_settings(demo=demo) as settings, ExitStack() as stack:
        # Here, so that a proxy, certificates or a token that cannot be used end the start, and not the first call.
        connections = SharedConnections(httpx2.URL(settings.base_url))
        shared = shared_client(settings, connections)
        ConvirzaClient.from_settings(settings, transport=connections)
        listening = bound_socket(host, port)
        log_without_texts()
        here = _url(host, listening.getsockname()[1])
        url = http.http_url or here
        login = _login_mode(settings, url, stack) if http.allows("login") else None
        app = http_app(
            settings,
            http,
            url=url,
            issuer=_checked_provider(http, url) if http.allows("oidc") else None,
            login=login,
            agreement=None if settings.store is None else _agreement(settings, http),
            open_client=shared if login is None else login.open_client(shared, connections),
            connections=connections,
            loopback_port=listening.getsockname()[1] if is_loopback(host) else None,
        )
        stop_metrics = None
        if app.metrics is not None and http.http_metrics is not None:
            stop_metrics = app.metrics.serve(*http.http_metrics)
        say_what_is_missing(settings, http, here)
        address = here if http.http_url is None else f"{http.http_url} at {here}"

        def start() -> None:
            _collect_rarely()
            _say(f"convirza-mcp serves {address}. Ctrl-C ends it.")

        server = configured_server(app, start)
        server.run(sockets=[listening])
        if stop_metrics is not None:
            stop_metrics()
    sys.stderr.flush()
    # Daemon threads may still look up a name: an ordinary exit would wait for them.
    os._exit(0)


def _collect_rarely() -> None:
    # Calls leave few cycles. The objects of the imports stay for good, and each search through them delays every call.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def check_start(host: str, http: HttpSettings) -> None:
    """Refuse a start in which other computers could reach the server without authentication.

    Raises:
        SettingsError: a setting is missing.
        InvalidArgumentError: the host is empty.
    """
    if not host.strip():
        raise InvalidArgumentError("host", "`--host` takes an address to bind, such as 127.0.0.1.")
    if not is_loopback(host) and (http.http_auth is None or http.http_url is None):
        raise SettingsError(
            "Other computers could reach this address without authentication.",
            remedy="Set CONVIRZA_HTTP_AUTH and CONVIRZA_HTTP_URL, or serve on 127.0.0.1.",
        )
    if http.http_url and http.http_auth is None and not is_loopback(host_of(http.http_url)):
        raise SettingsError(
            "CONVIRZA_HTTP_URL is public, and CONVIRZA_HTTP_AUTH is not set.",
            remedy="Set CONVIRZA_HTTP_AUTH to keys, oidc or login.",
        )
    if http.allows("oidc") and http.oidc_issuer is None:
        raise SettingsError(
            "CONVIRZA_HTTP_AUTH=oidc needs CONVIRZA_OIDC_ISSUER.", remedy="Set it to the provider's issuer."
        )


def _checked_provider(http: HttpSettings, url: str) -> "IdentityProvider":
    # Imported here: a server with keys alone needs no cryptography.
    from convirza_mcp.transports.http.authentication.oidc import IdentityProvider

    try:
        asyncio.run(IdentityProvider(http, url).check())
    except SettingsError:
        raise
    except ConvirzaError as error:
        _say(f"{error} The server starts, and asks again when a caller comes.")
    return IdentityProvider(http, url)


def _login_mode(settings: Settings, url: str, stack: ExitStack) -> "LoginMode":
    # Imported here: other modes need none of it.
    from convirza_mcp.store.opening import open_store
    from convirza_mcp.transports.http.login.mode import LoginMode

    if settings.demo and not (settings.store_keys or settings.store_keys_file):
        # Logins into a made-up inbox end with the server.
        folder = stack.enter_context(TemporaryDirectory())
        key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        settings = replace(settings, store=f"sqlite:{folder}/store.sqlite", store_keys=key)
        _say("Log in as demo@example.com with the password sandbox, or as user502@example.com with sandbox-502.")
    return LoginMode(settings, open_store(settings.store), url)


def _agreement(settings: Settings, http: HttpSettings) -> "Agreement":
    from convirza_mcp.store.agreement import Agreement
    from convirza_mcp.store.opening import open_store

    key = None
    if settings.privacy != "off":
        from convirza_mcp.privacy.aliases import alias_key

        key = settings.alias_key or alias_key()
    return Agreement(open_store(settings.store), settings.store_cipher(), shared_settings(settings, http, key))


def shared_client(settings: Settings, connections: SharedConnections | None = None) -> OpenClient:
    """Return how to open the client of the one account that all callers share."""
    return lambda _, tasks: ConvirzaClient.from_settings(settings, transport=connections, tasks=tasks)


def _url(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/mcp"


def say_what_is_missing(settings: Settings, http: HttpSettings, here: str) -> None:
    """Tell the operator which variables are misspelt, what callers lack, and whether other users can read the inbox."""
    for name, meant in misspelt_variables(os.environ).items():
        _say(f"{name} is not a setting, and is ignored. Rename it to {meant}.")
    needs_login = settings.token is None and settings.token_file is None and settings.store is None
    if needs_login and http.http_auth != "login" and CredentialStore().stamp() is None:
        _say("There is no Convirza login yet: `convirza-mcp login` makes one.")
    if http.http_auth is None:
        _say(f"Every user of this computer can read the inbox at {here}: CONVIRZA_HTTP_AUTH is not set.")
    elif http.allows("keys") and not KeyFile(http.http_keys_file).read():
        _say("There is no access key yet: `convirza-mcp keys add LABEL` makes one.")


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - to the operator
