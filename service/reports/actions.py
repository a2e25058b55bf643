"""The verbs of reports: prepare and issue a signed one, hand out workbook, snapshot, charts and certificate."""

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
from service.config import Settings
from service.errors import PartDamaged
from service.reports.face import report_number
from service.reports.keys import SigningKey, signing_key

KEYS = "keys"  # directory of the self-made keys, inside the data directory


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed report with its number and what identifies it; it is handed out once ``issue`` has written it down."""

    inventory_id: str
    language: str
    number: str
    pdf: bytes
    sha256: str  # of the PDF
    snapshot_sha256: str
    fingerprint: str  # of the signer's certificate


def prepare(
    session: Session, actor: Actor, inventory_id: str, language: str, *, settings: Settings, now: datetime
) -> Signed:
    """Render the report of a stored inventory in ``language`` (zh, en, both) and sign it; nothing is written down.

    Takes seconds and a reading session: whoever hands in data meanwhile does not wait for a layout.

    Raises:
        NotAllowed: the actor's roles do not cover issuing reports.
        NotFound: the organisation has no such inventory.
        LanguageUnknown, FontMissing, KeyUnusable, CertificateExpired: see ``render`` and ``keys``.
    """
    # Layout and signature take a second to import; listing inventories must not wait for them.
    from service.reports import render, sign

    require(actor, "issue reports")
    snapshot = calculations.snapshot(session, actor, inventory_id)
    parts = calculations.lines(session, actor, inventory_id)
    key = _key(session, actor, settings, now)
    unsigned = render.pdf(snapshot, language, parts=parts)
    pdf = sign.sign(
        unsigned, key, now=now, name=snapshot["organisation"]["name_zh"] or snapshot["organisation"]["name_en"]
    )
    return _signed(snapshot, pdf, key, language)


def issue(session: Session, actor: Actor, signed: Signed, now: datetime) -> Signed:
    """Write down that a report is issued, having made sure that what it was prepared from still stands.

    Raises:
        NotAllowed: the actor's roles do not cover issuing reports.
        NotFound: the organisation has no such inventory any more.
        PartDamaged: it no longer has the snapshot of the report.
    """
    require(actor, "issue reports")
    if calculations.show(session, actor, signed.inventory_id).snapshot_sha != signed.snapshot_sha256:
        raise PartDamaged(signed.snapshot_sha256)
    audit.record(session, actor, "report.issue", signed.inventory_id, _payload(signed), now)
    return signed


def was_issued(
    session: Session, actor: Actor, inventory_id: str, language: str, pdf: bytes, *, settings: Settings, now: datetime
) -> bool:
    """Tell whether the audit log holds that ``pdf`` was issued as the report of this inventory in ``language``."""
    snapshot = calculations.snapshot(session, actor, inventory_id)
    made = _signed(snapshot, pdf, _key(session, actor, settings, now), language)
    return payload_digest(_payload(made)) in audit.said(session, actor, "report.issue", inventory_id)


def _signed(snapshot: Mapping[str, Any], pdf: bytes, key: SigningKey, language: str) -> Signed:
    frozen = digest(snapshot)
    return Signed(
        inventory_id=snapshot["inventory"]["id"],
        language=language,
        number=report_number(snapshot, frozen),
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        snapshot_sha256=frozen,
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


def workbook(session: Session, actor: Actor, inventory_id: str, language: str) -> bytes:
    """Return the inventory as XLSX, every tonne a live formula.

    Raises:
        NotFound, LanguageUnknown.
    """
    from service.reports import workbook as books

    return books.workbook(calculations.snapshot(session, actor, inventory_id), language)


def snapshot_json(session: Session, actor: Actor, inventory_id: str) -> bytes:
    """Return the inventory's snapshot as canonical JSON, byte for byte what its digest is of."""
    return canonical_bytes(calculations.snapshot(session, actor, inventory_id))


def charts(session: Session, actor: Actor, inventory_id: str, language: str) -> dict[str, Any]:
    """Return the charts of an inventory as Vega-Lite documents: the same that its PDF shows."""
    from service.reports import charts as drawings
    from service.reports.words import Words

    return drawings.charts(calculations.snapshot(session, actor, inventory_id), Words(language))


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
