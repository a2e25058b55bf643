"""Is this row here already? Sorting what is handed in into new, equal, and different from what is held.

Two rows of one source (``stream_id``) and period are the same amount. Two rows of one *identity* and
period, whose source differs only in what may be put right (unit, quality, parameters, chosen factor),
are suspected of it: a file sent again with a corrected quality must not count everything twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from service.errors import N_, SHOWN, Wrong
from service.i18n import Text

KEY = ("stream_id", "start", "end")
SUSPECT = ("identity", "start", "end")

TWICE = N_("the same source and period stands in row %(other)s with the amount %(amount)s")
DIFFERS = N_("held already with the amount %(amount)s (row D%(held)s)")
SUSPECTED = N_(
    "row D%(held)s of the same source and period is held already with other particulars: "
    "give a reason to replace it, or a name or meter to tell the two apart"
)
AMBIGUOUS = N_("several rows of the same source and period are held: say which one by correcting it")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is to be done with each row handed in."""

    new: pl.DataFrame  # with replaces_id: null, or the row it differs from
    equal: pl.DataFrame  # with held_id
    conflicts: int
    wrong: tuple[Wrong, ...]  # conflicts in words, at most SHOWN
    hopeless: tuple[Wrong, ...]  # conflicts that no reason mends


def canonical(name: str) -> pl.Expr:
    """Return an expression that writes equal decimals equally: ``1.50`` and ``1.5``, ``-0`` and ``0``."""
    text = pl.col(name)
    text = pl.when(text.str.contains(".", literal=True)).then(text.str.strip_chars_end("0")).otherwise(text)
    text = text.str.strip_suffix(".")
    return pl.when(text == "-0").then(pl.lit("0")).otherwise(text)


def sort_out(rows: pl.DataFrame, held: pl.DataFrame) -> Sorted:
    """Compare ``rows`` with each other and with the rows ``held`` (id, stream_id, identity, start, end, amount)."""
    once, repeated, hopeless = _once(rows)
    exact = once.join(held.select(*KEY, held_id="id", held_amount="amount"), on=KEY, how="left", maintain_order="left")
    is_equal = canonical("amount") == canonical("held_amount")
    equal = exact.filter(is_equal)
    differing = exact.filter(~is_equal)
    unmatched = exact.filter(pl.col("held_id").is_null())
    suspects, ambiguous = _suspects(unmatched, held.join(once, on=KEY, how="anti"))
    pairs = pl.concat([differing.select("row", "held_id"), suspects.select("row", "held_id")])
    new = once.join(equal, on="row", how="anti").join(pairs, on="row", how="left", maintain_order="left")
    return Sorted(
        new=new.rename({"held_id": "replaces_id"}),
        equal=pl.concat([equal.select("row", "evidence_id", "held_id"), repeated], how="diagonal"),
        conflicts=pairs.height,
        wrong=(*_told(differing, "duplicate-differs", DIFFERS), *_told(suspects, "duplicate-suspected", SUSPECTED)),
        hopeless=(*hopeless, *_told(ambiguous, "duplicate-ambiguous", AMBIGUOUS)),
    )


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Wrong, ...]]:
    """Return the first row of each source and period, the later ones, and where a later one says otherwise."""
    once = rows.unique(KEY, keep="first", maintain_order=True)
    if once.height == rows.height:
        return once, rows.clear().select("row"), ()
    later = rows.join(once.select("row"), on="row", how="anti")
    first = once.select(*KEY, first_row="row", first_amount="amount")
    differing = later.join(first, on=KEY).filter(canonical("amount") != canonical("first_amount")).head(SHOWN)
    wrong = (
        Wrong(_place(row), "duplicate-in-file", Text(TWICE, other=other, amount=amount))
        for row, other, amount in differing.select("row", "first_row", "first_amount").iter_rows()
    )
    return once, later.select("row"), tuple(wrong)


def _suspects(rows: pl.DataFrame, held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pair rows with held rows of the same identity and period: one with one, and those that are not."""
    candidates = held.select(*SUSPECT, other_id="id", other_amount="amount")
    pairs = rows.drop("held_id", "held_amount").join(candidates, on=SUSPECT)
    pairs = pairs.rename({"other_id": "held_id", "other_amount": "held_amount"})
    single = (pl.len().over("row") == 1) & (pl.len().over("held_id") == 1)
    return pairs.filter(single), pairs.filter(~single).unique("row", maintain_order=True)


def _told(rows: pl.DataFrame, code: str, message: str) -> Iterable[Wrong]:
    shown = rows.head(SHOWN).select("row", "held_id", "held_amount")
    return (
        Wrong(_place(row), code, Text(message, held=held, amount=amount)) for row, held, amount in shown.iter_rows()
    )


def _place(row: int) -> str:
    return f"row {row}"
