"""The account's users, read when a question needs them and kept for ten minutes."""

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import get_args

from anyio.abc import TaskGroup

from convirza_mcp.api.models import ConversationReader
from convirza_mcp.api.users import MAX_USERS, User, UserStatus
from convirza_mcp.errors import AccountChangedError, APIStatusError, ConvirzaError
from convirza_mcp.scan.reading import check_account
from convirza_mcp.single_flight import FlightCancelledError, SingleFlight

LIFETIME_SECONDS = 600.0
_MAX_PAGES = 50
_REFUSALS = (403, 404)


class UserList:
    """Active and inactive users by `ct_user_id`; concurrent questions share one read. `close` stops it.

    A refusal (403, 404) is cached as long as a list, because it is undocumented which roles may read users. After any
    other failure, the next question tries again.
    """

    def __init__(self, client: ConversationReader, tasks: TaskGroup, *, clock: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._tasks = tasks
        self._clock = clock
        self._account = ""
        self._began = 0.0
        self._flight: SingleFlight[Mapping[int, User]] | None = None

    def close(self) -> None:
        """Stop a read under way. Any task may call it."""
        if self._flight is not None:
            self._flight.scope.cancel()

    async def read(self) -> Mapping[int, User]:
        """Return the users.

        Raises:
            PermissionDeniedError, NotFoundError: this login may not read the list.
            ConvirzaError: as `convirza_mcp.errors` describes.
        """
        account = await self._client.credential_fingerprint()
        is_old = account != self._account or self._began < self._clock() - LIFETIME_SECONDS
        if self._flight is None or is_old:
            self._account, self._began = account, self._clock()
            self._flight = SingleFlight(self._tasks, partial(self._read, account))
        flight = self._flight
        try:
            return await flight.result()
        except FlightCancelledError:
            raise AccountChangedError(
                "This account was closed while the inbox was read.", remedy="Ask again."
            ) from None
        except ConvirzaError as error:
            is_refusal = isinstance(error, APIStatusError) and error.status in _REFUSALS
            if self._flight is flight and not is_refusal:
                self._flight = None
            raise

    async def _read(self, account: str) -> Mapping[int, User]:
        users: dict[int, User] = {}
        for status in get_args(UserStatus):
            await self._read_all(status, account, users)
        return users

    async def _read_all(self, status: UserStatus, account: str, users: dict[int, User]) -> None:
        offset = 0
        for _ in range(_MAX_PAGES):
            page = await self._client.list_users(status, offset=offset)
            await check_account(self._client, account)
            known = len(users)
            for each in page.users:
                users.setdefault(each.ct_user_id, each)
            offset += page.received
            is_end = page.received < MAX_USERS if page.total is None else offset >= page.total
            # A page without new users ends the list, in case the API ignores the offset.
            if is_end or len(users) == known:
                return
