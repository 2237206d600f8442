"""The requests that the front answers, and its answers."""

from __future__ import annotations

import json
import os
import sys

from convirza_mcp.transports.stdio.plain_messages import is_plain_number, read_plain_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

_MODERN, _NEWEST_HANDSHAKE = "2026-07-28", "2025-11-25"
_PREFIX = "io.modelcontextprotocol"
_VERSION, _CAPABILITIES = f"{_PREFIX}/protocolVersion", f"{_PREFIX}/clientCapabilities"
_HANDSHAKE = {"protocolVersion", "capabilities", "clientInfo", "_meta"}
_CLIENT_TEXTS, _NO_CLIENT = {"name", "version", "title", "description", "websiteUrl"}, {"name": "", "version": ""}


class Answers:
    """State of one connection, and the answers that the front may still give.

    The first request settles the protocol era, as the SDK has it, with one exception: some clients probe with
    `server/discover` and then send `initialize`, which the SDK refuses.
    """

    def __init__(self, results: dict[str, dict[str, bytes]]) -> None:
        self._results = results
        self._era = self._version = ""
        self.probed = False
        """Set while only `server/discover` was requested, so that `initialize` may follow."""
        self.silent = not results
        """Set when only the real server can answer."""
        self.opening: Json | None = None
        """The request, answered here, that the real server must read before all others."""

    @property
    def settled(self) -> bool:
        return self.silent or (self._era != "" and not self.probed)

    def answer(self, line: bytes) -> bytes | None:
        """Return the line that answers this one, or None to leave it to the real server."""
        message = None if self.silent else read_plain_message(line)
        if message is not None:
            if "id" not in message:
                return None
            if (result := self._result(message)) is not None:
                return b'{"jsonrpc":"2.0","id":%b,"result":%b}\n' % (json.dumps(message["id"]).encode(), result)
        handshake = b'"initialize"' in line
        if self.probed and handshake:
            self.opening = None
        # The real server must read this line, which settles the era or the version.
        self.silent = self.silent or handshake or not self._era
        self.probed = False
        return None

    def _result(self, request: Json) -> bytes | None:
        method, params = request["method"], request.get("params", {})
        meta = params.get("_meta", {})
        if not _is_plain_meta(meta):
            return None
        if method == "initialize":
            offered = params.get("protocolVersion")
            late = self._version or (self._era == "modern" and not self.probed)
            client = params.get("clientInfo"), params.get("capabilities")
            if late or params.keys() - _HANDSHAKE or not isinstance(offered, str) or not _is_plain_client(*client):
                return None
            self._version = offered if offered in self._results and offered != _MODERN else _NEWEST_HANDSHAKE
            self._era, self.probed, self.opening = "legacy", False, request
            return self._results[self._version][method]
        client = meta.get(f"{_PREFIX}/clientInfo", _NO_CLIENT), meta.get(_CAPABILITIES)
        modern = meta.get(_VERSION) == _MODERN and _is_plain_client(*client)
        era, version = ("modern", _MODERN) if modern else ("legacy", self._version)
        result = b"{}" if method == "ping" and not modern else self._results.get(version, {}).get(method)
        if params.keys() - {"_meta"} or self._era not in ("", era) or (_VERSION in meta and not modern):
            return None
        if result is not None:
            self.probed = method == "server/discover" and (self.probed or not self._era)
            self._era, self.opening = era, self.opening or request
        return result


def load_answers(output: str) -> Answers:
    """Return the answers for this CONVIRZA_OUTPUT; none if the installed SDK is not the snapshot's."""
    with open(f"{os.path.dirname(__file__)}/snapshot.jsonl", "rb") as file:  # noqa: PTH120, PTH123 - pathlib is slow
        head, *results = file.read().splitlines()
    snapshot = json.loads(head)
    if not all(map(_is_installed, snapshot["sdk"])):
        return Answers({})
    versions = snapshot["outputs"][output].items()
    return Answers({each: {method: results[at] for method, at in of.items()} for each, of in versions})


def _is_installed(release: str) -> bool:
    # By folder names and without pathlib: importing importlib.metadata or pathlib takes longer than the front's answer.
    package, _, _ = release.partition("-")
    folder = next((each for each in sys.path if os.path.isfile(f"{each}/{package}/__init__.py")), "")  # noqa: PTH113 - no pathlib
    return os.path.isdir(f"{folder}/{release}.dist-info")  # noqa: PTH112 - no pathlib


def _is_plain_meta(meta: Any) -> bool:
    token = meta.get("progressToken", "") if isinstance(meta, dict) else None
    return (isinstance(token, str) or is_plain_number(token)) and f"{_PREFIX}/logLevel" not in meta


def _is_plain_client(client: Any, capabilities: Any) -> bool:
    """Return whether the SDK surely takes both: texts, and objects of objects but for one flag that clients send."""
    if not isinstance(client, dict) or not {"name", "version"} <= client.keys() <= _CLIENT_TEXTS:
        return False
    if not isinstance(capabilities, dict) or "tasks" in capabilities:
        return False
    features = [
        (f"{name}.{feature}", value)
        for name, of in capabilities.items()
        for feature, value in (of.items() if isinstance(of, dict) else [("", None)])
    ]
    plain = all(isinstance(each, dict) or (of == "roots.listChanged" and type(each) is bool) for of, each in features)
    return plain and all(isinstance(text, str) for text in client.values())
