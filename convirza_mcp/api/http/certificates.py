"""Find out why a certificate was not accepted."""

import ssl


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the verification error that `error` was raised from; None if it has another cause."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
