"""What the sandbox was asked."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived, and the status it was answered with.

    `query` has the decoded pairs in the order they were sent; `headers` has lower-case names, and repeated ones joined
    by a comma.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str] = field(repr=False)
    status: int
