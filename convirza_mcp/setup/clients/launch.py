"""How a program without our PATH, environment or folder starts this very server: absolute, always."""

import json
import os
import re
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

PACKAGE = "convirza-mcp"

_UV_CACHE = re.compile(r"archive-v\d+")


@dataclass(frozen=True, slots=True)
class Launch:
    """A command and what goes before `serve`."""

    command: str
    arguments: tuple[str, ...] = ()


def launch(*, python: str, script: str | None, uv: str | None, prefix: str, origin: str) -> Launch:
    """The command for an environment at `prefix`.

    `script` is the `convirza-mcp` program of that environment and `uv` the program that started this one, where there
    is one. `origin` is what uv would have to be asked for to get the same package again. An environment in uv's cache
    is gone after its next cleaning, so there it is uv that is named.
    """
    if uv is not None and any(_UV_CACHE.fullmatch(part) for part in re.split(r"[/\\]", prefix)):
        return Launch(uv, ("tool", "run", "--from", origin, PACKAGE))
    return Launch(python, ("-m", "convirza_mcp")) if script is None else Launch(script)


def this_launch() -> Launch:
    """The command for the environment that this process runs in."""
    return launch(
        python=sys.executable,
        script=_script(),
        uv=os.environ.get("UV"),
        prefix=sys.prefix,
        origin=requirement(version(PACKAGE), distribution(PACKAGE).read_text("direct_url.json")),
    )


def _script() -> str | None:
    name = f"{PACKAGE}.exe" if os.name == "nt" else PACKAGE
    schemes = (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
    for scheme in schemes:
        # Not resolved: a link in an environment leads out of it.
        path = Path(sysconfig.get_path("scripts", scheme)) / name
        if path.is_absolute() and os.access(path, os.X_OK):
            return str(path)
    return None


def requirement(version: str, direct_url: str | None) -> str:
    """The package as a requirement: where it came from (PEP 610), or else this version of it from the index."""
    source: Mapping[str, Any] = {} if direct_url is None else json.loads(direct_url)
    url = source.get("url")
    if not isinstance(url, str):
        return f"{PACKAGE}=={version}"
    repository = source.get("vcs_info")
    if not isinstance(repository, dict):
        return url
    return f"{repository['vcs']}+{url}@{repository['commit_id']}"
