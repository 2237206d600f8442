"""What the sandbox will not answer."""


class RefusalError(Exception):
    """A request that is answered with an error: its HTTP status, and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
