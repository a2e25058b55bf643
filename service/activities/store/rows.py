"""Activity data in the table: which rows count now, and the digest that the audit log holds of a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import sqlmodel
from sqlalchemy import func, select
from sqlmodel import Session

from service import bulk
from service.activities.models import ActivityDatum, Evidence, ImportBatch, Stream
from service.audit import actions as audit
from service.errors import N_, AlreadyCorrected, NotFound, Wrong
from service.i18n import Text

DIGEST_COLUMNS = ("fingerprint", "start", "end", "amount", "sha256", "replaces_id")
BATCH_DIFFERS = N_("the rows of import %(batch)s are not those that were recorded")
RECORD_DIFFERS = N_("the record of import %(batch)s is not the one in the audit log")
BATCH_LOST = N_("%(batch)s is in the audit log or has rows, but no record of its own")

datum = ActivityDatum.__table__  # type: ignore[attr-defined]
_stream = Stream.__table__  # type: ignore[attr-defined]
_evidence = Evidence.__table__  # type: ignore[attr-defined]

# A period that no year can hold is no activity datum; knowing the longest keeps the search for rows of a period short.
LONGEST = timedelta(days=366)

HELD = {"id": pl.Int64, "stream_id": pl.Int64, "start": pl.Date, "end": pl.Date, "amount": pl.String}


def held(session: Session, organisation_id: int, stream_ids: Sequence[int], start: date, end: date) -> pl.DataFrame:
    """Return the rows of these streams that count now and begin between the two days."""
    frames = [pl.DataFrame(schema=HELD)]
    for ids in _chunks(stream_ids):
        query = select(datum.c.id, datum.c.stream_id, datum.c.start, datum.c.end, datum.c.amount).where(
            datum.c.stream_id.in_(ids), datum.c.start >= start, datum.c.start <= end
        )
        frames.append(bulk.read(session, query, HELD))
    return pl.concat(frames).join(replaced(session, organisation_id), on="id", how="anti")


def current(session: Session, organisation_id: int, number: int) -> pl.DataFrame:
    """Return one row that counts now: row (its id), start, end.

    Raises:
        NotFound: the organisation has no such row.
        AlreadyCorrected: another row has taken its place.
    """
    condition = (datum.c.id == number, datum.c.organisation_id == organisation_id)
    query = select(datum.c.id, datum.c.start, datum.c.end).where(*condition)
    found = bulk.read(session, query, {"row": pl.Int64, "start": pl.Date, "end": pl.Date})
    if found.is_empty():
        raise NotFound(N_("activity datum"), f"D{number}")
    newer = session.scalar(select(datum.c.id).where(datum.c.replaces_id == number))
    if newer is not None:
        raise AlreadyCorrected(number=number, newer=newer)
    return found


def replaced(session: Session, organisation_id: int) -> pl.DataFrame:
    """Return the ids of the rows that a correction has replaced."""
    condition = (datum.c.organisation_id == organisation_id, datum.c.replaces_id.is_not(None))
    return bulk.read(session, select(datum.c.replaces_id).where(*condition), {"id": pl.Int64})


class Digest:
    """The SHA-256 over canonical rows in the order of the table, fed frame by frame."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, rows: pl.DataFrame) -> None:
        """Add rows of ``DIGEST_COLUMNS``: one line each, no spaces, '' where there is none."""
        for part in rows.select(DIGEST_COLUMNS).iter_slices(bulk.SLICE):
            self._hash.update(part.write_csv(include_header=False, quote_style="never").encode())

    def hex(self) -> str:
        """Return the digest as 64 hexadecimal digits."""
        return self._hash.hexdigest()


def check_batches(session: Session) -> Iterator[Wrong]:
    """Yield every import whose rows, or whose own record, are no longer what the audit log holds the digest of."""
    digests: dict[int, Digest] = {}
    for part in _all_rows(session):
        for (batch_id,), rows in part.group_by(["batch_id"], maintain_order=True):
            digests.setdefault(int(str(batch_id)), Digest()).update(rows)
    recorded = audit.payloads(session, "activity.submit")
    empty = Digest()
    for batch in session.exec(sqlmodel.select(ImportBatch).order_by(sqlmodel.col(ImportBatch.id))):
        place = f"import {batch.id}"
        if digests.pop(batch.id or 0, empty).hex() != batch.digest:
            yield Wrong(place, "batch-differs", Text(BATCH_DIFFERS, batch=batch.id))
        if recorded.pop(place, "") != audit.payload_digest(batch_payload(batch)):
            yield Wrong(place, "batch-record-differs", Text(RECORD_DIFFERS, batch=batch.id))
    for place in [*(f"import {number}" for number in sorted(digests)), *sorted(recorded)]:
        yield Wrong(place, "batch-lost", Text(BATCH_LOST, batch=place))


def batch_payload(batch: ImportBatch) -> dict[str, Any]:
    """Return what the audit log holds the digest of: the whole record of an import."""
    names = ("sha256", "name", "state", "total", "loaded", "skipped", "replaced", "errors", "digest", "reason", "actor")
    return {name: getattr(batch, name) for name in names}


def _all_rows(session: Session) -> Iterator[pl.DataFrame]:
    joined = datum.join(_stream, _stream.c.id == datum.c.stream_id)
    joined = joined.join(_evidence, _evidence.c.id == datum.c.evidence_id, isouter=True)
    columns = (datum.c.batch_id, _stream.c.fingerprint, datum.c.start, datum.c.end, datum.c.amount)
    schema = {
        "batch_id": pl.Int64,
        "fingerprint": pl.String,
        "start": pl.Date,
        "end": pl.Date,
        "amount": pl.String,
        "sha256": pl.String,
        "replaces_id": pl.Int64,
    }
    last = int(session.scalar(select(func.coalesce(func.max(datum.c.id), 0))) or 0)
    for first in range(1, last + 1, bulk.SLICE):
        window = datum.c.id.between(first, first + bulk.SLICE - 1)
        query = select(*columns, _evidence.c.sha256, datum.c.replaces_id).select_from(joined).where(window)
        yield bulk.read(session, query.order_by(datum.c.id), schema)


def _chunks(numbers: Sequence[int]) -> Iterator[list[int]]:
    # SQLite takes 32 766 parameters in one statement, PostgreSQL 65 535; the planner prefers far fewer.
    step = 1_000
    return (list(numbers[first : first + step]) for first in range(0, len(numbers), step))
