"""Many activity data at once: checked as the rows of a file are, and told one by one what became of them."""

from __future__ import annotations

import csv
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session

from lca.ledger import Stream
from service.accounts.actions import Actor
from service.activities import actions
from service.activities.actions import Batch
from service.activities.intake import Intake, read
from service.activities.known import Known
from service.activities.loading import cells_of, wrong
from service.activities.problems import Problem, messages
from service.errors import InputInvalid, ServiceError, Wrong

MOST = 10_000
STORED, HELD, REFUSED = "stored", "held", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: ``row`` is its place among those handed in, counted from 0."""

    row: int
    state: str
    id: int | None = None
    errors: tuple[Wrong, ...] = ()
    warnings: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows as they would be stored, each with its place, and what was found in the others."""

    streams: Sequence[Stream]
    rows: pl.DataFrame
    errors: Mapping[int, Sequence[Wrong]]
    warnings: Mapping[int, Sequence[Wrong]]


def check(given: Mapping[int, Mapping[str, Any]], known: Known) -> Checked:
    """Check rows by their places, exactly as those of a file are checked."""
    if not given:
        return Checked((), pl.DataFrame(), {}, {})
    places = list(given)
    cells = [cells_of(row) for row in given.values()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in cells for name in row)))
            writer.writeheader()
            writer.writerows(cells)
        found = read(path, known=known)
    errors, warnings = (_by_place(problems, places) for problems in (found.errors, found.warnings))
    rows = _placed(found, places)
    for place in set(places) - set(rows["row"]) - set(errors):  # what looks like the sum of others, say
        errors[place] = warnings[place]
    return Checked(found.ledger.streams, rows.filter(~pl.col("row").is_in(list(errors))), errors, warnings)


def _placed(found: Intake, places: Sequence[int]) -> pl.DataFrame:
    # The id of a row ends in its line; the first line is the header.
    line = pl.col("id").str.extract(r"(\d+)$").cast(pl.Int64) - 2
    return found.ledger.rows.with_columns(row=line.replace_strict(dict(enumerate(places)), return_dtype=pl.UInt32))


def _by_place(problems: Sequence[Problem], places: Sequence[int]) -> dict[int, list[Wrong]]:
    told: dict[int, list[Wrong]] = defaultdict(list)
    for problem in problems:
        concerned = places if problem.row is None else [places[problem.row - 2]]
        for place in concerned:
            said = wrong(_with_place(problem, places))
            told[place].append(replace(said, where=f"rows.{place}.{problem.column}".rstrip(".")))
    return told


def _with_place(problem: Problem, places: Sequence[int]) -> Problem:
    """Return a problem that names another row by its place and not by its line."""
    if "row %(other)s" not in messages()[problem.code].what_en:
        return problem
    return replace(problem, params={**problem.params, "other": str(places[int(problem.params["other"]) - 2])})


def submit(
    session: Session,
    actor: Actor,
    total: int,
    checked: Checked,
    now: datetime,
    *,
    reason: str = "",
    skip_errors: bool = False,
) -> list[Outcome]:
    """Store rows, all of them or none; ``skip_errors`` leaves out those with errors, and stores the others.

    Raises:
        InputInvalid: there are errors; every one is named.
        As ``actions.submit_rows``.
    """
    if checked.errors and not skip_errors:
        raise InputInvalid([one for place in sorted(checked.errors) for one in checked.errors[place]])
    held: Mapping[int, int] = {}
    numbers: Mapping[int, int] = {}
    if checked.rows.height:
        batch = Batch(f"{total} rows", errors=len(checked.errors), reason=reason)
        try:
            held = actions.numbers(session, actor, checked.streams, checked.rows)
            actions.submit_rows(session, actor, batch, checked.streams, checked.rows, now=now)
            numbers = actions.numbers(session, actor, checked.streams, checked.rows)
        except ServiceError as error:
            error.wrong = tuple(replace(one, where=_row(one.where)) for one in error.wrong)
            raise
    return [_outcome(place, checked, held.get(place), numbers.get(place)) for place in range(total)]


def _row(where: str) -> str:
    return re.sub(r"^row (\d+)$", r"rows.\1", where)


def _outcome(place: int, checked: Checked, before: int | None, number: int | None) -> Outcome:
    state = REFUSED if number is None else HELD if number == before else STORED
    errors = tuple(checked.errors.get(place, ())) if number is None else ()
    warnings = () if number is None else tuple(checked.warnings.get(place, ()))
    return Outcome(place, state, number, errors, warnings)
