"""What is secret in a store: keys that follow each other, and values that cannot change places."""

import pytest

from convirza_mcp.errors import CredentialUnusableError, SettingsError
from convirza_mcp.store.encryption import Cipher
from support.snapshots import Snapshot

OLD, NEW = "A" * 43 + "=", "B" * 42 + "A="


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old, between, new = Cipher(OLD), Cipher(f"{NEW}, {OLD}"), Cipher(NEW)

    assert between.decrypt("pair:1", old.encrypt("pair:1", b"secret\0")) == b"secret\0"
    assert new.decrypt("pair:1", between.encrypt("pair:1", b"")) == b""
    assert b"secret" not in old.encrypt("pair:1", b"secret")


@pytest.mark.parametrize("kind", ["another key", "another name", "damaged", "plain"])
def test_what_does_not_decrypt_is_refused(kind: str, snapshot: Snapshot) -> None:
    encrypted = Cipher(OLD).encrypt("pair:1", b"secret")
    cipher, name = Cipher(NEW if kind == "another key" else OLD), "pair:2" if kind == "another name" else "pair:1"
    given = {"damaged": encrypted[:-4] + b"AAA=", "plain": b"pair:1\0secret"}.get(kind, encrypted)
    with pytest.raises(CredentialUnusableError) as raised:
        cipher.decrypt(name, given)

    snapshot.shared(raised.value)


@pytest.mark.parametrize("keys", ["", ",", "short", f"{OLD},", f"{OLD};{NEW}", OLD[:-1], "é" * 44])
def test_malformed_keys_are_refused_and_not_repeated(keys: str, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as raised:
        Cipher(keys)

    assert OLD not in repr(raised.value.__context__) + str(raised.value)
    snapshot.shared(raised.value)
