"""Open the store that CONVIRZA_STORE names."""

from contextlib import suppress
from pathlib import Path

from convirza_mcp.errors import SettingsError
from convirza_mcp.store.protocol import Store

_SQLITE = "sqlite:"
_REDIS = ("redis://", "rediss://")


def open_store(setting: str | None) -> Store:
    """Return the store at `sqlite:PATH`, `redis://HOST` or `rediss://HOST`; None is a file in the private folder.

    It connects at the first use. Raises SettingsError for other addresses, or without the package `redis`.
    """
    if setting is not None and setting.startswith(_REDIS):
        # Imported here, because it is an extra.
        from convirza_mcp.store.redis import RedisStore

        return RedisStore(setting)
    from convirza_mcp.store.sqlite import SQLiteStore

    if setting is None:
        return SQLiteStore()
    path = setting.removeprefix(_SQLITE).strip()
    # Suppressed: the home folder of an unknown user.
    with suppress(RuntimeError):
        if path and setting.startswith(_SQLITE):
            return SQLiteStore(Path(path).expanduser())
    raise SettingsError("CONVIRZA_STORE takes sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT.")
