"""The numbers of a Brightway file: amounts with their formulas, what is uncertain about them, and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lca.dataset import Parameter, Uncertainty
from lca.importers.brightway_layout import Line, Table
from lca.importers.distributions import Printed, check
from lca.importers.tabular import Notes, Place, number, text, why_no_number

DISTRIBUTIONS: Mapping[float, str] = {2: "lognormal", 3: "normal", 4: "uniform", 5: "triangular"}
"""Numbers of ``stats_arrays``; 0 and 1 say that there is none."""


class Values:
    """Reads cells that hold numbers; what cannot be read is noted."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def amount(self, table: Table | None, row: int, line: Line, place: Place) -> tuple[float | None, str]:
        """Return amount and formula; an amount that only a formula gives is 0 until ``worked_out`` computes it."""
        formula = text(line.get("formula"))
        given = line.get("amount")
        amount = number(given)
        if amount is not None:
            if isinstance(given, str) and place.sheet:
                self._notes.add("amount-is-text", place)
            return amount, formula
        why = why_no_number(given)
        if why == "amount-missing" and formula:
            return 0.0, formula
        if why == "amount-missing" and table is not None and (row, "amount") in table.computed:
            why = "cell-formula-without-value"
        self._notes.add(why, place, is_error=True, exchange=text(line.get("name")), value=text(given))
        return None, formula

    def uncertainty(self, line: Line, amount: float | None, place: Place) -> Uncertainty | None:
        """Return the distribution of an amount, None where there is none or it does not fit the amount."""
        given = text(line.get("uncertainty type"))
        kind = number(given)
        if not given or kind in (0, 1):
            return None
        if kind is None or kind not in DISTRIBUTIONS:
            self._notes.add("distribution-unknown", place, distribution=given)
            return None
        loc, scale, minimum, maximum = (number(line.get(column)) for column in ("loc", "scale", "minimum", "maximum"))
        checked = check(Printed(DISTRIBUTIONS[kind], loc, scale, minimum, maximum), amount)
        if checked.code:
            self._notes.tell(checked.code, place, checked.params or {})
        return checked.uncertainty

    def pedigree(self, line: Line, place: Place) -> tuple[int, ...]:
        """Return five scores; a sixth, of the older matrix, is the size of the sample and is not among ours."""
        given = text(line.get("pedigree"))
        if not given:
            return ()
        scores = [score.strip() for score in given.strip("()[] ").split(",")]
        if len(scores) not in (5, 6) or any(score not in ("1", "2", "3", "4", "5") for score in scores):
            self._notes.add("pedigree-unreadable", place, value=given)
            return ()
        return tuple(int(score) for score in scores[:5])

    def parameters(self, tables: Sequence[Table | None]) -> tuple[Parameter, ...]:
        """Return the parameters of several tables; of two with one name the later."""
        found: dict[str, Parameter] = {}
        for table in filter(None, tables):
            for row, line in table.lines:
                place = table.place.at(row)
                parameter = self._parameter(line, place, table)
                if parameter is not None and parameter.name in found:
                    self._notes.add("parameter-twice", place, name=parameter.name)
                if parameter is not None:
                    found[parameter.name] = parameter
        return tuple(found.values())

    def _parameter(self, line: Line, place: Place, table: Table | None) -> Parameter | None:
        name = text(line.get("name"))
        if not name:
            self._notes.add("row-not-understood", place)
            return None
        amount, formula = self.amount(table, place.row, line, place)
        if amount is None:
            return None
        return Parameter(
            name=name,
            amount=amount,
            formula=formula,
            uncertainty=self.uncertainty(line, None if formula else amount, place),
            comment=text(line.get("comment")),
            unit=text(line.get("unit")),
        )
