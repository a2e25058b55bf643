"""The key that signs: self-made by default, or the body's own PKCS#12 file.

A self-made certificate says so in its own name: whoever looks at the signature in any PDF reader sees
that no certification authority stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from service.reports.errors import CertificateExpired, KeyUnusable
from service.secret_files import keep_once

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

CURVE = ec.SECP256R1()  # as strong as the SHA-256 it signs with; RSA of that strength takes a third of a second to load
VALID_YEARS = 10  # a report is kept at least that long
DAYS_PER_YEAR = 365
COMMON_NAME = "Tanji self-made certificate 碳迹自制证书"
UNIT = "self-made, no certification authority 自制，非机构签发"
FILE = "report-signing.pem"  # key and certificate together, so that neither is ever without the other
MAX_NAME = 64  # X.520 upper bound of an organisation's name


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate and the certificates above it."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def check(self, now: datetime) -> None:
        """Refuse to sign outside the certificate's validity.

        Raises:
            CertificateExpired: it is not valid at ``now``.
        """
        start, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if not start <= now <= end:
            raise CertificateExpired(start=start.date(), end=end.date(), on=now.date())

    def certificate_pem(self) -> bytes:
        """The certificate as others need it to trust this signer (``tanji verify --trust``)."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def signing_key(
    directory: Path, owner: str, now: datetime, *, file: Path | None = None, password: str = ""
) -> SigningKey:
    """Return the key that signs: from the PKCS#12 ``file`` when one is set, else the self-made one.

    Raises:
        KeyUnusable: the file cannot be read, the password is wrong or the key does not fit.
    """
    return from_pkcs12(file, password) if file else self_made(directory, owner, now)


def self_made(directory: Path, owner: str, now: datetime) -> SigningKey:
    """Return the service's own key from ``directory``; it is made once, readable by its owner alone."""
    path = directory / FILE
    if not path.exists():
        _store(path, make(owner, now))
    return _load(path)


def from_pkcs12(path: Path, password: str) -> SigningKey:
    """Read a PKCS#12 file.

    Raises:
        KeyUnusable: it cannot be read or holds no RSA or elliptic-curve key with its certificate.
    """
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode() or None)
    except (OSError, ValueError) as error:
        raise KeyUnusable(path=path, reason=error) from error
    if certificate is None or not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise KeyUnusable(path=path, reason="no RSA or elliptic-curve key with a certificate inside")
    return _fitting(SigningKey(key, certificate, tuple(others)), path)


def make(owner: str, now: datetime) -> SigningKey:
    """Make a key with a certificate that names ``owner`` and says that nobody else stands behind it."""
    key = ec.generate_private_key(CURVE)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner[:MAX_NAME]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT),
        ]
    )
    unused = ("data_encipherment", "key_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    usage = dict.fromkeys((*unused, "encipher_only", "decipher_only"), False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of verifiers may be behind
        .not_valid_after(now + timedelta(days=VALID_YEARS * DAYS_PER_YEAR))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return SigningKey(key, certificate)


def _store(path: Path, made: SigningKey) -> None:
    """Write key and certificate into one file."""
    text = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    keep_once(path, text + made.certificate_pem())


def _load(path: Path) -> SigningKey:
    try:
        text = path.read_bytes()
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnusable(path=path, reason=error) from error
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise KeyUnusable(path=path, reason="neither an RSA nor an elliptic-curve key")
    return _fitting(SigningKey(key, certificate), path)


def _fitting(read: SigningKey, path: Path) -> SigningKey:
    if read.key.public_key() != read.certificate.public_key():
        raise KeyUnusable(path=path, reason="key and certificate do not belong together")
    return read
