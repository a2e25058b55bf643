"""From a file, or one entry, to the store: what the command line and the API both do."""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import rfc8785
from sqlmodel import Session

from factors.library import Library
from service import i18n
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.activities import actions, evidence
from service.activities.actions import Batch, NewDatum, Progress, Receipt
from service.activities.intake import ColumnMap, Intake, read
from service.activities.known import Known, known_from
from service.activities.problems import Problem
from service.activities.store import evidence as kept
from service.activities.store import records
from service.errors import N_, SHOWN, InputInvalid, ServiceError, Wrong, as_wrong

SHOWN_TEXT = 60  # characters of a submitted cell


class OrganisationDiffers(ServiceError):
    """A file of one organisation handed in for another."""

    code = "organisation-differs"
    message = N_("the file is of organisation '%(file)s', it was handed in for '%(code)s'")


def known(session: Session, actor: Actor, library: Library, *, beside_file: bool = False) -> Known:
    """Return what a file of the actor's organisation may refer to.

    Evidence is looked for among the files that were handed in, or ``beside_file`` next to the data file.
    """
    names = None
    if not beside_file:
        held = kept.names(session, accounts.require(actor, "read"))
        names = dict(held.select("name", "sha256").iter_rows())
    sites = {row.code: records.site_value(row) for row in actions.sites(session, actor)}
    organisation = accounts.value_of(accounts.show(session, actor))
    return known_from(library, sites=sites, organisation=organisation, evidence=names)


def load(
    session: Session,
    actor: Actor,
    intake: Intake,
    *,
    now: datetime,
    directory: Path,
    reason: str = "",
    skip_errors: bool = False,
    progress: Progress | None = None,
) -> Receipt:
    """Store what reading a file found; ``skip_errors`` leaves out the rows with errors, otherwise they stop everything.

    Raises:
        InputInvalid: the file has errors.
        OrganisationDiffers: it says that it is of another organisation.
        As ``actions.submit_ledger``.
    """
    if intake.errors and not skip_errors:
        raise InputInvalid([wrong(problem) for problem in intake.errors[:SHOWN]])
    code = accounts.show(session, actor).code
    if intake.ledger.organisation.code != code:
        raise OrganisationDiffers(file=intake.ledger.organisation.code, code=code)
    batch = Batch(intake.path.name, identity(intake), errors=intake.counts.errors, reason=reason)
    try:
        return actions.submit_ledger(
            session,
            actor,
            batch,
            intake.ledger,
            now=now,
            evidence_files=_evidence_files(intake),
            directory=directory,
            progress=progress,
        )
    except ServiceError as error:
        error.wrong = _placed(error.wrong, intake)
        raise


def conflicts(session: Session, actor: Actor, intake: Intake, now: datetime) -> Sequence[Wrong]:
    """Return what keeps the good rows of a file from being stored beside what is held; nothing stays stored.

    The one way to know is to store them and to take that back. Evidence files stay where they are.
    """
    bare = replace(intake.ledger, rows=intake.ledger.rows.with_columns(evidence=pl.lit("")))
    trial = session.begin_nested()
    try:
        actions.submit_ledger(session, actor, Batch(intake.path.name, identity(intake)), bare, now=now)
    except ServiceError as error:
        return _placed(as_wrong(error), intake)
    finally:
        trial.rollback()
    return ()


def _placed(found: Sequence[Wrong], intake: Intake) -> tuple[Wrong, ...]:
    """Name sheet and row of the file where the store counts the rows that it was given: 'row 2' is 'fuels-5'."""
    ids = intake.ledger.rows["id"]
    numbers = (re.fullmatch(r"row ([0-9]+)", one.where) for one in found)
    return tuple(
        one if number is None else replace(one, where=ids[int(number[1]) - 1])
        for one, number in zip(found, numbers, strict=True)
    )


def identity(intake: Intake) -> str:
    """Return what a file is known by: its SHA-256, and with a mapping that of both. Another mapping is other data."""
    if intake.mapping is None:
        return intake.source_sha256
    said = rfc8785.dumps(_plain(asdict(intake.mapping)))
    return hashlib.sha256(intake.source_sha256.encode() + said).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _evidence_files(intake: Intake) -> Iterator[tuple[str, BinaryIO]]:
    """Yield name and content of every evidence file that lies beside the data file, each closed after its turn."""
    for name in intake.ledger.evidence.values():
        file = evidence.beside(intake.path, name)
        if file is not None:
            with file:
                yield name, file


def new_datum(data: Mapping[str, Any], allowed: Known) -> tuple[NewDatum, tuple[Problem, ...]]:
    """Return one submitted object as a new datum, and the warnings; checked exactly as a row of a file is.

    Raises:
        InputInvalid: everything that is wrong with it.
    """
    cells = cells_of(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entry.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(cells))
            writer.writeheader()
            writer.writerow(cells)
        found = read(path, known=allowed)
    if found.errors:
        raise InputInvalid([replace(wrong(problem), where=problem.column) for problem in found.errors])
    row = found.ledger.rows.row(0, named=True)
    stream = found.ledger.streams[row["stream"]]
    return NewDatum(stream, row["start"], row["end"], row["amount"], row["evidence"]), found.warnings


def cells_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return one submitted object as the row of a file that says the same."""
    cells = {name: value for name, value in data.items() if name != "parameters" and value not in ("", None)}
    cells |= data.get("parameters", {})
    return cells


def wrong(problem: Problem) -> Wrong:
    """Return a problem of a file as the service tells it, in the language in use."""
    language = i18n.short_language()
    row = (f"第 {problem.row} 行" if language == "zh" else f"row {problem.row}") if problem.row else ""
    written = (f"“{problem.text}”" if language == "zh" else f"'{problem.text}'") if problem.row and problem.text else ""
    place = [problem.sheet, row, problem.column, written[:SHOWN_TEXT]]
    mend = problem.mend(language)
    text = f"{problem.what(language)}；{mend}" if language == "zh" else f"{problem.what(language)}; {mend}"
    return Wrong(" ".join(filter(None, place)), problem.code, text)


__all__ = [
    "ColumnMap",
    "OrganisationDiffers",
    "cells_of",
    "conflicts",
    "identity",
    "known",
    "load",
    "new_datum",
    "wrong",
]
