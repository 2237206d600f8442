import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from convirza_mcp.errors import CredentialUnusableError
from convirza_mcp.files import MAX_BYTES, PrivateFolder, atomic_replacement, decode_text, private_folder, read_text_file
from support.snapshots import Snapshot

SECRET = b"CNVZ-AT-7f3e9d"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such bits and owners")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> PrivateFolder:
    folder = PrivateFolder(tmp_path / "state" / "convirza-mcp")
    folder.write("secret", SECRET)
    return folder


def test_the_folder_is_named_after_the_program_and_not_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert private_folder().name == "convirza-mcp"
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_for_its_owner_alone(folder: PrivateFolder) -> None:
    folder.write("other", b"")

    assert mode(folder.path) == 0o700
    assert {path.name: mode(path) for path in folder.path.iterdir()} == {"secret": 0o600, "other": 0o600}
    assert (folder.read("secret"), folder.read("other")) == (SECRET, b"")


def test_whatever_the_umask_says(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "folder")
    before = os.umask(0)
    try:
        folder.write("secret", SECRET)
    finally:
        os.umask(before)

    assert (mode(folder.path), mode(folder.path / "secret")) == (0o700, 0o600)


def test_a_missing_file_or_folder_is_none(folder: PrivateFolder, tmp_path: Path) -> None:
    assert folder.read("another") is None
    assert PrivateFolder(tmp_path / "nowhere").read("secret") is None
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_ours_that_lay_open_to_looks_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)

    PrivateFolder(tmp_path / "open").make()

    assert mode(tmp_path / "open") == 0o700


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(folder: PrivateFolder) -> None:
    before = (folder.path / "secret").stat().st_ino

    folder.write("secret", b"another")

    assert folder.read("secret") == b"another"
    assert (folder.path / "secret").stat().st_ino != before
    assert [path.name for path in folder.path.iterdir()] == ["secret"]


