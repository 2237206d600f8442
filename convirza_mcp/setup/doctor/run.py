"""Run all checks: their dependencies and their concurrency."""

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial

from convirza_mcp.api.http.daemon_thread import run_in_daemon_thread
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.setup.clients.file import this_machine
from convirza_mcp.setup.clients.launch import this_launch
from convirza_mcp.setup.doctor.checks import call, clock, credential, server, store
from convirza_mcp.setup.doctor.checks import clients as configurations
from convirza_mcp.setup.doctor.checks.client_entry import Shell
from convirza_mcp.setup.doctor.checks.clients import ReadClient
from convirza_mcp.setup.doctor.checks.network import INBOX, LOGIN, SECONDS, Host, HostResult, probe_host
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
    with quiet_client_logs():
        return await _run_checks(report)


async def _run_checks(report: Callable[[Finding], None]) -> tuple[Finding, ...]:
    read = read_settings(os.environ)
    found: list[Finding] = []

    def tell(*findings: Finding) -> None:
        for finding in findings:
            found.append(finding)
            report(finding)

    files = asyncio.create_task(_files())
    token = asyncio.create_task(_credential(read, files))
    inbox, login = (asyncio.create_task(_reached(host, read, token)) for host in (INBOX, LOGIN))
    called = asyncio.create_task(_call(read, token, inbox))
    served = asyncio.create_task(_server(read))
    clients = asyncio.create_task(_clients(read, files, inbox))
    tasks: tuple[asyncio.Task[object], ...] = (files, token, inbox, login, called, served, clients)
    try:
        tell(*server.check_versions())
        tell(check_settings(read), check_zone(read, os.environ.get(VARIABLE, "")))
        if read.settings.store is not None:
            tell(await within(store.SECONDS, store.NAME, store.check_store(read.settings)))
        tell(await token)
        reached = await inbox, await login
        tell(*(each.finding for each in reached), _clock((await token).ok is None, reached))
        tell(await called)
        tell(await served)
        tell(*await clients)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tuple(found)


def _clock(is_demo: bool, reached: Iterable[HostResult]) -> Finding:
    return Finding.skipped(clock.NAME, _NO_REQUESTS) if is_demo else clock.check_clock(each.probe for each in reached)


async def _files() -> tuple[ReadClient, ...] | Finding:
    """Return the content of the clients' files, or a fault."""
    work = run_in_daemon_thread(lambda: configurations.read_clients(this_machine()))
    return await within(_SECONDS_FOR_FILES, configurations.NAME, work)


async def _credential(read: ReadSettings, files: asyncio.Task[tuple[ReadClient, ...] | Finding]) -> Finding:
    clients = await files
    needs_none = read.settings.demo or (not isinstance(clients, Finding) and configurations.need_no_token(clients))
    work = run_in_daemon_thread(partial(credential.check_credential, read, CredentialStore(), needs_none=needs_none))
    return await within(_SECONDS_FOR_FILES, credential.NAME, work)


async def _reached(host: Host, read: ReadSettings, token: asyncio.Task[Finding]) -> HostResult:
    if (await token).ok is None:
        return HostResult(Finding.skipped(host.name, _NO_REQUESTS))
    result = await within(SECONDS + _SECONDS_TO_CLEAR_UP, host.name, probe_host(host, read))
    return HostResult(result) if isinstance(result, Finding) else result


async def _call(read: ReadSettings, token: asyncio.Task[Finding], inbox: asyncio.Task[HostResult]) -> Finding:
    if (await token).ok is None:
        return Finding.skipped(call.NAME, _NO_REQUESTS)
    before = (await token, (await inbox).finding)
    if missing := [finding.name for finding in before if not finding.ok]:
        return Finding.skipped(call.NAME, f"needs {' and '.join(missing)}.")
    source = credential.source_of(read.settings, CredentialStore())
    work = call.check_call(read.settings, source)
    return await within(call.SECONDS + _SECONDS_TO_CLEAR_UP, call.NAME, work)


async def _server(read: ReadSettings) -> Finding:
    if read.refused:
        return Finding.skipped(server.NAME, "correct the settings first.")

    async def started() -> Finding:
        return await server.check_server(this_launch(), os.environ)

    return await within(server.SECONDS + _SECONDS_TO_CLEAR_UP, server.NAME, started())


async def _clients(
    read: ReadSettings,
    files: asyncio.Task[tuple[ReadClient, ...] | Finding],
    inbox: asyncio.Task[HostResult],
) -> tuple[Finding, ...]:
    clients = await files
    if isinstance(clients, Finding):
        return (clients,)
    shell = Shell(
        environ=os.environ,
        source=credential.source_of(read.settings, CredentialStore()),
        host_answers=(await inbox).finding.ok is True,
    )
    seconds = configurations.seconds_for(clients) + _SECONDS_TO_CLEAR_UP
    findings = await within(seconds, configurations.NAME, configurations.check_clients(clients, shell))
    return (findings,) if isinstance(findings, Finding) else findings
