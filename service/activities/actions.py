"""The verbs of activity data. Everything outside this feature calls these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO

import polars as pl
from sqlmodel import Session

from lca import ledger as lca
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.activities.store import reading, submission
from service.activities.store.changes import Mark, count, has_crossing, mark, rows, touched
from service.activities.store.evidence import (
    ATTACHMENT,
    EVIDENCE,
    add_evidence,
    attach_evidence,
    check_evidence,
    open_evidence,
)
from service.activities.store.periods import PERIOD, close_period, closed_periods, reopen_period
from service.activities.store.reading import Datum, Wanted, data, frame, ledger, show
from service.activities.store.records import (
    EXCLUSION,
    INSTRUMENT,
    PRODUCT,
    SITE,
    exclusions,
    instruments,
    products,
    put_exclusion,
    put_instrument,
    put_product,
    put_site,
    show_record,
    show_site,
    shown,
    sites,
    withdraw,
)
from service.activities.store.rows import IMPORT, check_batches
from service.activities.store.streams import check_streams
from service.activities.store.submission import Batch, Progress, Receipt, numbers, submit_rows
from service.audit.kinds import Kind
from service.errors import N_, AlreadyExists

__all__ = [
    "AUDITED",
    "Batch",
    "Datum",
    "Mark",
    "NewDatum",
    "Progress",
    "Receipt",
    "Wanted",
    "add_evidence",
    "attach_evidence",
    "check_batches",
    "check_evidence",
    "check_streams",
    "close_period",
    "closed_periods",
    "correct",
    "count",
    "data",
    "exclusions",
    "frame",
    "has_crossing",
    "instruments",
    "ledger",
    "mark",
    "numbers",
    "open_evidence",
    "products",
    "put_exclusion",
    "put_instrument",
    "put_product",
    "put_site",
    "reopen_period",
    "rows",
    "show",
    "show_record",
    "show_site",
    "shown",
    "sites",
    "submit",
    "submit_ledger",
    "submit_rows",
    "take_back",
    "touched",
    "withdraw",
]

AUDITED: tuple[Kind, ...] = (
    SITE,
    IMPORT,
    EVIDENCE,
    ATTACHMENT,
    *(kind.audited for kind in (INSTRUMENT, PRODUCT, EXCLUSION)),
    PERIOD,
)
"""What the audit log holds entries of."""


@dataclass(frozen=True, slots=True)
class NewDatum:
    """One activity datum as a person hands it in, not stored yet."""

    stream: lca.Stream
    start: date
    end: date
    amount: str
    evidence: str = ""  # SHA-256 of a file handed in before

    def frame(self) -> pl.DataFrame:
        """Return the one row."""
        row = {"stream": 0, "start": self.start, "end": self.end, "amount": self.amount, "evidence": self.evidence}
        return pl.DataFrame([row], schema_overrides={"stream": pl.UInt32})


def submit(session: Session, actor: Actor, new: NewDatum, now: datetime, *, reason: str = "") -> Datum:
    """Store one activity datum and return it; the same one a second time changes nothing.

    Raises:
        As ``submit_rows``.
    """
    batch = Batch(name=new.stream.activity, reason=reason)
    submit_rows(session, actor, batch, [new.stream], new.frame(), now=now)
    return reading.newest(session, actor, new.stream, new.start, new.end)


def correct(session: Session, actor: Actor, number: int, new: NewDatum, reason: str, now: datetime) -> Datum:
    """Replace the row with the id ``number`` by ``new`` and return the new row; the old one stays, replaced.

    Raises:
        As ``submission.correct_row``.
    """
    submission.correct_row(session, actor, number, new.stream, new.frame(), reason, now)
    return reading.newest(session, actor, new.stream, new.start, new.end)


def take_back(session: Session, actor: Actor, numbers: Sequence[int], reason: str, now: datetime) -> None:
    """Take rows back: each stays, replaced by one without an amount, and no longer counts.

    Raises:
        As ``submission.withdraw_row``.
    """
    for number in numbers:
        submission.withdraw_row(session, actor, number, reason, now)


def submit_ledger(
    session: Session,
    actor: Actor,
    batch: Batch,
    submitted: lca.Ledger,
    *,
    now: datetime,
    evidence_files: Iterable[tuple[str, IO[bytes]]] = (),
    directory: Path | None = None,
    progress: Progress | None = None,
) -> Receipt:
    """Store everything that a file holds, in one transaction: sites, evidence, rows, instruments, products, exclusions.

    ``evidence_files`` are name and content of the files named in it; they are kept under ``directory``.

    Raises:
        AlreadyExists: the organisation, a site or a record is described otherwise, and the batch gives no reason.
        As ``submit_rows`` and the verbs of the single things.
    """
    earlier = submission.earlier(session, actor, batch.sha256)
    if earlier is not None:
        return earlier
    _organisation(session, actor, submitted.organisation, batch.reason, now)
    for site in submitted.sites:
        put_site(session, actor, site, now, reason=batch.reason)
    if directory is not None:
        for name, content in evidence_files:
            add_evidence(session, actor, directory, name, content, now=now)
    receipt = submit_rows(session, actor, batch, submitted.streams, submitted.rows, now=now, progress=progress)
    for instrument in submitted.instruments:
        put_instrument(session, actor, instrument, now, reason=batch.reason)
    for product in submitted.products:
        put_product(session, actor, product, now, reason=batch.reason)
    for exclusion in submitted.exclusions:
        put_exclusion(session, actor, exclusion, submitted.start, submitted.end, now, reason=batch.reason)
    return receipt


def _organisation(session: Session, actor: Actor, said: lca.Organisation, reason: str, now: datetime) -> None:
    """Take over what a file says of the organisation; what it leaves empty stays as it is."""
    held = accounts.value_of(accounts.show(session, actor))
    told = {field.name: getattr(said, field.name) for field in fields(said) if getattr(said, field.name)}
    merged = replace(held, **{**told, "code": held.code})
    if merged == held:
        return
    if not reason.strip():
        raise AlreadyExists(N_("organisation"), held.code)
    accounts.change(session, actor, merged, reason, now)
