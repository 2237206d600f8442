"""What the fault server was sent: the proof of what a client did and did not say."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, with header names in lower case, in the order in which they came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    @classmethod
    def parse(cls, head: bytes) -> Self:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = [line.partition(":")[::2] for line in lines if line]
        return cls(
            method=method,
            target=target,
            headers=tuple((name.strip().lower(), value.strip()) for name, value in headers),
            raw=head,
        )

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """The header's value; None without one. Two of one name are a mistake of the client."""
        values = [value for each, value in self.headers if each == name.lower()]
        assert len(values) <= 1, f"{name} was sent {len(values)} times"
        return values[0] if values else None


@dataclass(slots=True)
class Connection:
    """One accepted connection. Over TLS, `received` is what was inside it."""

    received: bytearray = field(default_factory=bytearray)
    requests: list[Request] = field(default_factory=list)
    secured: bool | None = None
    """None for plain TCP, otherwise whether the client went through with the handshake."""
    closed: bool = False
