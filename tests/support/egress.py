"""Every connection, look-up and program that processes of ours make, written down by the interpreter itself.

A `sitecustomize` installs an audit hook before the first line of the program runs; what was not written down did not
happen. `watched(folder)` gives the settings that switch it on, `seen(folder)` what was written.
"""

import json
from pathlib import Path
from typing import Any

_SITE = """
import json, os, sys

_folder = os.environ["EGRESS_FOLDER"]
_told = os.open(os.path.join(_folder, f"{os.getpid()}.egress"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

def _tell(event, args):
    match event:
        case "socket.connect" | "socket.sendto" | "socket.bind":
            about = args[1]
        case "socket.getaddrinfo" | "socket.gethostbyname":
            about = args[0]
        case "subprocess.Popen" | "os.system" | "os.exec" | "os.posix_spawn" | "webbrowser.open":
            about = str(args[0])
        case _:
            return
    os.write(_told, (json.dumps([event, about], default=repr) + "\\n").encode())

sys.addaudithook(_tell)
"""


def watched(folder: Path) -> dict[str, str]:
    """Settings for a process: what it does goes into files of `folder`."""
    (folder / "site").mkdir(parents=True)
    (folder / "site" / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
    return {"PYTHONPATH": str(folder / "site"), "EGRESS_FOLDER": str(folder)}


def seen(folder: Path) -> list[tuple[str, Any]]:
    """What all watched processes did, as event and address, host or program."""
    files = list(folder.glob("*.egress"))
    assert files, "nothing was watched"
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found = [json.loads(line) for line in lines]
    return [(event, tuple(about) if isinstance(about, list) else about) for event, about in found]
