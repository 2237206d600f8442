"""A request that the sandbox received, and an error that it answers with."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived, and the status it was answered with.

    `query` has the decoded pairs in the order they were sent; `headers` has lower-case names, and repeated ones joined
    by a comma. `user_id` is the `ct_user_id` whose access token, refresh token or login was sent; None for none.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str] = field(repr=False)
    status: int
    user_id: int | None = None


class RefusalError(Exception):
    """A request that is answered with an error: its HTTP status, one sentence, and how many seconds to wait, if any."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
