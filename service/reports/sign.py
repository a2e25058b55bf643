"""A PAdES signature over the whole report, attachment included; nothing may be added afterwards."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from service.reports.keys import SigningKey

FIELD = "TanjiSignature"
REASON = "Seal of a self-declared report 自我声明报告签封"
RESERVED = 24_576  # hexadecimal digits kept for the signature: room for a chain of four certificates


def sign(pdf: bytes, key: SigningKey, *, now: datetime, name: str = "") -> bytes:
    """Return ``pdf`` with one certifying signature that allows no later change.

    Args:
        pdf: an unsigned report.
        key: who signs.
        now: the time that the signature states; the signer's own, as no time-stamp authority is asked.
        name: the organisation that the report is of, shown by PDF readers.

    Raises:
        CertificateExpired: the certificate is not valid at ``now``.
    """
    key.check(now)
    return asyncio.run(_signed(pdf, key, now, name))


async def _signed(pdf: bytes, key: SigningKey, now: datetime, name: str) -> bytes:
    # pyHanko takes a third of a second to import; commands that sign nothing must not pay for it.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=REASON,
        name=name or None,
    )
    session = PdfSigner(about, simple_signer(key), new_field_spec=SigFieldSpec(FIELD)).init_signing_session(
        IncrementalPdfFileWriter(io.BytesIO(pdf))
    )
    session.system_time = now
    document = session.prepare_tbs_document(None, RESERVED)
    prepared, out = document.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(signing_time=now)
    after = await document.perform_signature(prepared.document_digest, attributes)
    await after.post_signature_processing(out)
    out.seek(0)
    return bytes(out.read())


def simple_signer(key: SigningKey) -> Any:
    """Return the library's signer for ``key``, its chain included in what it signs."""
    from pyhanko.keys import load_private_key_from_pemder_data
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store: Any = SimpleCertificateStore
    return SimpleSigner(
        signing_cert=_certificate(key.certificate),
        signing_key=load_private_key_from_pemder_data(_private(key), None),
        cert_registry=store.from_certs([_certificate(above) for above in key.chain]),
    )


def _certificate(certificate: x509.Certificate) -> Any:
    from pyhanko.keys import load_certs_from_pemder_data

    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.DER))))


def _private(key: SigningKey) -> bytes:
    return key.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
