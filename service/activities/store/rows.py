"""Activity data in the table: which rows count now, and the digest that the audit log holds of a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Select, func, or_, select
from sqlmodel import Session

from service import bulk
from service.activities.models import ActivityDatum, Evidence, ImportBatch, Stream
from service.audit.kinds import RowKind
from service.errors import N_, AlreadyCorrected, NotFound, Wrong
from service.i18n import Text

DIGEST_COLUMNS = ("fingerprint", "start", "end", "amount", "sha256", "replaces_id")
BATCH_DIFFERS = N_("the rows of import %(batch)s are not those that were recorded")
BATCH_LOST = N_("import %(batch)s has rows, but no record of its own")
VALUE_DIFFERS = N_("the number that is computed with is not the amount that was submitted")
ORGANISATION_DIFFERS = N_("the row, its source and its import do not belong to one organisation")

IMPORT = RowKind(
    "import",
    ImportBatch.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="activity.submit",
)

datum = ActivityDatum.__table__  # type: ignore[attr-defined]
_batch = IMPORT.table
_stream = Stream.__table__  # type: ignore[attr-defined]
_evidence = Evidence.__table__  # type: ignore[attr-defined]

# A period that no year can hold is no activity datum; knowing the longest keeps the search for rows of a period short.
LONGEST = timedelta(days=366)

WITHDRAWN = ""
"""The amount of a row that takes another one back and puts nothing in its place."""

HELD = {"id": pl.Int64, "stream_id": pl.Int64, "start": pl.Date, "end": pl.Date, "amount": pl.String}


def held(session: Session, organisation_id: int, stream_ids: Sequence[int], start: date, end: date) -> pl.DataFrame:
    """Return the rows of these streams that count now and begin between the two days."""
    frames = [pl.DataFrame(schema=HELD)]
    for ids in _chunks(stream_ids):
        query = select(datum.c.id, datum.c.stream_id, datum.c.start, datum.c.end, datum.c.amount).where(
            datum.c.stream_id.in_(ids), datum.c.start >= start, datum.c.start <= end, datum.c.amount != WITHDRAWN
        )
        frames.append(bulk.read(session, query, HELD))
    return pl.concat(frames).join(replaced(session, organisation_id), on="id", how="anti")


def current(session: Session, organisation_id: int, number: int) -> pl.DataFrame:
    """Return one row that counts now: row (its id), stream_id, start, end.

    Raises:
        NotFound: the organisation has no such row.
        AlreadyCorrected: another row has taken its place.
    """
    condition = (datum.c.id == number, datum.c.organisation_id == organisation_id, datum.c.amount != WITHDRAWN)
    query = select(datum.c.id, datum.c.stream_id, datum.c.start, datum.c.end).where(*condition)
    found = bulk.read(session, query, {"row": pl.Int64, "stream_id": pl.Int64, "start": pl.Date, "end": pl.Date})
    if found.is_empty():
        raise NotFound(N_("activity datum"), f"D{number}")
    newer = session.scalar(select(datum.c.id).where(datum.c.replaces_id == number))
    if newer is not None:
        raise AlreadyCorrected(number=number, newer=newer)
    return found


def value_of(name: str) -> pl.Expr:
    """Return an expression of the number that an amount is; of one withdrawn, nothing is counted."""
    amount = pl.col(name)
    return (
        pl.when(amount == WITHDRAWN).then(0.0).otherwise(amount.replace(WITHDRAWN, None).cast(pl.Float64, strict=False))
    )


def replaced(session: Session, organisation_id: int) -> pl.DataFrame:
    """Return the ids of the rows that a correction has replaced."""
    condition = (datum.c.organisation_id == organisation_id, datum.c.replaces_id.is_not(None))
    return bulk.read(session, select(datum.c.replaces_id).where(*condition), {"id": pl.Int64})


class Digest:
    """The SHA-256 over canonical rows in the order of the table, fed frame by frame."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, rows: pl.DataFrame) -> None:
        """Add rows of ``DIGEST_COLUMNS``."""
        for part in rows.iter_slices(bulk.SLICE):
            for _, text in _texts(part.with_columns(batch_id=pl.lit(0))):
                self.add(text)

    def add(self, text: str) -> None:
        """Add rows as ``_texts`` writes them."""
        self._hash.update(text.encode())

    def hex(self) -> str:
        """Return the digest as 64 hexadecimal digits."""
        return self._hash.hexdigest()


def check_batches(session: Session) -> Iterator[Wrong]:
    """Yield every import whose rows are no longer what its record holds the digest of.

    The record itself is vouched for by the audit log, and the sources of the rows by ``streams.check_streams``.
    """
    digests: dict[int, Digest] = {}
    for part in _all_rows(session):
        said = value_of("amount")
        for number in part.filter(pl.col("value").ne_missing(said))["id"]:
            yield Wrong(f"D{number}", "value-differs", Text(VALUE_DIFFERS))
        for batch_id, rows in _texts(part):
            digests.setdefault(batch_id, Digest()).add(rows)
    empty = Digest()
    for number, recorded in session.execute(select(_batch.c.id, _batch.c.digest).order_by(_batch.c.id)):
        if digests.pop(number, empty).hex() != recorded:
            yield Wrong(f"import {number}", "batch-differs", Text(BATCH_DIFFERS, batch=number))
    for number in sorted(digests):
        yield Wrong(f"import {number}", "batch-lost", Text(BATCH_LOST, batch=number))
    for number in session.scalars(_of_two_organisations()):
        yield Wrong(f"D{number}", "organisation-differs", Text(ORGANISATION_DIFFERS))


def _of_two_organisations() -> Select[tuple[int]]:
    """Rows whose source or import belongs to another organisation; foreign keys forbid it only while they are on."""
    joined = datum.join(_stream, _stream.c.id == datum.c.stream_id).join(_batch, _batch.c.id == datum.c.batch_id)
    own = datum.c.organisation_id
    others = or_(_stream.c.organisation_id != own, _batch.c.organisation_id != own)
    return select(datum.c.id).select_from(joined).where(others).order_by(datum.c.id)


def _all_rows(session: Session) -> Iterator[pl.DataFrame]:
    joined = datum.join(_stream, _stream.c.id == datum.c.stream_id)
    joined = joined.join(_evidence, _evidence.c.id == datum.c.evidence_id, isouter=True)
    columns = (
        datum.c.id,
        datum.c.value,
        datum.c.batch_id,
        _stream.c.fingerprint,
        datum.c.start,
        datum.c.end,
        datum.c.amount,
    )
    schema = {
        "id": pl.Int64,
        "value": pl.Float64,
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


def _texts(rows: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield the rows of every import as one text: a line each of ``DIGEST_COLUMNS``, '' where there is nothing."""
    line = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in DIGEST_COLUMNS], separator=",")
    grouped = rows.select("batch_id", line=line + "\n").group_by("batch_id", maintain_order=True)
    yield from grouped.agg(pl.col("line").str.join("")).iter_rows()


def _chunks(numbers: Sequence[int]) -> Iterator[list[int]]:
    # SQLite takes 32 766 parameters in one statement, PostgreSQL 65 535; the planner prefers far fewer.
    step = 1_000
    return (list(numbers[first : first + step]) for first in range(0, len(numbers), step))
