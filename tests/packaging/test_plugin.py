"""The Claude Code plugin: its server, its skill, and what Claude Code's own validator says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from convirza_mcp.cli import commands
from convirza_mcp.tools import all_tools
from convirza_mcp.tools.summarize_sms_inbox import TOOL as SUMMARY
from judges.installed import ask, needs_judges
from support.packages import PLUGIN, ROOT, document

SKILL = (PLUGIN / "skills" / "sms-inbox" / "SKILL.md").read_text(encoding="utf-8")


def test_the_marketplace_leads_to_the_plugin() -> None:
    (listed,) = document(ROOT / ".claude-plugin" / "marketplace.json")["plugins"]
    plugin = document(ROOT / listed["source"] / ".claude-plugin" / "plugin.json")

    assert (ROOT / listed["source"]).resolve() == PLUGIN
    assert (listed["name"], listed["description"]) == (plugin["name"], plugin["description"])


def test_the_plugin_starts_the_package() -> None:
    server = document(PLUGIN / ".mcp.json")["mcpServers"]["convirza"]

    assert (server["command"], server["args"][1:]) == ("uvx", ["serve"])
    assert server["args"][0].startswith("convirza-mcp==")


def test_the_skill_is_called_as_its_folder_and_says_when_to_use_it() -> None:
    head = yaml.safe_load(SKILL.split("---\n")[1])

    assert head.keys() == {"name", "description"}
    assert head["name"] == "sms-inbox"
    assert "Use when " in head["description"]
    assert len(head["description"]) <= 1_024


def test_the_skill_teaches_every_tool_and_no_other() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(\w+)`[^|]* \|$", SKILL, re.MULTILINE)

    assert sorted(rows) == sorted(tool.name for tool in all_tools())
    assert set(re.findall(r"`(\w*_sms_\w+)`", SKILL)) == set(rows)
    assert "group_by" in SUMMARY.arguments.model_fields


def test_the_commands_that_it_names_are_there() -> None:
    texts = SKILL + (PLUGIN / "README.md").read_text(encoding="utf-8")

    named = set(re.findall(r"uvx convirza-mcp (\w+)", texts))
    assert named == {"doctor", "login"}
    assert named <= set(commands.commands) | set(commands.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.long
def test_the_linter_of_skills_and_plugins_finds_nothing(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "packaging" / "claude-plugin", tmp_path / "packaging" / "claude-plugin")
    shutil.copytree(ROOT / ".claude-plugin", tmp_path / ".claude-plugin")

    command = [sys.executable, "-m", "skillsaw", "lint", "--strict", "--no-plugins", "--no-progress"]
    ended = subprocess.run(
        [*command, "--format", "json", str(tmp_path)], capture_output=True, encoding="utf-8", check=False
    )

    assert (ended.returncode, json.loads(ended.stdout)["violations"]) == (0, [])


@needs_judges
@pytest.mark.parametrize("folder", [ROOT, PLUGIN], ids=["marketplace", "plugin"])
def test_claude_code_finds_nothing(folder: Path, tmp_path: Path) -> None:
    # In a copy, so that nothing of what lies around it is taken for a part of it.
    copy = tmp_path / "copy"
    shutil.copytree(PLUGIN, copy / PLUGIN.relative_to(ROOT))
    shutil.copytree(ROOT / ".claude-plugin", copy / ".claude-plugin")
    shutil.copyfile(ROOT / "README.md", copy / "README.md")
    options = ["--strict", "--json"] if folder == ROOT else ["--strict", "--json", "--profile", "directory"]

    ended = ask(
        "@anthropic-ai/claude-code",
        *("plugin", "validate", *options, str(copy / folder.relative_to(ROOT))),
        home=tmp_path,
        environment={"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
        script="cli-wrapper.cjs",
    )

    said = json.loads(ended.stdout)
    assert (ended.returncode, said["manifest"]["errors"], said["manifest"]["warnings"]) == (0, [], [])
    if folder == PLUGIN:
        assert said["provides"]["skills"] == ["convirza:sms-inbox"]
        assert [server["name"] for server in said["provides"]["mcpServers"]] == ["convirza"]
        assert (said["directory"]["findings"], said["directory"]["incomplete"]) == ([], False)
