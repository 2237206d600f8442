"""Say why a host's certificate was not accepted."""

import ssl
from enum import Enum, auto

from convirza_mcp.errors import CertificateError

# OpenSSL's codes, then those of macOS and Windows, which truststore passes on.
_OUT_OF_DATE = {9, 10, -67818, -67819, 0x800B0101}
_OTHER_HOST = {62, 64, -67602, 0x800B010F}
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21, -67843, 0x800B0109, 0x800B010A}
_LONGEST_REASON = 80


class CertificateFault(Enum):
    """What is wrong with a certificate."""

    OUT_OF_DATE = auto()
    OTHER_HOST = auto()
    UNKNOWN_AUTHORITY = auto()
    MALFORMED = auto()


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the verification error that `error` was raised from; None if it has another cause."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def certificate_fault(error: ssl.SSLCertVerificationError) -> CertificateFault:
    if error.verify_code in _OUT_OF_DATE:
        return CertificateFault.OUT_OF_DATE
    if error.verify_code in _OTHER_HOST:
        return CertificateFault.OTHER_HOST
    # Other systems' codes are many: most of them mean that the chain leads to no authority that the system trusts.
    if error.verify_code in _UNKNOWN_AUTHORITY or not 0 < error.verify_code < 1_000:
        return CertificateFault.UNKNOWN_AUTHORITY
    return CertificateFault.MALFORMED


def certificate_failure(error: ssl.SSLCertVerificationError, host: str) -> CertificateError:
    """Return what to raise; SSL_CERT_FILE is named only where another authority would help."""
    match certificate_fault(error):
        case CertificateFault.OUT_OF_DATE:
            reason = "it is out of date, or this computer's clock is wrong"
            remedy = "Check date and time, or use another network."
        case CertificateFault.OTHER_HOST:
            reason = (
                "it is another host's, so something between here and Convirza intercepts the connection, or the "
                "address is wrong"
            )
            remedy = "Check the address, or use another network."
        case CertificateFault.UNKNOWN_AUTHORITY:
            reason = (
                "something between here and Convirza intercepts the connection, or SSL_CERT_FILE lacks its certificate "
                "authority"
            )
            remedy = "Name the authority's file in SSL_CERT_FILE, or use another network."
        case CertificateFault.MALFORMED:
            # OpenSSL's own words for the code, such as "Missing Authority Key Identifier": no text of the host's.
            reason = error.verify_message[:_LONGEST_REASON].lower()
            remedy = "Ask the network's or the host's administrator to issue another one."
    return CertificateError(
        f"The certificate of {host} was not accepted, so nothing was sent: {reason}.", remedy=remedy
    )
