"""A frozen footprint as those see it that write it in the formats of others: what they all ask it for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from factors.errors import FactorsError
from factors.units import dimension, multiplier, parse_unit
from lca.errors import SnapshotInvalid
from lca.flaws import Flaw
from lca.footprint import SCHEMA
from lca.numbers import canonical
from lca.record_reading import FORMULA
from lca.snapshot import digest

Record = Mapping[str, Any]

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, SCHEMA)
AGREED = 1e-9
"""Relative difference that the twelve digits of a snapshot leave between two ways of adding it up."""

_REPORT = re.compile(r"AR[0-9]+")


@contextmanager
def reading(snapshot: Record) -> Iterator[None]:
    """Read a snapshot; one that is none, or lacks what every snapshot has, is named as such.

    Raises:
        SnapshotInvalid: it is no frozen footprint of this schema, or does not hold together.
    """
    try:
        if snapshot["schema"] != SCHEMA:
            raise SnapshotInvalid([Flaw("schema-unknown", {"schema": snapshot["schema"], "known": SCHEMA})])
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError) as error:
        raise SnapshotInvalid([Flaw("unreadable", {"reason": f"{type(error).__name__} {error}"})]) from error


def identifier(snapshot: Record, beside: Record) -> str:
    """Return a UUID for what is written of a snapshot with what is stated beside it; the same for the same."""
    return str(uuid.uuid5(NAMESPACE, digest([digest(snapshot), beside])))


def name_of(record: Record, language: str = "en") -> str:
    """Return a name in a language, in the other one where it has none."""
    return str(record.get(language) or record.get("zh") or record.get("en") or "")


def amount_of(snapshot: Record) -> str:
    """Return how many of its units the footprint is for; a formula of the model is worked out."""
    unit = snapshot["model"]["unit"]
    text = str(unit["amount"]).strip()
    if not text.startswith(FORMULA):
        return text
    made = snapshot["nodes"][snapshot["main"]]["unit"]
    return canonical(float(snapshot["demand"]) * float(multiplier(made, unit["unit"])))


def converted(amount: str, unit: str, known: Sequence[str]) -> tuple[str, str] | None:
    """Return the amount in the first of the known units that measures the same thing, None where none does."""
    if parse_unit(unit) in known:
        return amount, parse_unit(unit)
    for one in known:
        if dimension(one) == dimension(unit):
            return canonical(float(amount) * float(multiplier(unit, one))), one
    return None


def mass_of(snapshot: Record) -> str:
    """Return the kilograms of the declared amount: as stated, or by a unit of mass; '' where nobody says."""
    unit = snapshot["model"]["unit"]
    if unit.get("mass_kg"):
        return str(unit["mass_kg"])
    try:
        return canonical(float(amount_of(snapshot)) * float(multiplier(unit["unit"], "kg")))
    except FactorsError:
        return ""


def gwp_sets(snapshot: Record) -> tuple[list[str], list[str]]:
    """Return the IPCC reports whose potentials went in, and what else unsplit CO2e was weighted by."""
    (own,) = snapshot["gwp"]
    used = {own}
    taken = {line["supply"] for line in snapshot["lines"]}
    for key in taken:
        supply = snapshot["supplies"][key]
        if any(gas.startswith("CO2e/") for gas in supply["gases_kg"]):
            used |= set(str(supply["gwp_set"] or "unstated").split(" + "))
    reports = sorted(one for one in used if _REPORT.fullmatch(one))
    return reports, sorted(used - set(reports))


def is_stated(snapshot: Record, check: str) -> bool:
    """Tell whether a check of the snapshot holds; one that the snapshot does not have does not."""
    return any(one["id"] == check and one["ok"] for one in snapshot["checks"])
