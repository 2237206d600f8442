"""Configuration files on a real disk: found, read, and replaced whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.file import ConfigurationFile
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.errors import ClientConfigChangedError, ClientConfigError
from support.snapshots import Snapshot

CURSOR = CLIENTS["cursor"]
NOW = datetime(2026, 3, 6, 16, 12, 5, tzinfo=UTC)
COPY = "mcp.json.20260306-161205-000000.backup"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_new_file_is_private_and_leaves_no_copy(tmp_path: Path) -> None:
    file = ConfigurationFile.read(tmp_path / "mcp.json", CURSOR)

    assert (file.content, file.text) == (None, "")
    assert file.replace("new", NOW) is None
    assert contents(tmp_path) == {"mcp.json": "new"}
    assert stat.S_IMODE((tmp_path / "mcp.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_what_was_there_stays_as_a_copy_and_the_mode_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")
    path.chmod(mode)

    copy = ConfigurationFile.read(path, CURSOR).replace("second", NOW)
    again = ConfigurationFile.read(path, CURSOR).replace("third", NOW + timedelta(milliseconds=1))

    assert (copy, again) == (tmp_path / COPY, tmp_path / "mcp.json.20260306-161205-001000.backup")
    assert contents(tmp_path) == {"mcp.json": "third", COPY: "first", again.name: "second"}
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_the_first_and_the_last_two_of_many_copies_stay(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("0")
    others = {"mcp.json.backup": "theirs", "other.json.20260306-161205.backup": "theirs"}
    for name, text in others.items():
        (tmp_path / name).write_text(text)

    for number in range(1, 7):
        copy = ConfigurationFile.read(path, CURSOR).replace(str(number), NOW + timedelta(days=number))
        assert copy is not None
        # As a copy of the whole folder may leave them: what counts is the moment in their names.
        os.utime(copy, (-number, -number))

    kept = {name: text for name, text in contents(tmp_path).items() if name not in others}
    assert kept == {
        "mcp.json": "6",
        "mcp.json.20260307-161205-000000.backup": "0",
        "mcp.json.20260311-161205-000000.backup": "4",
        "mcp.json.20260312-161205-000000.backup": "5",
    }
    assert contents(tmp_path) == kept | others


@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root gives files away")
def test_root_does_not_take_the_file_from_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")
    os.chown(path, 1234, 5678)

    ConfigurationFile.read(path, CURSOR).replace("second", NOW)

    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


def test_a_link_stays_one_and_what_it_points_to_is_changed(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "client").mkdir()
    real, path = tmp_path / "dotfiles" / "cursor.json", tmp_path / "client" / "mcp.json"
    real.write_text("first")
    real.chmod(0o640)
    path.symlink_to(real)

    ConfigurationFile.read(path, CURSOR).replace("second", NOW)

    assert path.is_symlink()
    assert contents(tmp_path / "dotfiles") == {"cursor.json": "second"}
    assert contents(tmp_path / "client") == {"mcp.json": "second", COPY: "first"}
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("meanwhile", [b"theirs", None])
def test_what_another_program_wrote_meanwhile_is_not_lost(tmp_path: Path, meanwhile: bytes | None) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")
    file = ConfigurationFile.read(path, CURSOR)
    path.unlink() if meanwhile is None else path.write_bytes(meanwhile)

    with pytest.raises(ClientConfigChangedError):
        file.replace("ours", NOW)

    assert contents(tmp_path) == ({} if meanwhile is None else {"mcp.json": "theirs"})


def test_a_file_that_came_meanwhile_is_not_lost(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "mcp.json"
    file = ConfigurationFile.read(path, CURSOR)
    path.write_text("theirs")

    with pytest.raises(ClientConfigChangedError) as caught:
        file.replace("ours", NOW)

    assert contents(tmp_path) == {"mcp.json": "theirs"}
    snapshot(caught.value)


def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")
    path.chmod(0o444)
    file = ConfigurationFile.read(path, CURSOR)

    with pytest.raises(ClientConfigError) as caught:
        file.replace("second", NOW)

    assert contents(tmp_path) == {"mcp.json": "first"}
    assert str(caught.value).startswith("Cursor's configuration file is read-only")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("folder", "pipe"):
        with pytest.raises(ClientConfigError) as caught:
            ConfigurationFile.read(tmp_path / name, CURSOR)
        assert caught.value.message.endswith("not a regular file.")


def test_a_link_to_a_file_that_does_not_exist_yet_makes_it(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    path = tmp_path / "client" / "mcp.json"
    path.symlink_to(tmp_path / "mcp.json")

    assert ConfigurationFile.read(path, CURSOR).replace("first", NOW) is None
    assert contents(tmp_path / "client") == {"mcp.json": "first"}
    assert path.is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="a file that even root cannot read")
def test_an_unreadable_file_is_refused(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "mcp.json").symlink_to("/proc/self/mem")

    with pytest.raises(ClientConfigError) as caught:
        ConfigurationFile.read(tmp_path / "mcp.json", CURSOR)

    snapshot(caught.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_bytes("{}".encode("utf-16"))

    with pytest.raises(ClientConfigError) as caught:
        _ = ConfigurationFile.read(tmp_path / "mcp.json", CURSOR).text

    assert "is not UTF-8 text" in str(caught.value)


class Interrupting(str):
    """A text during whose writing somebody presses Ctrl-C."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        raise KeyboardInterrupt


def test_an_interruption_leaves_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")
    file = ConfigurationFile.read(path, CURSOR)

    with pytest.raises(KeyboardInterrupt):
        file.replace(Interrupting("second"), NOW)

    assert contents(tmp_path) == {"mcp.json": "first"}


PROGRAM = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.file import ConfigurationFile
from convirza_mcp.setup.errors import ClientConfigError

class Killing(str):
    def encode(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)

file = ConfigurationFile.read(Path(sys.argv[1]), CLIENTS["cursor"])
text = Killing("second") if sys.argv[2] == "kill" else "second" * 100_000
try:
    file.replace(text, datetime.now())
except ClientConfigError as error:
    print(error)
"""


def test_a_process_that_is_killed_while_it_writes_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("first")

    ended = subprocess.run([sys.executable, "-c", PROGRAM, str(path), "kill"], check=False)

    assert ended.returncode == -signal.SIGKILL
    left = contents(tmp_path)
    assert left.pop("mcp.json") == "first"
    # The copy, and the empty beginning of the new file.
    assert sorted(left.values()) == ["", "first"]


def test_a_disk_without_room_loses_nothing(tmp_path: Path, snapshot: Snapshot) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "mcp.json"
    path.write_text("first")

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), "fill"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )

    snapshot(ended.stdout)
    assert contents(tmp_path) == {"mcp.json": "first"}
