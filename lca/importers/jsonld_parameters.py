"""Parameters of an openLCA JSON-LD file, of a process or of the whole file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lca.dataset import Parameter
from lca.formula_text import folded
from lca.importers.jsonld_objects import Json, Reading, number, text
from lca.importers.jsonld_quality import uncertainty
from lca.parametrised import Scope, scope


class Parameters:
    """Reads the parameters of a process or of the whole file."""

    def __init__(self, reading: Reading, where: str, outer: Scope) -> None:
        self.reading, self.where, self.outer = reading, where, outer

    def read(self, entries: Sequence[Json]) -> tuple[Parameter, ...]:
        """Return the parameters; what a formula gives is worked out where the file leaves it out."""
        found: dict[str, Parameter] = {}
        empty: set[str] = set()
        for one in entries:
            name = text(one.get("name"))
            if not name or folded(name) in found:
                code = "parameter-repeated" if name else "parameter-without-name"
                self.reading.tell(code, self.where, is_error=True, name=name)
                continue
            value = number(one.get("value"))
            if value is None:
                empty.add(folded(name))
            found[folded(name)] = self._parameter(one, name, value or 0.0)
        return self._filled(found, empty) if empty else tuple(found.values())

    def _parameter(self, one: Json, name: str, value: float) -> Parameter:
        where = f"{self.where} · {name}"
        formula = text(one.get("formula"))
        if formula and self.reading.flag(one, "isInputParameter", "inputParameter", where):
            self.reading.tell("input-parameter-with-formula", where, formula=formula)
            formula = ""
        return Parameter(
            name=name,
            amount=value,
            formula=formula,
            uncertainty=uncertainty(one, lambda code, **params: self.reading.note(code, where, params)),
            comment=text(one.get("description")),
        )

    def _filled(self, found: Mapping[str, Parameter], empty: set[str]) -> tuple[Parameter, ...]:
        """Give values to parameters that the file gives a formula alone; the others are left out, and told."""
        usable = [one for name, one in found.items() if one.formula or name not in empty]
        values = scope(usable, self.where, self.outer).values
        kept: list[Parameter] = []
        for name, one in found.items():
            if name not in empty:
                kept.append(one)
            elif one.formula and name in values:
                kept.append(replace(one, amount=values[name]))
            else:
                self.reading.tell("parameter-without-value", self.where, is_error=True, name=one.name)
        return tuple(kept)
