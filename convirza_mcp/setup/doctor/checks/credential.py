"""Check which credential is in use, and its expiry. Sends nothing, and shows nothing of the token."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import Literal

import anyio

from convirza_mcp.api.login.credentials import read_token_file
from convirza_mcp.api.login.oauth import expiry_text, local_text
from convirza_mcp.api.login.storage import FileLogin, LoginStorage, login_storage
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.errors import CredentialUnusableError, LoginFromElsewhereError, SettingsError
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.settings import ReadSettings
from convirza_mcp.setup.doctor.finding import Finding

NAME = "credential"

Source = Literal["environment", "file", "store", "none"]

WORDS: dict[Source, str] = {
    "environment": "the token in CONVIRZA_TOKEN",
    "file": "the token in the file that CONVIRZA_TOKEN_FILE names",
    "store": "the login that `convirza-mcp login` stored",
    "none": "none",
}
NEW_TOKEN: dict[Source, str] = {
    "environment": "Set CONVIRZA_TOKEN to a new token; or unset it, and run `convirza-mcp login`.",
    "file": "Put a new token in the file of CONVIRZA_TOKEN_FILE; or unset it, and run `convirza-mcp login`.",
    "store": "Run `convirza-mcp login`.",
    "none": "Run `convirza-mcp login`; or try it without an account: `convirza-mcp demo`.",
}
"""Remedies for a bad token, by source."""

_STORED = "The login that `convirza-mcp login` stored"
_ABSENT = "There is no token and no stored login."
_INTO_THE_FILE = "Put only the token in it; or unset CONVIRZA_TOKEN_FILE, and run `convirza-mcp login`."


def source_of(settings: Settings, store: CredentialStore) -> Source:
    if settings.token is not None:
        return "environment"
    if settings.token_file is not None:
        return "file"
    return "none" if settings.store is None and store.stamp() is None else "store"


def check_credential(
    read: ReadSettings, store: CredentialStore, *, needs_none: bool = False, now: datetime | None = None
) -> Finding:
    """Check the credential. Blocks while it reads files. With `needs_none` (demo only), none is not a fault."""
    # The first source in use counts, even if it is invalid.
    if "CONVIRZA_TOKEN" in read.refused:
        return Finding.fault(NAME, "CONVIRZA_TOKEN is set, but cannot be used.", read.refused["CONVIRZA_TOKEN"])
    if read.settings.token is None and "CONVIRZA_TOKEN_FILE" in read.refused:
        return Finding.fault(NAME, "CONVIRZA_TOKEN_FILE names a file that does not exist.", _INTO_THE_FILE)
    source = source_of(read.settings, store)
    match source:
        case "none" if needs_none:
            return Finding.skipped(NAME, "none, and no entry needs one.", "For your own inbox: `convirza-mcp login`.")
        case "none":
            return Finding.fault(NAME, _ABSENT, NEW_TOKEN[source])
        case "store":
            return _stored(store, read.settings, now or datetime.now(UTC))
        case "file" if not _holds_a_token(read.settings):
            return Finding.fault(
                NAME,
                "The file that CONVIRZA_TOKEN_FILE names cannot be read, or holds no token.",
                _INTO_THE_FILE,
            )
        case _:
            return Finding.good(NAME, f"{WORDS[source][0].upper()}{WORDS[source][1:]}; its end is unknown.")


async def _read(storage: LoginStorage) -> StoredCredential | None:
    async with aclosing(storage):
        return await storage.read()


def _stored(store: CredentialStore, settings: Settings, now: datetime) -> Finding:
    storage = FileLogin(store) if settings.store is None else login_storage(settings)
    try:
        stored = anyio.run(_read, storage)
        if stored is None:
            return Finding.fault(NAME, _ABSENT, NEW_TOKEN["none"])
        pair = stored.pair
        last = pair.expires_at if pair.refresh_token is None else pair.refresh_expires_at
        if last is not None and last <= now:
            return Finding.fault(NAME, f"The stored login ended {local_text(last, settings.zone)}.", NEW_TOKEN["store"])
        stored.check_is_from(settings.oauth_url)
    except LoginFromElsewhereError as error:
        return Finding.fault(NAME, error.message, error.remedy)
    except CredentialUnusableError as error:
        return Finding.fault(NAME, error.message, f"{error.remedy} It is about {storage.place}.")
    return Finding.good(NAME, f"{_STORED}; it ends {expiry_text(pair, settings.zone)}.")


def _holds_a_token(settings: Settings) -> bool:
    try:
        return settings.token_file is not None and bool(read_token_file(settings.token_file))
    except (OSError, UnicodeDecodeError, SettingsError):
        return False
