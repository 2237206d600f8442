"""The absolute command with which a program without our PATH, environment or folder starts this server."""

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
    """A command, and its arguments before `serve`."""

    command: str
    arguments: tuple[str, ...] = ()


def launch(*, python: str, script: str | None, uv: str | None, prefix: str, origin: str) -> Launch:
    """Return the command for an environment at `prefix`.

    `script` is the environment's `convirza-mcp` program, and `uv` the program that started this one, if any. `origin`
    is the requirement for uv to install the same package again. An environment in uv's cache disappears when the cache
    is cleaned, so for it the command is uv.
    """
    if uv is not None and any(_UV_CACHE.fullmatch(part) for part in re.split(r"[/\\]", prefix)):
        return Launch(uv, ("tool", "run", "--from", origin, PACKAGE))
    return Launch(python, ("-m", "convirza_mcp")) if script is None else Launch(script)


def this_launch() -> Launch:
    """Return the command for the environment of this process."""
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
    # Without `shutil.which`, which on Windows finds a program in the working folder first. Not resolved, because a link
    # in an environment leads out of it.
    scripts = (Path(sysconfig.get_path("scripts", each)) / name for each in schemes)
    return next((str(each) for each in scripts if each.is_absolute() and os.access(each, os.X_OK)), None)


def requirement(version: str, direct_url: str | None) -> str:
    """Return the package as a requirement: its origin (PEP 610), or this version from the index."""
    source: Mapping[str, Any] = {} if direct_url is None else json.loads(direct_url)
    url = source.get("url")
    if not isinstance(url, str):
        return f"{PACKAGE}=={version}"
    repository = source.get("vcs_info")
    if not isinstance(repository, dict):
        return url
    return f"{repository['vcs']}+{url}@{repository['commit_id']}"
