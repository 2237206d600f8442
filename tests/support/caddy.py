"""A real Caddy with the file of deploy/, in front of replicas on loopback."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.documents import ROOT
from support.http_servers import HttpProcess
from support.ports import wait_for

needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")


@contextmanager
def caddy(folder: Path, port: int, replicas: list[HttpProcess]) -> Iterator[None]:
    """Serve `localhost` on `port`, without TLS."""
    text = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    upstreams = " ".join(f"127.0.0.1:{each.address[1]}" for each in replicas)
    text = re.sub(r"(?<=reverse_proxy ).*(?= {)", upstreams, text)
    file = folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    environ = {"SMS_HOST": f"http://localhost:{port}", "HOME": str(folder), "PATH": os.environ["PATH"]}
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield
        finally:
            process.terminate()
