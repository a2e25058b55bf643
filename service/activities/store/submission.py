"""Handing in activity data: many rows at once, in one transaction, with one entry in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlmodel import Session, select

from lca import ledger
from service import bulk, db
from service.accounts.actions import Actor, require
from service.activities.models import ImportBatch
from service.activities.store import duplicates, evidence, periods, rows, streams
from service.audit import actions as audit
from service.errors import N_, SHOWN, DuplicatesDiffer, InputInvalid, ReasonMissing, Wrong
from service.i18n import Text

PERIOD = N_("the period %(start)s to %(end)s ends before it starts, or is longer than a year")

Progress = Callable[[int, int], None]
"""Called with how many rows are done and how many there are; raising an exception in it stops the work."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is handed in at once: a file with its digest, or a single entry without one."""

    name: str
    sha256: str | None = None
    errors: int = 0  # rows that were kept out because something in them is wrong
    reason: str = ""  # given when rows held already are to be replaced


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it. ``already`` says that this very file was handed in before and nothing was done."""

    batch_id: int
    total: int
    loaded: int
    skipped: int
    replaced: int
    errors: int
    already: bool = False


def submit_rows(
    session: Session,
    actor: Actor,
    batch: Batch,
    sources: Sequence[ledger.Stream],
    submitted: pl.DataFrame,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> Receipt:
    """Store ``submitted`` rows: stream (index into ``sources``), start, end, amount, evidence ('' or a SHA-256).

    A column ``row`` says where each stands in its file; without it they are counted from 1. Rows that are held
    already with the same amount are skipped; with another one they replace it if ``batch.reason`` says why.

    Raises:
        NotAllowed: the actor may not.
        InputInvalid: unknown sites or evidence, or rows that contradict each other; all are named.
        DuplicatesDiffer: rows held already with other amounts, and no reason given.
        PeriodClosed: rows in a closed period.
    """
    organisation_id = require(actor, "correct" if batch.reason else "submit")
    db.lock(session, f"submit {organisation_id}")
    done = earlier(session, actor, batch.sha256)
    if done is not None:
        return done
    numbered = streams.ensure(session, organisation_id, sources, now)
    _refuse_long(submitted)
    prepared = _prepared(submitted, numbered, evidence.ids(session, organisation_id, submitted["evidence"]))
    found = duplicates.sort_out(prepared, _held(session, organisation_id, prepared, numbered))
    _refuse(found, batch)
    if batch.sha256 is None and found.new.is_empty() and not _proofs(session, organisation_id, found.equal):
        return Receipt(0, submitted.height, 0, submitted.height, 0, batch.errors, already=True)
    return _store(session, actor, batch, submitted.height, found, now, progress)


def numbers(
    session: Session, actor: Actor, sources: Sequence[ledger.Stream], submitted: pl.DataFrame
) -> dict[int, int]:
    """Return the id of what is held of each row's source and period, by the column ``row``, where something is."""
    organisation_id = require(actor, "read")
    known = streams.known(session, organisation_id, sources)
    first, last = submitted["start"].min(), submitted["start"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    held = rows.held(session, organisation_id, known["stream_id"].to_list(), first, last)
    found = submitted.select("row", "stream", "start", "end").join(known, on="stream").join(held, on=duplicates.KEY)
    return dict(found.select("row", "id").iter_rows())


def correct_row(
    session: Session, actor: Actor, number: int, source: ledger.Stream, row: pl.DataFrame, reason: str, now: datetime
) -> Receipt:
    """Put ``row`` (one row, as for ``submit_rows``, of ``source``) in the place of the row with the id ``number``.

    Raises:
        ReasonMissing: no reason given.
        NotFound: the organisation has no such row.
        AlreadyCorrected: another row has taken its place.
        InputInvalid, DuplicatesDiffer, PeriodClosed: as for ``submit_rows``; the old period counts too.
    """
    organisation_id = require(actor, "correct")
    if not reason.strip():
        raise ReasonMissing
    db.lock(session, f"submit {organisation_id}")
    periods.refuse_closed(session, organisation_id, rows.current(session, organisation_id, number))
    _refuse_long(row)
    numbered = streams.ensure(session, organisation_id, [source], now)
    prepared = _prepared(row, numbered, evidence.ids(session, organisation_id, row["evidence"]))
    others = _held(session, organisation_id, prepared, numbered).filter(pl.col("id") != number)
    found = duplicates.sort_out(prepared, others)
    if found.conflicts or found.hopeless or found.equal.height:
        raise DuplicatesDiffer((*found.wrong, *found.hopeless), count=1)
    placed = replace(found, new=found.new.with_columns(replaces_id=pl.lit(number, pl.Int64)))
    return _store(session, actor, Batch(f"D{number}", reason=reason), 1, placed, now, None)


def withdraw_row(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> Receipt:
    """Take the row with the id ``number`` back: it stays, replaced by one without an amount.

    Raises:
        ReasonMissing: no reason given.
        NotFound: the organisation has no such row.
        AlreadyCorrected: another row has taken its place.
        PeriodClosed: it lies in a closed period.
    """
    organisation_id = require(actor, "correct")
    if not reason.strip():
        raise ReasonMissing
    db.lock(session, f"submit {organisation_id}")
    held = rows.current(session, organisation_id, number)
    fingerprints = streams.fingerprints(session, organisation_id)
    nothing = held.join(fingerprints, on="stream_id", how="left").with_columns(
        amount=pl.lit(rows.WITHDRAWN),
        evidence_id=pl.lit(None, pl.Int64),
        sha256=pl.lit(""),
        replaces_id=pl.col("row"),
    )
    found = duplicates.Sorted(nothing, nothing.clear().select("evidence_id", held_id="row"), 0, (), ())
    return _store(session, actor, Batch(f"D{number}", reason=reason), 1, found, now, None)


def _store(
    session: Session,
    actor: Actor,
    batch: Batch,
    total: int,
    found: duplicates.Sorted,
    now: datetime,
    progress: Progress | None,
) -> Receipt:
    organisation_id = require(actor, "submit")
    periods.refuse_closed(session, organisation_id, found.new)
    record = _batch(session, actor, batch, total, found, now)
    _insert(session, record, found.new, progress)
    proofs = _proofs(session, organisation_id, found.equal)
    if proofs:
        evidence.attach(session, actor, proofs, now)
    audit.record_row(session, actor, rows.IMPORT, rows.IMPORT.made, record, now)
    return receipt(record)


def earlier(session: Session, actor: Actor, sha256: str | None) -> Receipt | None:
    """Return the receipt of the file with this digest if it was handed in before."""
    organisation_id = require(actor, "read")
    if sha256 is None:
        return None
    condition = (ImportBatch.organisation_id == organisation_id, ImportBatch.sha256 == sha256)
    found = session.exec(select(ImportBatch).where(*condition)).first()
    return None if found is None else replace(receipt(found), already=True)


def receipt(row: ImportBatch) -> Receipt:
    """Return the receipt of an import."""
    return Receipt(row.id or 0, row.total, row.loaded, row.skipped, row.replaced, row.errors)


def _refuse_long(submitted: pl.DataFrame) -> None:
    length = pl.col("end") - pl.col("start")
    wrong_rows = _counted(submitted).filter((length < pl.duration()) | (length >= rows.LONGEST)).head(SHOWN)
    if wrong_rows.height:
        found = wrong_rows.select("row", "start", "end").iter_rows()
        wrong = [
            Wrong(f"row {row}", "period-invalid", Text(PERIOD, start=first, end=last)) for row, first, last in found
        ]
        raise InputInvalid(wrong)


def _counted(submitted: pl.DataFrame) -> pl.DataFrame:
    return submitted if "row" in submitted.columns else submitted.with_row_index("row", offset=1)


def _prepared(submitted: pl.DataFrame, numbered: pl.DataFrame, evidence_ids: pl.DataFrame) -> pl.DataFrame:
    return (
        _counted(submitted)
        .select("row", "stream", "start", "end", "amount", "evidence")
        .join(numbered, on="stream", how="left", maintain_order="left")
        .join(evidence_ids, left_on="evidence", right_on="sha256", how="left", maintain_order="left")
        .rename({"evidence": "sha256"})
    )


def _held(session: Session, organisation_id: int, prepared: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the rows held of these sources, and of those that differ from them only in particulars."""
    if prepared.is_empty():
        return pl.DataFrame(schema={**rows.HELD, "identity": pl.String})
    akin = streams.akin(session, organisation_id, numbered["identity"])
    first, last = prepared["start"].min(), prepared["start"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    held = rows.held(session, organisation_id, akin["stream_id"].to_list(), first, last)
    return held.join(akin, on="stream_id", how="left")


def _refuse(found: duplicates.Sorted, batch: Batch) -> None:
    if found.hopeless:
        raise InputInvalid(found.hopeless)
    if found.conflicts and not batch.reason.strip():
        raise DuplicatesDiffer(found.wrong, count=found.conflicts)


def _batch(
    session: Session, actor: Actor, batch: Batch, total: int, found: duplicates.Sorted, now: datetime
) -> ImportBatch:
    digest = rows.Digest()
    digest.update(found.new)
    row = ImportBatch(
        organisation_id=require(actor, "submit"),
        sha256=batch.sha256,
        name=batch.name,
        state="partial" if batch.errors else "complete",
        total=total + batch.errors,
        loaded=found.new.height,
        skipped=total - found.new.height,
        replaced=found.new["replaces_id"].count(),
        errors=batch.errors,
        digest=digest.hex(),
        reason=batch.reason.strip(),
        actor=actor.name,
        created=now,
    )
    session.add(row)
    session.flush()
    return row


def _insert(session: Session, batch: ImportBatch, new: pl.DataFrame, progress: Progress | None) -> None:
    frame = new.select(
        pl.lit(batch.organisation_id).alias("organisation_id"),
        "stream_id",
        "start",
        "end",
        "amount",
        rows.value_of("amount").alias("value"),
        "evidence_id",
        pl.lit(batch.id).alias("batch_id"),
        "replaces_id",
    )
    done = 0
    for part in frame.iter_slices(bulk.SLICE):
        bulk.insert(session, rows.datum, part)
        done += part.height
        if progress is not None:
            progress(done, frame.height)


def _proofs(session: Session, organisation_id: int, equal: pl.DataFrame) -> list[dict[str, Any]]:
    """Return which evidence came with rows that are held already without it."""
    pairs = equal.filter(pl.col("evidence_id").is_not_null() & pl.col("held_id").is_not_null())
    return evidence.missing(session, organisation_id, pairs.select(datum_id="held_id", evidence_id="evidence_id"))
