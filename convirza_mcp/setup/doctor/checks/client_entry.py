"""Check one entry of a client's configuration: start it as that client would."""

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from mcp import StdioServerParameters

from convirza_mcp.answers.hints import plural
from convirza_mcp.errors import LoginFromElsewhereError, MissingCredentialError
from convirza_mcp.settings import demo_environment, invalid_variables, without_blanks
from convirza_mcp.setup.clients.account import ADDRESSES
from convirza_mcp.setup.clients.edit import display_name
from convirza_mcp.setup.clients.entry import DEFAULT_NAME, TOKEN_FILE, is_name
from convirza_mcp.setup.clients.environment import NETWORK, environment_to_copy, variables_with_password
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.clients.read_entries import ClientEntry
from convirza_mcp.setup.doctor.checks.credential import Source
from convirza_mcp.setup.doctor.checks.remote_entry import check_remote_entry
from convirza_mcp.setup.doctor.checks.settings import join_names
from convirza_mcp.setup.doctor.finding import Verdict
from convirza_mcp.setup.doctor.start_server import Started, start

SECONDS = 30.0
"""Seconds to list the tools; uvx downloads the package first."""

TO_ANSWER = 15.0

# Unless the entry or the environment sets it: a person is waiting.
_PATIENCE = {"CONVIRZA_TIMEOUT": "10"}


@dataclass(frozen=True, slots=True)
class Shell:
    """State of this terminal: its variables, the source of its token, and whether Convirza's host answers."""

    environ: Mapping[str, str]
    source: Source
    host_answers: bool


async def check_entry(
    entry: ClientEntry,
    client: Client,
    shell: Shell,
    *,
    seconds: float = SECONDS,
    to_answer: float = TO_ANSWER,
) -> Verdict:
    """Start the entry and list its tools; if possible, also read the inbox through it."""
    wording = _EntryWording(entry, client)
    if entry.is_switched_off:
        return Verdict(f"{wording.subject} is turned off.")
    if entry.url is not None:
        return await check_remote_entry(entry, client, wording.subject)
    if odd := entry.malformed_keys:
        return wording.fault(f"has a format that {client.title} may reject.", f"Correct {' and '.join(odd)} in it.")
    if entry.is_filled_in:
        return Verdict(f"{wording.subject} was not started: only {client.title} knows the whole command.")
    if refused := _refused(entry):
        return wording.fault("has a setting that cannot be used.", " ".join(refused.values()))
    folder = entry.folder or entry.project
    if folder is not None and not await anyio.to_thread.run_sync(os.path.isdir, folder):
        return wording.fault("starts in a folder that does not exist.", "Remove `cwd` from the entry, or correct it.")
    command = _found(entry.command, folder, entry.environment.get("PATH"))
    if command is None:
        return wording.fault("starts a program that does not exist.", wording.reinstall_remedy("command"))
    parameters = StdioServerParameters(
        command=command,
        args=list(entry.arguments),
        env=_PATIENCE | client.inherited(shell.environ) | entry.environment,
        # Clients start servers in an arbitrary folder.
        cwd=folder or Path(command).anchor or None,
    )
    is_asked = entry.is_demo or (
        not entry.token_is_filled_in and (shell.host_answers or "CONVIRZA_BASE_URL" in entry.environment)
    )
    started = await start(parameters, seconds=seconds, to_answer=to_answer if is_asked else None)
    return wording.verdict_on(started, shell)


def _refused(entry: ClientEntry) -> dict[str, str]:
    """Return the settings that its server would refuse."""
    environment = entry.environment
    file = environment.get(TOKEN_FILE, "")
    if entry.folder is not None and file and not file.startswith("~"):
        environment[TOKEN_FILE] = str(Path(entry.folder) / file)
    if "--from-form" in entry.arguments:
        environment = without_blanks(environment)
    return invalid_variables(demo_environment(environment) if entry.is_demo else environment)


def _found(command: str, folder: str | None, path: str | None) -> str | None:
    """Return the program, absolute if the entry's folder determines it."""
    if folder is not None and ("/" in command or os.sep in command):
        command = str(Path(folder) / command)
    return shutil.which(command, path=path)


