"""The key that signs: made once, for its owner's eyes alone, and honest about what it is."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from service.reports import keys
from service.reports.errors import CertificateExpired, KeyUnusable
from service.reports.sign import sign
from service.reports.verify import verify, verify_bytes
from tests.bad.pdf import makers

NOW = datetime(2023, 2, 1, 8, tzinfo=UTC)
OWNER = "Yuegang Secondary Aluminium Co., Ltd."


def test_the_self_made_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = keys.signing_key(tmp_path / "keys", OWNER, NOW)
    again = keys.signing_key(tmp_path / "keys", OWNER, NOW + timedelta(days=400))
    assert first.fingerprint == again.fingerprint
    path = tmp_path / "keys" / keys.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [keys.FILE]


def test_the_certificate_says_that_nobody_stands_behind_it() -> None:
    subject = keys.make(OWNER, NOW).certificate.subject
    assert "self-made" in str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == OWNER
    assert "非机构签发" in str(subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value)


def test_a_long_name_is_cut_to_what_a_certificate_holds() -> None:
    assert keys.make("公司" * 100, NOW).certificate.subject


def test_of_two_processes_that_make_a_key_at_once_the_first_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = keys.make("the other process", NOW)
    real = keys.make

    def slow(owner: str, now: datetime) -> keys.SigningKey:
        made = real(owner, now)
        keys._store(tmp_path / keys.FILE, other)  # in the meantime
        return made

    monkeypatch.setattr(keys, "make", slow)
    assert keys.self_made(tmp_path, OWNER, NOW).fingerprint == other.fingerprint


@pytest.mark.parametrize("content", [b"", b"nonsense", makers.own_key().certificate_pem()])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / keys.FILE).write_bytes(content)
    with pytest.raises(KeyUnusable, match=keys.FILE):
        keys.self_made(tmp_path, OWNER, NOW)


def test_a_key_that_does_not_fit_its_certificate_is_refused(tmp_path: Path) -> None:
    mixed = keys.SigningKey(makers.own_key().key, makers.strangers_key().certificate)
    keys._store(tmp_path / keys.FILE, mixed)
    with pytest.raises(KeyUnusable, match="do not belong together"):
        keys.self_made(tmp_path, OWNER, NOW)


def _issued(by: keys.SigningKey, key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Report signer")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(by.key, hashes.SHA256())
    )


def _authority() -> keys.SigningKey:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    return keys.SigningKey(key, certificate)


def test_a_pkcs12_key_signs_and_its_authority_is_trusted(tmp_path: Path) -> None:
    authority = _authority()
    key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "body.p12"
    locked = serialization.BestAvailableEncryption(b"secret")
    leaf = _issued(authority, key)
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"body", key, leaf, [authority.certificate], locked))
    read = keys.signing_key(tmp_path / "keys", OWNER, NOW, file=path, password="secret")
    assert read.chain == (authority.certificate,)
    assert not (tmp_path / "keys").exists()
    report, trust, other = tmp_path / "report.pdf", tmp_path / "authority.pem", tmp_path / "other.pem"
    report.write_bytes(sign(makers.unsigned(), read, now=NOW))
    trust.write_bytes(authority.certificate_pem())
    other.write_bytes(_authority().certificate_pem())
    assert verify(report, trust).signer_known
    refused = verify(report, other).failed
    assert refused is not None
    assert refused.code == "signer-not-trusted"


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    key = makers.own_key()
    path = tmp_path / "body.p12"
    locked = serialization.BestAvailableEncryption(b"secret")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key.key, key.certificate, None, locked))
    with pytest.raises(KeyUnusable, match=r"body\.p12"):
        keys.from_pkcs12(path, "wrong")


def test_a_pkcs12_file_with_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "body.p12"
    key = ed25519.Ed25519PrivateKey.generate()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, None, None, serialization.NoEncryption()))
    with pytest.raises(KeyUnusable, match="no RSA or elliptic-curve key"):
        keys.from_pkcs12(path, "")


def test_an_expired_certificate_signs_nothing() -> None:
    old = keys.make(OWNER, NOW - timedelta(days=365 * 20))
    with pytest.raises(CertificateExpired, match="2013"):
        sign(makers.unsigned(), old, now=NOW)


def test_the_signed_report_keeps_the_unsigned_one_as_its_beginning() -> None:
    assert makers.good().startswith(makers.unsigned())
    assert verify_bytes(makers.good()).facts["signed_at"] == NOW.isoformat()
