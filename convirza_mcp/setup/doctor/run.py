"""Run all checks: their dependencies and their concurrency."""

import asyncio
import os
from collections.abc import Callable
from functools import partial

from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.setup.clients.file import this_machine
from convirza_mcp.setup.clients.launch import this_launch
from convirza_mcp.setup.doctor.checks import call, clock, credential, server, store
from convirza_mcp.setup.doctor.checks import clients as configurations
from convirza_mcp.setup.doctor.checks.client_entry import Shell
from convirza_mcp.setup.doctor.checks.clients import ReadClient
from convirza_mcp.setup.doctor.checks.network import INBOX, LOGIN, SECONDS, Host, Reached, probe_host
from convirza_mcp.setup.doctor.checks.settings import ReadSettings, check_settings, read_settings
from convirza_mcp.setup.doctor.checks.zone import VARIABLE, check_zone
from convirza_mcp.setup.doctor.finding import Finding, within
from convirza_mcp.setup.doctor.start_server import quiet_client_logs

_NO_REQUESTS = "this computer makes no requests to Convirza."
_SECONDS_FOR_FILES = 5.0
_SECONDS_TO_CLEAR_UP = 10.0
"""Extra seconds for a check with its own deadline."""


async def run_checks(report: Callable[[Finding], None]) -> tuple[Finding, ...]:
    """Return all findings in a fixed order. `report` gets each one once it and all earlier ones are done."""
    read = read_settings(os.environ)
    found: list[Finding] = []

    def tell(*findings: Finding) -> None:
        for finding in findings:
            found.append(finding)
            report(finding)

    tell(*server.check_versions(), check_settings(read), check_zone(read, os.environ.get(VARIABLE, "")))
    if read.settings.store is not None:
        tell(await within(store.SECONDS, store.NAME, store.check_store(read.settings)))
    files = run_in_daemon_thread(lambda: configurations.read_clients(this_machine()))
    clients = await within(_SECONDS_FOR_FILES, configurations.NAME, files)
    token = await _credential(read, clients)
    tell(token)
    inbox, login = (asyncio.create_task(_reached(host, read, token)) for host in (INBOX, LOGIN))
    called = asyncio.create_task(_call(read, token, inbox))
    served = asyncio.create_task(_server(read))
    checked = asyncio.create_task(_clients(read, clients, inbox))
    tasks: tuple[asyncio.Task[object], ...] = (inbox, login, called, served, checked)
    with quiet_client_logs():
        try:
            hosts = await inbox, await login
            tell(*(finding for finding, _ in hosts))
            is_demo = token.ok is None
            tell(
                Finding.skipped(clock.NAME, _NO_REQUESTS) if is_demo else clock.check_clock(probe for _, probe in hosts)
            )
            tell(await called)
            tell(await served)
            tell(*await checked)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return tuple(found)


async def _credential(read: ReadSettings, clients: tuple[ReadClient, ...] | Finding) -> Finding:
    needs_none = read.settings.demo or (not isinstance(clients, Finding) and configurations.need_no_token(clients))
    work = run_in_daemon_thread(partial(credential.check_credential, read, CredentialStore(), needs_none=needs_none))
    return await within(_SECONDS_FOR_FILES, credential.NAME, work)


async def _reached(host: Host, read: ReadSettings, token: Finding) -> Reached:
    if token.ok is None:
        return Finding.skipped(host.name, _NO_REQUESTS), None
    result = await within(SECONDS + _SECONDS_TO_CLEAR_UP, host.name, probe_host(host, read))
    return (result, None) if isinstance(result, Finding) else result


async def _call(read: ReadSettings, token: Finding, inbox: asyncio.Task[Reached]) -> Finding:
    if token.ok is None:
        return Finding.skipped(call.NAME, _NO_REQUESTS)
    if missing := [finding.name for finding in (token, (await inbox)[0]) if not finding.ok]:
        return Finding.skipped(call.NAME, f"needs {' and '.join(missing)}.")
    source = credential.source_of(read.settings, CredentialStore())
    return await within(call.SECONDS + _SECONDS_TO_CLEAR_UP, call.NAME, call.check_call(read.settings, source))


async def _server(read: ReadSettings) -> Finding:
    if read.refused:
        return Finding.skipped(server.NAME, "correct the settings first.")
    work = server.check_server(this_launch(), os.environ)
    return await within(server.SECONDS + _SECONDS_TO_CLEAR_UP, server.NAME, work)


async def _clients(
    read: ReadSettings, clients: tuple[ReadClient, ...] | Finding, inbox: asyncio.Task[Reached]
) -> tuple[Finding, ...]:
    if isinstance(clients, Finding):
        return (clients,)
    source = credential.source_of(read.settings, CredentialStore())
    host_answers = (await inbox)[0].ok is True
    return await configurations.check_clients(clients, Shell(os.environ, source, host_answers))
