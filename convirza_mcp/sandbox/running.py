"""The sandbox as an object: start, query, stop."""

import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from convirza_mcp.sandbox.http.exchange import ReceivedRequest
from convirza_mcp.sandbox.http.port import listening_socket
from convirza_mcp.sandbox.http.query import View, read_query
from convirza_mcp.sandbox.http.token_families import TokenFamilies
from convirza_mcp.sandbox.http.variants import answers_of
from convirza_mcp.sandbox.http.views import Inbox
from convirza_mcp.sandbox.seed.people import TOKEN_USER
from convirza_mcp.sandbox.seed.seeding import seeded_conversations
from convirza_mcp.sandbox.seed.times import exact_text
from convirza_mcp.sandbox.seed.users import Login, user_logins, user_rows

if TYPE_CHECKING:
    from convirza_mcp.sandbox.http.quiet_server import QuietServer

_HOST = "127.0.0.1"


class Page(NamedTuple):
    """One page as the API would return it: the number of all matches, and this page's rows."""

    total: int
    rows: list[dict[str, Any]]


class Sandbox:
    """Real HTTP server on 127.0.0.1 for the duration of a `with Sandbox() as sandbox:` block.

    It runs in a background thread and serves `GET /v3/conversations/sms`, `GET /v3/users/list` and the three OAuth
    endpoints as Convirza documents them, on one port where Convirza has two hosts. The same seed, number of
    conversations and texts give the same inbox at any time: `now` changes only its times, and the same `now` gives the
    same bytes.
    """

    requests: list[ReceivedRequest]
    """Requests received in a `with` block, in order. `serve_forever` records none: it may run for weeks."""

    def __init__(
        self,
        *,
        conversations: int = 400,
        seed: int = 7,
        token: str = "sandbox-token",  # noqa: S107 - it opens nothing but a sandbox
        variants: Collection[str] = (),
        now: datetime | None = None,
        texts: Sequence[str] | None = None,
        port: int = 0,
        delay: float = 0.0,
        email: str = "demo@example.com",
        password: str = "sandbox",  # noqa: S107 - as the token
        access_life: timedelta = timedelta(days=7),
        refresh_life: timedelta = timedelta(days=180),
        login_limit: int | None = 10,
        hostile: bool = False,
    ) -> None:
        """Create the inbox, without serving it.

        `conversations` is a number, at least 0. `token` is a bearer token that is always accepted. `variants` are names
        from VARIANTS. `now`, an aware time, dates the inbox and stops its clock; by default the clock is real. `texts`
        are messages to use instead of the sandbox's own, each once before any repeats. `port` 0 picks a free one.
        `delay` is the delay of each answer in seconds. `email` and `password` log in the token's user, `logins` has the
        other users' too; their tokens are accepted until they expire by the sandbox's clock. `login_limit` is the
        number of logins a minute per address, None for no limit. `hostile` adds texts that attack a reader to the
        inbox, and to the error answers for unusual offsets (`hostile/`). Raises ValueError for any other value.
        """
        if conversations < 0:
            raise ValueError("conversations must be at least 0")
        if not token or not all("!" <= character <= "~" for character in token):
            raise ValueError("token must be printable ASCII without spaces, to stand in a header")
        if now is not None and now.utcoffset() is None:
            raise ValueError("now must have a time zone")
        if texts is not None and not texts:
            raise ValueError("texts must have at least one text")
        if delay < 0:
            raise ValueError("delay must be at least 0 seconds")
        self.token = token
        self.user_id = TOKEN_USER.ct_user_id
        """The `ct_user_id` of the agent that the token belongs to."""
        self.requests = []
        self._answers = answers_of(frozenset(variants))
        self._frozen_now = now
        self._port = port
        self._delay = delay
        self.logins = tuple(user_logins(email, password))
        """Each active user's e-mail address and password: the token's user, the other agents, the others."""
        self._login_limit = login_limit
        self._families = TokenFamilies(
            clock=lambda: self.now,
            access_life=access_life,
            refresh_life=refresh_life,
            refresh_ends_access=self._answers.refresh_ends_access,
        )
        seeded = seeded_conversations(conversations, seed=seed, now=self.now, texts=texts)
        if hostile:
            # Imported here, because it loads a megabyte of texts.
            from convirza_mcp.sandbox.hostile.rows import with_hostile_errors, with_hostile_rows

            seeded = with_hostile_rows(seeded)
            self._answers = with_hostile_errors(self._answers)
        self._inbox = Inbox(seeded, answers=self._answers)
        self._socket: socket.socket | None = None
        self._stop: Callable[[], None] | None = None

    @property
    def now(self) -> datetime:
        """Return the sandbox's current time, aware, the default of `end`."""
        return self._frozen_now or datetime.now(UTC)

    @property
    def base_url(self) -> str:
        """Return `http://127.0.0.1:PORT/v3`. RuntimeError if it is not serving."""
        return f"{self.oauth_url}/v3"

    @property
    def oauth_url(self) -> str:
        """Return `http://127.0.0.1:PORT`. RuntimeError if it is not serving."""
        if self._socket is None:
            raise RuntimeError("the sandbox is not serving: its address exists inside its `with` block")
        return f"http://{_HOST}:{self._socket.getsockname()[1]}"

    def issue(self, login: Login | None = None) -> dict[str, Any]:
        """Return the answer to a login, by default the token's user's, without HTTP, unrecorded and uncounted."""
        return self._families.issue((login or self.logins[0]).user)

    def expire_access_tokens(self) -> None:
        """End every access token given out so far; refresh tokens, and `token`, stay good."""
        self._families.expire_access_tokens()

    def end_logins(self, user_id: int | None = None) -> None:
        """End every access and refresh token of a user, by default of all users; `token` stays good."""
        self._families.end(user_id)

    @property
    def conversations(self) -> Sequence[dict[str, Any]]:
        """Return every row as the API would return it, including variants, by `conversation_id`."""
        return self._inbox.rows

    @property
    def users(self) -> list[dict[str, Any]]:
        """Return the users of any status as the API lists them; RefusalError if it refuses the list."""
        return self._answers.users(user_rows())

    def ids(self, view: View, *, user_id: int | None = None) -> frozenset[int]:
        """Return the `conversation_id` of every conversation in a view, of any age; by default the token's user's."""
        return self._inbox.ids(view, user_id or self.user_id)

    def ask(
        self,
        *,
        type: View = "allOpen",  # noqa: A002 - the API's own name for it
        search: str = "",
        order: str = "desc",
        limit: int | None = None,
        offset: int = 0,
        start: datetime | None = None,
        end: datetime | None = None,
        user_id: int | None = None,
    ) -> Page:
        """Return what the API would answer, without HTTP and unrecorded; RefusalError for an error answer.

        The parameters are the API's, except that times are aware, and a `limit` of None returns every row from `offset`
        on. `user_id` is the requesting user, by default the token's.
        """
        asked = {"type": type, "search": search, "order": order, "offset": str(offset)}
        if limit is not None:
            asked["limit"] = str(limit)
        asked |= {name: exact_text(time) for name, time in (("start", start), ("end", end)) if time is not None}
        query = read_query(asked, now=self.now, answers=self._answers)
        found = self._inbox.select(query, user_id or self.user_id)
        self._answers.admit_offset(query.offset, len(found))
        last = None if limit is None else query.offset + query.limit
        return Page(len(found), [self.conversations[position] for position in found[query.offset : last]])

    def serve_forever(self, serving: Callable[[], None] | None = None) -> None:
        """Serve in the foreground until Ctrl-C or SIGTERM, then return. Belongs in the main thread.

        `serving` is called as soon as the sandbox answers. PortError when the port cannot be had.
        """
        with self._listen() as listening:
            try:
                self._server(serving or (lambda: None), record=None).run([listening])
            finally:
                self._socket = None

    def __enter__(self) -> Self:
        """Start serving, and return once it answers. PortError when the port cannot be had."""
        listening = self._listen()
        serving = threading.Event()
        server = self._server(serving.set, record=self.requests.append)

        def serve() -> None:
            try:
                server.run([listening])
            finally:
                # Wake the waiting thread after a failed start.
                serving.set()

        thread = threading.Thread(target=serve, name="convirza-sandbox", daemon=True)

        def stop() -> None:
            server.stop()
            thread.join()
            listening.close()

        thread.start()
        serving.wait()
        self._stop = stop
        if not server.started:
            self.__exit__(None, None, None)
            raise RuntimeError("the sandbox did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving; abort running answers."""
        self._socket = None
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _listen(self) -> socket.socket:
        if self._socket is not None:
            raise RuntimeError("the sandbox is serving already")
        self._socket = listening_socket(_HOST, self._port)
        return self._socket

    def _server(
        self, serving: Callable[[], None], *, record: Callable[[ReceivedRequest], None] | None
    ) -> "QuietServer":
        # The web server takes longer to import than everything else here; asking the inbox directly needs none.
        from convirza_mcp.sandbox.http.app import SandboxApp
        from convirza_mcp.sandbox.http.oauth import LoginLimit, OAuth
        from convirza_mcp.sandbox.http.quiet_server import QuietServer

        limit = LoginLimit(self._login_limit, clock=time.monotonic)
        app = SandboxApp(
            self._inbox,
            answers=self._answers,
            token=self.token,
            token_user=self.user_id,
            families=self._families,
            oauth=OAuth(self._families, logins=self.logins, limit=limit),
            clock=lambda: self.now,
            delay=self._delay,
            record=record,
        )
        return QuietServer(app, serving)
