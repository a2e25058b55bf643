"""One signature of one document: does it cover every byte, is it sound, whose is it?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import DisallowedAlgorithmError
from pyhanko_certvalidator import ValidationContext

from service.reports.document import guarded
from service.reports.errors import CertificateUnreadable
from service.reports.refusal import Refused, reason

SUBJECT = ("common_name", "organization_name", "organizational_unit_name")
Certificate = Any  # of asn1crypto, which has no types

# What the library logs with a traceback is what a step of the verification says in a sentence.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the certificate says it."""

    subject: str
    fingerprint: str
    start: datetime
    end: datetime

    @property
    def shown(self) -> Mapping[str, object]:
        """What a sentence says of it."""
        return {
            "subject": self.subject,
            "fingerprint": self.fingerprint,
            "start": self.start.date(),
            "end": self.end.date(),
        }


def trusted_certificates(path: Path) -> tuple[Certificate, ...]:
    """Read the certificates of a PEM or DER file.

    Raises:
        CertificateUnreadable: there is none in it.
    """
    try:
        certificates = tuple(load_certs_from_pemder_data(path.read_bytes()))
        for certificate in certificates:
            certificate.native  # noqa: B018  the library reads lazily: this reads it all
    except (OSError, ValueError, TypeError) as error:
        raise CertificateUnreadable(path=path, reason=reason(error)) from error
    if not certificates:
        raise CertificateUnreadable(path=path, reason="no certificate in it")
    return certificates


def covers_all(data: bytes, embedded: Any) -> bool:
    """Do the signed ranges hold every byte of ``data`` but the signature's own digits?

    The library's answer is not asked: the ranges could overlap and still add up to the size of the file.
    The digits themselves must be written in the one way this service writes them, padded with noughts, so
    that no byte of the file can be changed without a trace.
    """
    ranges = [int(edge) for edge in embedded.byte_range]
    if len(ranges) != 4:  # two ranges of offset and length
        return False
    start, length, second, rest = ranges
    content = bytes(embedded.pkcs7_content)
    whole = start == 0 and length < second and second + rest == len(data)
    digits = b"<" + content.hex().upper().encode() + b">"
    return whole and data[length:second] == digits and not any(content[_der(content) :])


def _der(content: bytes) -> int:
    """Return the length of the DER value that ``content`` begins with, header included.

    Raises:
        ValueError: it begins with none of a definite length.
    """
    first = content[1]
    if first < 0x80:
        return 2 + first
    digits = first & 0x7F
    if not 0 < digits <= 4:
        raise ValueError("a signature of indefinite length")
    return 2 + digits + int.from_bytes(content[2 : 2 + digits], "big")


def signing_time(embedded: Any) -> datetime:
    """The time that the signer states.

    Raises:
        Refused: ``signature-unreadable`` when it states none.
    """
    stated = guarded("signature-unreadable", lambda: embedded.self_reported_timestamp)
    if not isinstance(stated, datetime):
        raise Refused("signature-unreadable", reason="no signing time")
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def signer(embedded: Any) -> Signer:
    """Read the signer's certificate.

    Raises:
        Refused: ``signature-unreadable``.
    """

    def read() -> Signer:
        certificate = embedded.signer_cert
        validity = certificate["tbs_certificate"]["validity"]
        named = certificate.subject.native
        subject = ", ".join(str(named[part]) for part in SUBJECT if part in named)
        return Signer(subject, certificate.sha256.hex(), validity["not_before"].native, validity["not_after"].native)

    return guarded("signature-unreadable", read)


def _is_in_one_form(embedded: Any) -> bool:
    """Is the signature's envelope written as this service writes it?

    Versions, tags and the list of digests around a signature are under no signature themselves; left
    open, single bytes of a file could be changed and the file still be called unchanged.
    """
    content = bytes(embedded.pkcs7_content)
    content = content[: _der(content)]
    signed, info = embedded.signed_data, embedded.signer_info
    digests = [algorithm.dump() for algorithm in signed["digest_algorithms"]]
    plain = signed["version"].native == info["version"].native == "v1" and digests == [info["digest_algorithm"].dump()]
    return plain and bool(cms.ContentInfo.load(content).dump(force=True) == content)


def check_integrity(embedded: Any, at: datetime) -> None:
    """Refuse a signature that does not fit the bytes it covers, or its certificate.

    Raises:
        Refused: ``content-changed``, ``signature-wrong``, ``signature-weak`` or ``signature-unreadable``.
    """
    status = _status(embedded, (), at)
    if not status.intact:
        raise Refused("content-changed")
    if not status.valid:
        raise Refused("signature-wrong")
    if not guarded("signature-unreadable", lambda: _is_in_one_form(embedded)):
        raise Refused("signature-unreadable", reason="its envelope is not in the one form that is written")


def is_trusted(embedded: Any, trusted: Sequence[Certificate], at: datetime) -> bool:
    """Is the signer one of ``trusted``, or vouched for by one of them, at the time of signing? No network."""
    if any(certificate.sha256 == embedded.signer_cert.sha256 for certificate in trusted):
        return True
    return bool(_status(embedded, trusted, at).trusted)


def _status(embedded: Any, trusted: Sequence[Certificate], at: datetime) -> Any:
    def validate() -> Any:
        context = ValidationContext(
            trust_roots=list(trusted), allow_fetching=False, moment=at, revocation_mode="soft-fail"
        )
        return validate_pdf_signature(embedded, signer_validation_context=context, skip_diff=True)

    try:
        return guarded("signature-unreadable", validate)
    except Refused as refused:
        if isinstance(refused.__cause__, DisallowedAlgorithmError):
            raise Refused("signature-weak", **refused.params) from refused
        raise
