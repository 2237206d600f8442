"""Server certificates, good and bad, of an authority that only a test knows."""

import ssl
from datetime import UTC, datetime, timedelta

import trustme


class Authority:
    """Issues certificates; nobody trusts it who is not given `pem`."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    @property
    def pem(self) -> bytes:
        return self._authority.cert_pem.bytes()

    def serves(self, host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """A server-side context that proves to be `host`."""
        now = datetime.now(UTC)
        not_after = now - timedelta(days=1) if expired else now + timedelta(days=1)
        issued = self._authority.issue_cert(host, not_before=now - timedelta(days=2), not_after=not_after)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        return context
