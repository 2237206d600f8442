"""A real nginx with the site of deploy/, in front of replicas on loopback."""

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

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


@contextmanager
def nginx(
    folder: Path, port: int, replicas: list[HttpProcess], *, certificate: Path | None = None, in_turn: bool = False
) -> Iterator[None]:
    """Serve `localhost` on `port`, with TLS if there is a certificate with its key; `in_turn` balances round robin."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    servers = "\n".join(f"    server 127.0.0.1:{each.address[1]};" for each in replicas)
    text = text.replace("    server 127.0.0.1:8788;", servers)
    if in_turn:
        text = text.replace("    least_conn;\n", "")
    text = re.sub(r"    listen \[.*\n", "", text)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port}{'' if certificate is None else ' ssl'};")
    kept = "" if certificate is None else rf"    \1 {certificate};\n"
    text = re.sub(r"    (ssl_certificate(?:_key)?) .*;\n", kept, text)
    text = text.replace("sms.example.com", "localhost")
    temporary = "\n".join(
        f"    {each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log stderr error;\nevents {{}}\n"
        f"http {{\n    access_log off;\n{temporary}\n{text}\n}}\n",
        encoding="utf-8",
    )
    with subprocess.Popen(["nginx", "-c", str(file), "-p", str(folder)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield
        finally:
            process.terminate()
