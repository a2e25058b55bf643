"""Evidence: files that prove amounts, kept under their SHA-256 and attached to rows by it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import polars as pl
import sqlmodel
from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlmodel import Session

from service import bulk, db
from service.accounts.actions import Actor, require
from service.activities.models import DatumEvidence, Evidence
from service.activities.store.rows import datum
from service.audit import actions as audit
from service.audit.kinds import RowKind, Standing, payload_digest, recorded
from service.errors import N_, EvidenceDamaged, EvidenceTooLarge, InputInvalid, NotFound, Wrong
from service.i18n import Text

BLOCK = 1024 * 1024
LONGEST_NAME = 255
NOT_A_NAME = N_("a file name has at most %(limit)s characters, all of them visible")
NO_EVIDENCE = N_("there is no evidence file with the SHA-256 %(sha256)s: hand it in first")
NO_DATUM = N_("there is no activity datum 'D%(number)s'")
EVIDENCE = RowKind(
    "evidence",
    Evidence.__table__,  # type: ignore[attr-defined]
    ("sha256",),
    made="evidence.add",
)
IDS = {"sha256": pl.String, "evidence_id": pl.Int64}
PAIRS = {"datum_id": pl.Int64, "evidence_id": pl.Int64}

_evidence = Evidence.__table__  # type: ignore[attr-defined]
_attached = DatumEvidence.__table__  # type: ignore[attr-defined]


def add_evidence(
    session: Session,
    actor: Actor,
    directory: Path,
    name: str,
    content: IO[bytes],
    *,
    now: datetime,
    media_type: str = "",
    limit_mb: int = 50,
) -> Evidence:
    """Keep a file under ``directory`` and return its record; the same content a second time changes nothing.

    Raises:
        InputInvalid: a name too long, or with characters that cannot be seen.
        EvidenceTooLarge: more than ``limit_mb`` megabytes; nothing is kept.
    """
    organisation_id = require(actor, "attach evidence")
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise InputInvalid([Wrong("name", "not-a-name", Text(NOT_A_NAME, limit=LONGEST_NAME))])
    sha256, size = _keep(directory, name, content, limit_mb)
    found = _find(session, organisation_id, sha256)
    if found is not None:
        return found
    row = Evidence(
        organisation_id=organisation_id,
        sha256=sha256,
        name=Path(name).name,
        size=size,
        media_type=media_type,
        created=now,
    )
    audit.record_row(session, actor, EVIDENCE, EVIDENCE.made, row, now)
    return row


def attach_evidence(session: Session, actor: Actor, sha256: str, data: Sequence[int], now: datetime) -> int:
    """Attach a file that is held to the rows with the ids ``data``; return how many had not had it.

    Raises:
        NotFound: the organisation has no such file.
        InputInvalid: it has not all of these rows; the missing ones are named.
    """
    organisation_id = require(actor, "attach evidence")
    db.lock(session, f"submit {organisation_id}")
    found = _find(session, organisation_id, sha256)
    if found is None:
        raise NotFound(N_("evidence file"), sha256)
    condition = (datum.c.id.in_(list(data)), datum.c.organisation_id == organisation_id)
    own = set(session.scalars(select(datum.c.id).where(*condition)))
    unknown = sorted(set(data) - own)
    if unknown:
        raise InputInvalid([Wrong(f"D{number}", NotFound.code, Text(NO_DATUM, number=number)) for number in unknown])
    pairs = pl.DataFrame({"datum_id": sorted(own)}, schema={"datum_id": pl.Int64})
    added = missing(session, organisation_id, pairs.with_columns(evidence_id=pl.lit(found.id, pl.Int64)))
    if added:
        attach(session, actor, added, now)
    return len(added)


def attach(session: Session, actor: Actor, pairs: Sequence[dict[str, Any]], now: datetime) -> None:
    """Attach files to rows: pairs of datum_id and evidence_id. The log has an entry for each file."""
    common = {"organisation_id": require(actor, "submit"), "created": now}
    session.execute(insert(_attached), [{**common, **pair} for pair in pairs])
    files = sorted({pair["evidence_id"] for pair in pairs})
    for now_attached in list(_attachments(session, _attached.c.evidence_id.in_(files))):
        audit.record(session, actor, "evidence.attach", now_attached.subject, now_attached.payload, now)


@dataclass(frozen=True, slots=True)
class Attachments:
    """All attachments of one file so far: what the log holds after each act of attaching it."""

    organisation: int
    subject: str
    payload: dict[str, Any]


def _attachments(session: Session, *condition: ColumnElement[bool]) -> Iterator[Attachments]:
    joined = _attached.join(_evidence, _evidence.c.id == _attached.c.evidence_id)
    query = select(_evidence.c.sha256, *_attached.c).select_from(joined).where(*condition)
    rows = session.execute(query.order_by(_attached.c.organisation_id, _evidence.c.sha256, _attached.c.id))
    names = _attached.c.keys()
    for (organisation, sha256), found in groupby(rows.yield_per(bulk.SLICE).mappings(), _file):
        attached = [recorded({name: row[name] for name in names}) for row in found]
        yield Attachments(organisation, f"{ATTACHMENT.name} {sha256}", {"rows": attached})


def _file(row: RowMapping) -> tuple[int, str]:
    return row["organisation_id"], row["sha256"]


@dataclass(frozen=True, slots=True)
class AttachmentKind:
    """How the audit log speaks of attachments: by file, since one act may attach it to a thousand rows."""

    name: str = "attachment"
    made: str = ""  # they come about bit by bit
    changed: tuple[str, ...] = ("evidence.attach",)

    def standing(self, session: Session) -> Iterator[Standing]:
        """Yield every file that is attached to rows."""
        for one in _attachments(session):
            yield Standing(one.organisation, one.subject, payload_digest(one.payload))


ATTACHMENT = AttachmentKind()


def missing(session: Session, organisation_id: int, pairs: pl.DataFrame) -> list[dict[str, Any]]:
    """Return those of ``pairs`` (datum_id, evidence_id) that are not attached yet."""
    if pairs.is_empty():
        return []
    attached = latest(session, organisation_id)
    own = select(datum.c.id, datum.c.evidence_id).where(
        datum.c.organisation_id == organisation_id, datum.c.evidence_id.is_not(None)
    )
    with_rows = bulk.read(session, own, PAIRS).join(attached, on="datum_id", how="anti")
    return pairs.join(pl.concat([attached, with_rows]), on=list(PAIRS), how="anti").to_dicts()


def latest(session: Session, organisation_id: int) -> pl.DataFrame:
    """Return what was attached to rows after they were handed in: datum_id, evidence_id, the newest of each."""
    query = select(_attached.c.datum_id, _attached.c.evidence_id).where(_attached.c.organisation_id == organisation_id)
    return bulk.read(session, query.order_by(_attached.c.id), PAIRS).unique("datum_id", keep="last")


def ids(session: Session, organisation_id: int, wanted: pl.Series) -> pl.DataFrame:
    """Return sha256 and evidence_id of the files that rows name.

    Raises:
        InputInvalid: files that are not held; all of them are named.
    """
    held = names(session, organisation_id).select("sha256", "evidence_id")
    named = wanted.filter(wanted != "").unique().sort()
    unknown = named.filter(~named.is_in(held["sha256"].implode()))
    if unknown.len():
        wrong = [Wrong("evidence", "unknown-evidence", Text(NO_EVIDENCE, sha256=sha256)) for sha256 in unknown]
        raise InputInvalid(wrong)
    return held


def names(session: Session, organisation_id: int) -> pl.DataFrame:
    """Return the files an organisation has handed in: sha256, evidence_id, name."""
    columns = (_evidence.c.sha256, _evidence.c.id, _evidence.c.name)
    query = select(*columns).where(_evidence.c.organisation_id == organisation_id)
    return bulk.read(session, query, {**IDS, "name": pl.String})


def open_evidence(session: Session, actor: Actor, directory: Path, sha256: str) -> tuple[Evidence, bytes]:
    """Return a file that was handed in, having made sure that it is still the same.

    Raises:
        NotFound: the organisation has no such file.
        EvidenceDamaged: it is gone from the disk, or changed there.
    """
    row = _find(session, require(actor, "read"), sha256)
    if row is None:
        raise NotFound(N_("evidence file"), sha256)
    path = path_of(directory, sha256)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EvidenceDamaged(sha256=sha256)
    return row, content


def check_evidence(session: Session, directory: Path) -> Iterator[Wrong]:
    """Yield every evidence file that is gone from the disk or was changed there."""
    for sha256 in session.scalars(select(_evidence.c.sha256).distinct().order_by(_evidence.c.sha256)):
        path = path_of(directory, sha256)
        if not path.is_file() or _sha256(path) != sha256:
            yield Wrong(f"evidence {sha256}", EvidenceDamaged.code, Text(EvidenceDamaged.message, sha256=sha256))


def path_of(directory: Path, sha256: str) -> Path:
    """Return where the content with this digest is kept."""
    return directory / sha256[:2] / sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _keep(directory: Path, name: str, content: IO[bytes], limit_mb: int) -> tuple[str, int]:
    directory.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=directory)
    try:
        with os.fdopen(handle, "wb") as kept:
            while block := content.read(BLOCK):
                size += len(block)
                if size > limit_mb * BLOCK:
                    raise EvidenceTooLarge(name=name, limit=limit_mb)
                digest.update(block)
                kept.write(block)
        target = path_of(directory, digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        # A rename puts the whole file there or nothing, even when two hand in the same one at once.
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return digest.hexdigest(), size


def _find(session: Session, organisation_id: int, sha256: str) -> Evidence | None:
    condition = (Evidence.organisation_id == organisation_id, Evidence.sha256 == sha256)
    return session.exec(sqlmodel.select(Evidence).where(*condition)).first()
