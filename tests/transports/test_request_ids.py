import pytest

from convirza_mcp.transports.request_ids import id_owed

PING = '{"jsonrpc":"2.0","id":7,"method":"ping"}'


@pytest.mark.parametrize(
    ("line", "owed"),
    [
        (b"", None),
        (b"\xef\xbb\xbf \r", None),
        (b'{"jsonrpc":"2.0","method":"notifications/initialized"}', None),
        (b'{"jsonrpc":"2.0","id":3,"result":{}}', None),
        (b"\xef\xbb\xbf" + PING.encode(), "7"),
        (PING[:-2].encode(), "7"),
        (PING.replace("7", '"\\ud83d"').encode(), '"\\ud83d"'),
        (PING.encode("utf-16"), "7"),
        (b"hello", "null"),
        (b"[" * 100_000, "null"),
        # Each escaped quote may begin a string, and none of these ends.
        (b'{"id":7,"params":["' + b'\\"' * 400_000, "7"),
    ],
)
def test_what_is_answered_at_the_end(line: bytes, owed: str | None) -> None:
    assert id_owed(line) == owed
