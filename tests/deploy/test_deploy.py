"""The files in deploy/: they parse, name what exists, and the tools that use them accept them where installed."""

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from convirza_mcp.settings import VARIABLES
from convirza_mcp.store.opening import open_store
from convirza_mcp.transports.http.serve import check_start
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, HttpSettings
from support.documents import ROOT

DEPLOY = ROOT / "deploy"


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\bCONVIRZA_[A-Z_]+[A-Z]\b", text))


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda file: file.name)
def test_only_settings_that_exist_are_named(file: Path) -> None:
    assert settings_in(file.read_text("utf-8")) <= {*VARIABLES, *HTTP_VARIABLES}


def check(environ: dict[str, str], host: str) -> None:
    check_start(host, HttpSettings.from_environment(environ))


def check_store(address: str) -> None:
    pytest.importorskip("redis")
    open_store(address)


def test_compose_replicas_are_alike_and_locked_down() -> None:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    replica = document["services"]["replica-1"]

    assert replica == document["services"]["replica-2"]
    assert (replica["read_only"], replica["cap_drop"]) == (True, ["ALL"])
    environ = {
        name: re.sub(r"\$\{STORE_PASSWORD[^}]*\}", "geheim", re.sub(r"\$\{SMS_HOST[^}]*\}", "sms.example.com", value))
        for name, value in replica["environment"].items()
    }
    check(environ, replica["command"][-1])
    check_store(environ["CONVIRZA_STORE"])
    assert environ["CONVIRZA_STORE_KEYS_FILE"] == f"/run/secrets/{replica['secrets'][0]}"
    assert urlsplit(environ["CONVIRZA_STORE"]).hostname in document["services"]
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert all(f"{each}:8788" in caddy for each in ("replica-1", "replica-2"))


def test_kubernetes_pod_is_locked_down() -> None:
    deployment, service, ingress = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    check({each["name"]: each["value"] for each in container["env"] if "value" in each}, container["args"][-1])
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    files = {each["name"]: each.get("value", "") for each in container["env"]}
    assert files["CONVIRZA_STORE_KEYS_FILE"] == f"{mounted['store']}/keys"
    check_store(*re.findall(r"--from-literal=address=(\S+)", (DEPLOY / "kubernetes.yaml").read_text("utf-8")))
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    (rule,) = ingress["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == service["metadata"]["name"]
    # More than the server itself takes to end.
    assert pod["terminationGracePeriodSeconds"] > 5 + container["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_systemd() -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    text = (DEPLOY / "convirza-mcp.service").read_text("utf-8")
    parser.read_string(text)
    environ = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))

    check(
        {name: value.replace("%S", "/var/lib") for name, value in environ.items() if name in HTTP_VARIABLES},
        "127.0.0.1",
    )
    assert "serve --http" in parser["Service"]["ExecStart"]
    assert int(parser["Service"]["TimeoutStopSec"]) > 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_its_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "convirza-mcp.service").read_text("utf-8")
    unit = tmp_path / "convirza-mcp.service"
    unit.write_text(re.sub("(?<=^ExecStart=)[^ ]+", "/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    ended = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_accepts_its_site(tmp_path: Path) -> None:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    site = re.sub(r"listen (\S*)443 ssl;", r"listen \g<1>18443;", re.sub(r"ssl_certificate\w* .*\n", "", site))
    whole = tmp_path / "nginx.conf"
    places = "\n".join(
        f"{each}_temp_path {tmp_path}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}\n{site}\n}}\n", encoding="utf-8"
    )
    ended = subprocess.run(
        ["nginx", "-t", "-c", str(whole), "-p", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_caddy_accepts_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    environ = {"SMS_HOST": "localhost", "HOME": "/tmp", "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)

    assert ended.returncode == 0, ended.stderr
