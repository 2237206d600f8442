"""Write the answers of the stdio front, taken from the real server.

python scripts/front_snapshot.py
"""

import json
from collections.abc import Iterable
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import anyio
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from convirza_mcp.api.models import RefusingReader
from convirza_mcp.server.build import build_server
from convirza_mcp.settings import Output, Settings
from convirza_mcp.transports.json_rpc import read_message

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "convirza_mcp" / "transports" / "front" / "snapshot.jsonl"
LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
PREFIX = "io.modelcontextprotocol"

Json = dict[str, Any]


def main() -> None:
    TARGET.write_text(text_of(anyio.run(take_snapshot)), encoding="utf-8")


async def take_snapshot() -> Json:
    """Return each result once, and for each output, protocol version and method its place among them."""
    results: list[Json] = []
    outputs: Json = {}
    for output in get_args(Output):
        server = build_server(Settings(output=output), open_client=lambda: nullcontext(RefusingReader("")))
        outputs[output] = {}
        for each in (*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS):
            found = outputs[output][each] = {}
            requests = requests_of(each)
            for request, answer in zip(requests, await answers_to(server, requests), strict=True):
                if answer["result"] not in results:
                    results.append(answer["result"])
                found[request["method"]] = results.index(answer["result"])
    sdk = [f"mcp-{version('mcp')}", f"mcp_types-{version('mcp-types')}"]
    return {"sdk": sdk, "outputs": outputs, "results": results}


def text_of(snapshot: Json) -> str:
    """Return the snapshot as lines of JSON: the head, then each result, which the front copies as it is."""
    results = snapshot["results"]
    head = {name: value for name, value in snapshot.items() if name != "results"}
    return "".join(f"{json.dumps(each, ensure_ascii=False, separators=(',', ':'))}\n" for each in (head, *results))


def requests_of(protocol: str) -> list[Json]:
    if protocol in MODERN_PROTOCOL_VERSIONS:
        envelope = {f"{PREFIX}/protocolVersion": protocol, f"{PREFIX}/clientCapabilities": {}}
        asked = [(method, {"_meta": envelope}) for method in ("server/discover", *LISTS)]
    else:
        client = {"name": "snapshot", "version": "0"}
        hello = {"protocolVersion": protocol, "capabilities": {}, "clientInfo": client}
        asked = [("initialize", hello), *((method, {}) for method in LISTS)]
    return [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(asked)
    ]


async def answers_to(server: Server[Any], requests: Iterable[Json]) -> list[Json]:
    """Return the server's answers to these requests on one connection, each sent when the one before is answered."""
    to_server, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](100)
    outgoing, from_server = anyio.create_memory_object_stream[SessionMessage](100)
    answers = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.run, incoming, outgoing, server.create_initialization_options())
        for request in requests:
            message = read_message(json.dumps(request).encode())
            assert not isinstance(message, list)  # noqa: S101 - for mypy
            await to_server.send(SessionMessage(message))
            answer = (await from_server.receive()).message
            answers.append(answer.model_dump(by_alias=True, mode="json", exclude_unset=True))
        to_server.close()
    from_server.close()
    return answers


if __name__ == "__main__":
    main()