@pytest.mark.parametrize("left", ["file", "link", "folder"])
def test_what_lies_in_the_temporary_file_s_place_is_not_written_into(
    folder: PrivateFolder, tmp_path: Path, left: str, snapshot: Snapshot
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    temporary = folder.path / ".secret.new"
    if left == "file":
        temporary.write_bytes(b"what a killed process left, and more of it than comes next")
    elif left == "link":
        temporary.symlink_to(victim)
    else:
        temporary.mkdir()

    if left == "folder":
        with pytest.raises(CredentialUnusableError) as error:
            folder.write("secret", b"another")
        snapshot(error.value)
    else:
        folder.write("secret", b"another")

    assert folder.read("secret") == (SECRET if left == "folder" else b"another")
    assert victim.read_bytes() == b"untouched"


def test_a_link_in_the_file_s_place_is_replaced_and_not_followed(folder: PrivateFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (folder.path / "secret").unlink()
    (folder.path / "secret").symlink_to(victim)

    folder.write("secret", b"another")

    assert (folder.read("secret"), victim.read_bytes()) == (b"another", b"untouched")


def others_may_read(folder: Path) -> None:
    (folder / "secret").chmod(0o644)


def the_group_may_write(folder: Path) -> None:
    (folder / "secret").chmod(0o620)


def it_is_a_link(folder: Path) -> None:
    (folder / "secret").rename(folder / "elsewhere")
    (folder / "secret").symlink_to("elsewhere")


def it_is_a_pipe(folder: Path) -> None:
    (folder / "secret").unlink()
    os.mkfifo(folder / "secret", 0o600)


def it_is_a_folder(folder: Path) -> None:
    (folder / "secret").unlink()
    (folder / "secret").mkdir(mode=0o700)


def it_is_huge(folder: Path) -> None:
    (folder / "secret").write_bytes(bytes(10 * 1024 * 1024))


def all_may_write_to_the_folder(folder: Path) -> None:
    folder.chmod(0o777)


def the_folder_is_a_link(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")


def the_folder_is_a_file(folder: Path) -> None:
    (folder / "secret").unlink()
    folder.rmdir()
    folder.write_bytes(SECRET)


def it_is_another_user_s(folder: Path) -> None:
    os.chown(folder / "secret", 12_345, -1)


def the_folder_is_another_user_s(folder: Path) -> None:
    os.chown(folder, 12_345, -1)


REFUSED = [
    *(others_may_read, the_group_may_write, it_is_a_link, it_is_a_pipe, it_is_a_folder, it_is_huge),
    *(all_may_write_to_the_folder, the_folder_is_a_link, the_folder_is_a_file),
]
REFUSED_BY_ROOT = [it_is_another_user_s, the_folder_is_another_user_s]


def what_is_there(folder: PrivateFolder) -> list[tuple[str, int, int, int, int]]:
    paths = [folder.path, *(folder.path.iterdir() if folder.path.is_dir() else [])]
    found = [(path.name, path.lstat()) for path in paths]
    return [(name, each.st_mode, each.st_uid, each.st_size, each.st_mtime_ns) for name, each in found]


def assert_refused(folder: PrivateFolder, spoil: Callable[[Path], None], snapshot: Snapshot) -> None:
    spoil(folder.path)
    before = what_is_there(folder)

    with pytest.raises(CredentialUnusableError) as caught:
        folder.read("secret")

    snapshot(caught.value)
    assert str(folder.path) not in str(caught.value)
    assert what_is_there(folder) == before


@pytest.mark.parametrize("spoil", REFUSED)
def test_what_is_not_private_is_refused_and_left_alone(
    folder: PrivateFolder, spoil: Callable[[Path], None], snapshot: Snapshot
) -> None:
    assert_refused(folder, spoil, snapshot)


@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("spoil", REFUSED_BY_ROOT)
def test_a_file_of_another_user_is_refused_and_left_alone(
    folder: PrivateFolder, spoil: Callable[[Path], None], snapshot: Snapshot
) -> None:
    assert_refused(folder, spoil, snapshot)


@pytest.mark.parametrize("spoil", [all_may_write_to_the_folder, the_folder_is_a_link, the_folder_is_a_file])
def test_nothing_is_written_into_a_folder_that_is_not_private(
    folder: PrivateFolder, spoil: Callable[[Path], None]
) -> None:
    spoil(folder.path)
    with pytest.raises(CredentialUnusableError) as refused:
        folder.read("secret")

    for attempt in (folder.make, lambda: folder.write("secret", b"another"), lambda: folder.prove_writable("secret")):
        with pytest.raises(CredentialUnusableError) as caught:
            attempt()
        assert str(caught.value) == str(refused.value)


def test_the_largest_file_is_read_whole(folder: PrivateFolder) -> None:
    folder.write("secret", bytes(MAX_BYTES))

    assert folder.read("secret") == bytes(MAX_BYTES)


def test_a_proof_changes_nothing_and_leaves_nothing(folder: PrivateFolder) -> None:
    before = (folder.path / "secret").stat()

    folder.prove_writable("secret")
    folder.prove_writable("not-there-yet")

    assert (folder.path / "secret").stat() == before
    assert [path.name for path in folder.path.iterdir()] == ["secret"]


def test_a_proof_fails_where_writing_would(folder: PrivateFolder, snapshot: Snapshot) -> None:
    (folder.path / "taken").mkdir()

    with pytest.raises(CredentialUnusableError) as error:
        folder.prove_writable("taken")
    snapshot(error.value)


def test_deleting_takes_what_a_killed_process_left_as_well(folder: PrivateFolder, tmp_path: Path) -> None:
    (folder.path / ".secret.new").write_bytes(SECRET)

    deleted = [folder.delete("secret"), folder.delete("secret"), PrivateFolder(tmp_path / "nowhere").delete("secret")]

    assert deleted == [True, False, False]
    assert list(folder.path.iterdir()) == []


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_read_in_the_encodings_that_editors_save(tmp_path: Path, codec: str) -> None:
    (tmp_path / "token").write_bytes("tok-abc é\r\n".encode(codec))

    assert read_text_file(tmp_path / "token") == "tok-abc é\r\n"


@pytest.mark.parametrize("content", [b"tok\xff", b"\xff\xfet\x00o", b"\xff\xfe\x00\xd8\x00\x00"])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode_text(content)


def test_a_file_of_more_than_a_few_bytes_is_no_text_of_ours(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"x" * (MAX_BYTES + 1))

    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        read_text_file(tmp_path / "token")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError, SystemExit])
def test_an_interruption_leaves_the_file_as_it_was(tmp_path: Path, interruption: type[BaseException]) -> None:
    file = tmp_path / "inbox.csv"
    file.write_text("old")

    def write() -> None:
        with atomic_replacement(file) as beside:
            beside.write(b"new")
            raise interruption

    with pytest.raises(interruption):
        write()

    assert ([each.name for each in tmp_path.iterdir()], file.read_text()) == (["inbox.csv"], "old")


def test_a_symbolic_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")

    with atomic_replacement(tmp_path / "link") as file:
        file.write(b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_no_file_takes_the_place_of_a_device() -> None:
    with pytest.raises(FileExistsError), atomic_replacement(Path("/dev/null")):
        pass
