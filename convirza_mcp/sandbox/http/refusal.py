"""What the sandbox will not answer."""


class RefusalError(Exception):
    """A request that is answered with an error: its HTTP status, one sentence, and how many seconds to wait, if any."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