class _EntryWording:
    """Messages about one entry."""

    def __init__(self, entry: ClientEntry, client: Client) -> None:
        self._entry = entry
        self._client = client
        self.subject = f'Its entry "{display_name(entry.name)}"'
        if entry.project is not None:
            self.subject += f" for the folder {display_name(entry.project, 200)}"

    def fault(self, detail: str, remedy: str) -> Verdict:
        return Verdict(f"{self.subject} {detail}", remedy)

    def verdict_on(self, started: Started, shell: Shell) -> Verdict:
        if started.fault is not None:
            command = "command" if started.is_of_command else None
            return self.fault(started.fault, started.remedy or self.reinstall_remedy(command))
        if started.refusal is None:
            return Verdict(self._good(started, shell))
        match started.code:
            case MissingCredentialError.code:
                return self.fault("starts, but has no token.", self._token_remedy(shell) + self._address_remedy())
            case LoginFromElsewhereError.code:
                # The server has none of this terminal's variables, which the credential's remedy is about.
                return self.fault(
                    "uses another service than the one that issued the stored login.", self.reinstall_remedy()
                )
            case _:
                remedy = self._network_remedy(started.refusal, shell) + self._address_remedy()
                return self.fault("starts, but cannot read the inbox.", remedy)

    def reinstall_remedy(self, key: str | None = None) -> str:
        """Return how to reinstall the entry; `key` names a key that can be corrected instead."""
        entry, client = self._entry, self._client
        has_name = is_name(entry.name)
        options = ["--demo"] if entry.is_demo else []
        if entry.name != DEFAULT_NAME and has_name:
            options += ["--name", entry.name]
        if (file := entry.environment.get(TOKEN_FILE)) and not entry.is_demo:
            options += ["--token-file", shlex.quote(file)]
        if not client.writable:
            options.append("--print")
        command = " ".join(["convirza-mcp install", client.id, *options])
        if not client.writable:
            part = "entry" if key is None else f"entry's {key}"
            return f"Correct the {part}: `{command}` shows the entry."
        if entry.project is not None:
            # This entry takes precedence over the one that `install` writes.
            removal = f"Run `claude mcp remove {entry.name} -s local` in that folder" if has_name else "Remove it"
            return f"{removal}, then `{command}`."
        corrected = "" if key is None else f", or correct the entry's {key}"
        by_hand = "" if has_name else " Remove this entry by hand: `install` does not take its name."
        return f"Run `{command}`{corrected}.{by_hand}"

    def _good(self, started: Started, shell: Shell) -> str:
        own = [name for name in self._entry.environment if name.startswith("CONVIRZA_")]
        settings = f", with {join_names(own)} of its own" if own else ""
        tools = f"{started.tools} {plural(started.tools, 'tool')}"
        if started.was_asked:
            inbox = "the demo inbox" if self._entry.is_demo else "the inbox"
            return f"{self.subject} starts, has {tools} and reads {inbox}{settings}."
        said = f"{self.subject} starts and has {tools}{settings}"
        if not self._entry.token_is_filled_in:
            return f"{said}."
        login = f" `convirza-mcp install {self._client.id}` lets it use your login." if shell.source == "store" else ""
        return f"{said}; {self._client.title} fills in the token.{login}"

    def _address_remedy(self) -> str:
        """Return a hint if the entry reads another inbox than this terminal, as after a trial."""
        own = [name for name in ADDRESSES if name in self._entry.environment]
        if not own:
            return ""
        remedy = self.reinstall_remedy()
        again = f"{remedy[:1].lower()}{remedy[1:]}"
        return f" The entry has {join_names(own)} of its own. If that is not intended, {again}"

    def _token_remedy(self, shell: Shell) -> str:
        if shell.source in ("file", "store"):
            # A variable of this terminal selects their place.
            return self.reinstall_remedy()
        here = f": the token in CONVIRZA_TOKEN of this terminal may not reach {self._client.title}"
        return f"Run `convirza-mcp login`{here if shell.source == 'environment' else ''}."

    def _network_remedy(self, refusal: str, shell: Shell) -> str:
        there = self._client.inherited(shell.environ) | self._entry.environment
        here = [name for name in environment_to_copy(shell.environ, demo=False) if name in NETWORK]
        if [name for name in here if name not in there]:
            return f"{refusal} {self.reinstall_remedy()} It copies {', '.join(here)} of this terminal."
        if passwords := [name for name in variables_with_password(shell.environ) if name not in there]:
            return f"{refusal} {self._client.title} may lack {', '.join(passwords)}, which this terminal has."
        return refusal
