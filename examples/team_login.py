"""Log in to a team's server as a program, with the browser: the whole OAuth flow, on this computer.

python examples/team_login.py                                  a demo server that it starts
python examples/team_login.py https://sms.example.com/mcp      your team's server
Demo logins: demo@example.com with the password sandbox, user502@example.com with sandbox-502.
"""

import logging
import os
import re
import subprocess
import sys
import threading
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

answers: Queue[dict[str, str]] = Queue()
# The SDK logs a canceled login with a traceback.
logging.getLogger("mcp").addHandler(logging.NullHandler())


class CanceledError(Exception):
    """The person pressed Cancel."""


class Redirect(BaseHTTPRequestHandler):
    """Takes the browser's way back, with the code or with an error."""

    def do_GET(self) -> None:
        answers.put(dict(parse_qsl(urlsplit(self.path).query)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, *_: Any) -> None:
        """Log nothing: the address holds a code."""


class Memory:
    """Keeps registration and tokens while the program runs; a real one keeps them where only its user can read."""

    tokens: Any = None
    client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info


async def main(url: str) -> None:
    """Print the conversations that are assigned to the person who logs in."""
    listening = HTTPServer(("127.0.0.1", 0), Redirect)
    threading.Thread(target=listening.serve_forever, daemon=True).start()

    async def open_browser(address: str) -> None:
        print(f"Log in here: {address}", flush=True)
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    async def way_back() -> AuthorizationCodeResult:
        answer = await anyio.to_thread.run_sync(answers.get)
        if "code" not in answer:
            raise CanceledError
        return AuthorizationCodeResult(**answer)

    redirect = f"http://127.0.0.1:{listening.server_port}/callback"
    metadata = OAuthClientMetadata(client_name="team_login.py", redirect_uris=[redirect])
    auth = OAuthClientProvider(url, metadata, Memory(), open_browser, way_back)
    # No limit while a person types a password.
    async with (
        httpx2.AsyncClient(auth=auth, timeout=None) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        result = await client.call_tool("list_sms_conversations", {"type": "assignedToYou", "limit": 5})
    print(result.content[0].text)


def run(url: str) -> str | None:
    """Return the error text, or None."""
    failure = None
    try:
        anyio.run(main, url)
    except* CanceledError:
        failure = "The login was canceled."
    except* httpx2.HTTPError:
        failure = "The server could not be reached."
    return failure


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(run(sys.argv[1]))
    command = [sys.executable, "-m", "convirza_mcp", "serve", "--http", "--demo", "--port", "0"]
    environment = os.environ | {"CONVIRZA_HTTP_AUTH": "login"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as server:  # noqa: S603
        found = next(filter(None, (re.search(r"serves (http://\S+/mcp)\.", line) for line in server.stderr)), None)
        failure = "The demo server did not start." if found is None else run(found[1])
        server.terminate()
    sys.exit(failure)
