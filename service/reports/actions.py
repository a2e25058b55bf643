"""The verbs of reports: prepare and issue a signed one, hand out workbook, snapshot, charts and certificate.

A report is of something frozen, an inventory or a footprint, told apart by its identifier.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from lca.snapshot import canonical_bytes, digest
from service.accounts.actions import Actor, require, show
from service.audit import actions as audit
from service.audit.kinds import payload_digest
from service.calculations import actions as calculations
from service.calculations import footprint_runs
from service.calculations.models import FootprintStudy, Inventory
from service.config import Settings
from service.errors import NotFound, PartDamaged
from service.events import actions as events
from service.reports.keys import SigningKey, signing_key
from service.reports.kinds import kind_of, number
from service.reports.words import Words

KEYS = "keys"  # directory of the self-made keys, inside the data directory


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed report with its number and what identifies it; it is handed out once ``issue`` has written it down."""

    subject: str  # the inventory or footprint
    document: str
    language: str
    number: str
    pdf: bytes
    sha256: str  # of the PDF
    snapshot_sha256: str
    fingerprint: str  # of the signer's certificate


def has(session: Session, actor: Actor, identifier: str) -> bool:
    """Tell whether the actor's organisation has an inventory or a footprint of this name."""
    try:
        _row(session, actor, identifier)
    except NotFound:
        return False
    return True


def frozen(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    """Return the snapshot of what reports are of: an inventory, or a footprint.

    Raises:
        NotFound: the organisation has neither of this name.
    """
    row = _row(session, actor, identifier)
    if isinstance(row, FootprintStudy):
        return footprint_runs.snapshot(session, actor, row.id)
    return calculations.snapshot(session, actor, row.id)


def _row(session: Session, actor: Actor, identifier: str) -> Inventory | FootprintStudy:
    try:
        return footprint_runs.show(session, actor, identifier)
    except NotFound:
        return calculations.show(session, actor, identifier)


def prepare(
    session: Session,
    actor: Actor,
    identifier: str,
    language: str,
    *,
    settings: Settings,
    now: datetime,
    document: str = "",
) -> Signed:
    """Render a document of a stored inventory or footprint in ``language`` (zh, en, both) and sign it.

    Nothing is written down. Takes seconds and a reading session: whoever hands in data meanwhile does not wait for
    a layout. ``document`` is one of those that its kind has, the usual one by default.

    Raises:
        NotAllowed: the actor's roles do not cover issuing reports.
        NotFound: the organisation has nothing frozen of this name.
        SnapshotUnreadable: it has no such document.
        LanguageUnknown, FontMissing, KeyUnusable, CertificateExpired: see ``render`` and ``keys``.
    """
    # Layout and signature take a second to import; listing inventories must not wait for them.
    from service.reports import render, sign

    require(actor, "issue reports")
    snapshot = frozen(session, actor, identifier)
    kind = kind_of(snapshot)
    document = document or next(iter(kind.DOCUMENTS))
    parts = calculations.lines(session, actor, identifier) if "parts" in snapshot else {}
    key = _key(session, actor, settings, now)
    unsigned = render.pdf(snapshot, language, document=document, parts=parts)
    pdf = sign.sign(unsigned, key, now=now, name=kind.about(snapshot).owner)
    return _signed(snapshot, pdf, key, language, document)


def issue(session: Session, actor: Actor, signed: Signed, now: datetime) -> Signed:
    """Write down that a report is issued, having made sure that what it was prepared from still stands.

    Raises:
        NotAllowed: the actor's roles do not cover issuing reports.
        NotFound: what it is of is not there any more.
        PartDamaged: it no longer has the snapshot of the report.
    """
    require(actor, "issue reports")
    if _row(session, actor, signed.subject).snapshot_sha != signed.snapshot_sha256:
        raise PartDamaged(signed.snapshot_sha256)
    events.record(session, actor, events.REPORT_ISSUED, signed.subject, {"of": signed.subject} | _payload(signed), now)
    audit.record(session, actor, "report.issue", signed.subject, _payload(signed), now)
    return signed


def was_issued(
    session: Session,
    actor: Actor,
    identifier: str,
    language: str,
    pdf: bytes,
    *,
    settings: Settings,
    now: datetime,
    document: str = "",
) -> bool:
    """Tell whether the audit log holds that ``pdf`` was issued as this document in ``language``."""
    snapshot = frozen(session, actor, identifier)
    document = document or next(iter(kind_of(snapshot).DOCUMENTS))
    made = _signed(snapshot, pdf, _key(session, actor, settings, now), language, document)
    return payload_digest(_payload(made)) in audit.said(session, actor, "report.issue", identifier)


def _signed(snapshot: Mapping[str, Any], pdf: bytes, key: SigningKey, language: str, document: str) -> Signed:
    sha = digest(snapshot)
    kind = kind_of(snapshot)
    return Signed(
        subject=kind.about(snapshot).identifier,
        document=document,
        language=language,
        number=number(kind, snapshot, sha, document),
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        snapshot_sha256=sha,
        fingerprint=key.fingerprint,
    )


def _payload(made: Signed) -> dict[str, str]:
    return {
        "report": made.number,
        "language": made.language,
        "pdf": made.sha256,
        "snapshot": made.snapshot_sha256,
        "certificate": made.fingerprint,
    }


def report(session: Session, actor: Actor, signed: Signed, out: Path, now: datetime) -> Path:
    """Issue a prepared report and write it to ``out``; an old file stays whole until the new one is.

    A file that cannot be written ends the transaction: the log tells of no report that nobody has.
    """
    return write(out, issue(session, actor, signed, now).pdf)


def workbook(session: Session, actor: Actor, identifier: str, language: str) -> bytes:
    """Return the inventory or footprint as XLSX, every line a live formula.

    Raises:
        NotFound, LanguageUnknown.
    """
    from service.reports import footprint_workbook, of_footprints
    from service.reports import workbook as books

    snapshot = frozen(session, actor, identifier)
    if snapshot["schema"] == of_footprints.SCHEMA:
        return footprint_workbook.workbook(snapshot, language)
    return books.workbook(snapshot, language)


def snapshot_json(session: Session, actor: Actor, identifier: str) -> bytes:
    """Return a snapshot as canonical JSON, byte for byte what its digest is of."""
    return canonical_bytes(frozen(session, actor, identifier))


def charts(session: Session, actor: Actor, identifier: str, language: str) -> dict[str, Any]:
    """Return the charts of an inventory or a footprint as Vega-Lite documents: the same that its PDF shows."""
    snapshot = frozen(session, actor, identifier)
    return kind_of(snapshot).charts(snapshot, Words(language))


def certificate(session: Session, actor: Actor, *, settings: Settings, now: datetime) -> bytes:
    """Return the certificate that this organisation's reports are signed with, as PEM, for ``tanji verify --trust``."""
    return _key(session, actor, settings, now).certificate_pem()


def write(out: Path, data: bytes) -> Path:
    """Write ``data`` to ``out`` in one step: a reader never meets half a report."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(data)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return out


def _key(session: Session, actor: Actor, settings: Settings, now: datetime) -> SigningKey:
    """The key set for the whole service, else the organisation's own self-made one."""
    organisation = show(session, actor)
    directory = settings.data / KEYS / str(organisation.id)
    owner = organisation.name_en or organisation.name_zh
    return signing_key(directory, owner, now, file=settings.signing_key, password=settings.signing_password)
