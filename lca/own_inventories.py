"""The house's own inventories: ``data/inventories/*.yaml``, one file per chain, as one database ``tanji_cn``.

Every number is a record of the factor library (``record``, ``factor``), a figure with its source and page
(``amount``, ``value``), or a formula of these. A process with a number made up to demonstrate is a ``placeholder``.
What has neither own inventory nor record is ``excluded`` with the reason: with an amount it is an input that nobody
supplies yet, without one a finding. ``FILE`` describes the form; all problems are reported at once.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from factors.errors import FactorsError
from factors.library import Factor, Library
from factors.library import load as load_factors
from factors.strict_yaml import StrictLoader
from factors.units import multiplier, parse_unit
from lca.dataset import SYSTEM_PROCESS, UNIT_PROCESS, Exchange, Finding, Flow, LciDatabase, Parameter, UnitProcess
from lca.errors import OwnInventoriesInvalid
from lca.formula_text import FormulaText, NoNumber, formula, worked_out
from lca.record_checks import Check, boolean, decimal, keys, map_of, name, text

NAME = "tanji_cn"
VERSION = "1"
DATA = Path(__file__).parent / "data" / "inventories"
GASES = Path(__file__).parent / "data" / "elementary_flows.csv"
LICENCE = "Apache-2.0; values under the terms of their sources (NOTICE)"
SOURCE = "Tanji 碳迹: own inventories, each number with its source"

DEMONSTRATION = "demonstration"
"""Source of a number that was made up to demonstrate."""

PRODUCT = "product"

Spec = Mapping[str, Any]

_words = {"zh": text, "en": text}
_cited: Mapping[str, Check] = {"source": name, "page": text}
_exchange = keys({"unit": text}, {"amount": decimal, "record": name, "formula": text, **_cited})
_unit_process = keys(
    {**_words, "category": text, "location": name, "year": text, "unit": text},
    {
        "amount": decimal,
        "placeholder": boolean,
        "note": keys(_words),
        "parameters": map_of(keys({"unit": text}, {"value": decimal, "record": name, **_cited})),
        "emissions": map_of(_exchange),
        "inputs": map_of(_exchange),
        "excluded": map_of(keys({**_words, "reason": keys(_words)}, {"amount": decimal, "unit": text, **_cited})),
    },
)
_record_process = keys({**_words, "category": text, "unit": text, "factor": name}, {"note": keys(_words)})


def _process(value: Any, path: str) -> Iterator[str]:
    """A process of one record (``factor``), or a unit process."""
    yield from (_record_process if isinstance(value, dict) and "factor" in value else _unit_process)(value, path)


FILE: Check = keys(
    {"what": keys(_words), "processes": map_of(_process)},
    {"sources": map_of(keys({"title": text, "publisher": text, "year": text, "document": text, "licence": text}))},
)


@lru_cache(maxsize=1)
def load() -> LciDatabase:
    """Return the database of the shipped files.

    Raises:
        OwnInventoriesInvalid: everything that is wrong with them.
    """
    return read(DATA, load_factors())


def read(root: Path, library: Library) -> LciDatabase:
    """Return the database that the YAML files in ``root`` describe with the records of ``library``.

    Raises:
        OwnInventoriesInvalid: everything that is wrong with them, each as ``file: key: what``.
    """
    problems: list[str] = []
    files = dict(_contents(root, problems))
    for file, content in files.items():
        problems += [f"{file}: {problem.removeprefix(': ')}" for problem in FILE(content, "")]
    if problems:  # what refers to each other is looked at only where the shape can be trusted
        raise OwnInventoriesInvalid(problems)
    made = _Database(library, problems)
    for file, content in files.items():
        made.take(file, content)
    database = made.database()
    if problems:
        raise OwnInventoriesInvalid(problems)
    return database


def _contents(root: Path, problems: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the name of every file that can be read with what it holds."""
    for path in sorted(root.glob("*.yaml")):
        try:
            yield path.name, yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader)  # noqa: S506  a safe loader
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            problems.append(f"{path.name}: cannot be read: {' '.join(str(error).split())}")


@lru_cache(maxsize=1)
def _gases() -> Mapping[str, Flow]:
    with GASES.open(encoding="utf-8", newline="") as file:
        return MappingProxyType(
            {
                row["gas"]: Flow(row["gas"], row["name"], "elementary", "kg", name_zh=row["name_zh"], category="air")
                for row in csv.DictReader(file)
            }
        )


def evaluate(text_of: str, values: Mapping[str, float]) -> float:
    """Return what a formula of whole numbers and the names in ``values`` gives.

    Raises:
        ValueError: it is no formula, gives no number, or holds another name or a number that is not whole.
    """
    try:
        found = formula(text_of)
        written = (node.value for node in ast.walk(found.node) if isinstance(node, ast.Constant))
        broken = (str(one) for one in written if isinstance(one, float) and not one.is_integer())
        if strange := [*sorted(found.names - set(values)), *broken]:
            raise ValueError(", ".join(strange))
        return worked_out(found, values)
    except (FormulaText, NoNumber) as error:
        raise ValueError(str(error)) from error


@dataclass
class _Database:
    """The files on their way to become a database."""

    library: Library
    problems: list[str]
    specs: dict[str, tuple[str, Spec]] = field(default_factory=dict)  # process id -> its file and description
    sources: dict[str, dict[str, Spec]] = field(default_factory=dict)  # file -> its own publications
    flows: dict[str, Flow] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, file: str, content: Spec) -> None:
        self.sources[file] = content.get("sources", {})
        for identifier, spec in content["processes"].items():
            if identifier in self.specs:
                self.problems.append(f"{file}: {identifier}: stands in {self.specs[identifier][0]} already")
                continue
            self.specs[identifier] = (file, spec)
            location = self._location(f"{file}: {identifier}", spec)
            try:
                parse_unit(spec["unit"])
            except FactorsError as error:
                self.problems.append(f"{file}: {identifier}.unit: {error}")
            self.flows[identifier] = Flow(
                identifier, spec["en"], "product", spec["unit"], name_zh=spec["zh"], location=location
            )

    def _location(self, where: str, spec: Spec) -> str:
        if "factor" in spec:
            factor = self.library.factors.get(spec["factor"])
            return factor.region if factor is not None else ""
        if spec["location"] not in self.library.geographies:
            self.problems.append(f"{where}.location: '{spec['location']}' is not in geographies.csv as a code")
        return str(spec["location"])

    def database(self) -> LciDatabase:
        processes = tuple(
            _Process(self, identifier, file, spec).made() for identifier, (file, spec) in self.specs.items()
        )
        return LciDatabase(
            name=NAME,
            flows={**_gases(), **self.flows},
            processes=processes,
            version=VERSION,
            source=SOURCE,
            licence=LICENCE,
            format="own",
            findings=tuple(self.findings),
        )


@dataclass
class _Process:
    """One process on its way; what it cites is gathered for its source and licence."""

    of: _Database
    identifier: str
    file: str
    spec: Spec
    titles: dict[str, None] = field(default_factory=dict)
    licences: dict[str, None] = field(default_factory=dict)

    def made(self) -> UnitProcess:
        if "factor" in self.spec:
            return self._of_record()
        parameters = tuple(self._parameter(key, spec) for key, spec in self.spec.get("parameters", {}).items())
        values = {one.name: one.amount for one in parameters}
        exchanges = (
            self._product(),
            *(self._emission(gas, spec, values) for gas, spec in self.spec.get("emissions", {}).items()),
            *(self._input(supplier, spec, values) for supplier, spec in self.spec.get("inputs", {}).items()),
            *(made for key, spec in self.spec.get("excluded", {}).items() if (made := self._excluded(key, spec))),
        )
        if self.spec.get("placeholder") and "note" not in self.spec:
            self.wrong("note", "missing: a placeholder says why it is one")
        return self._whole(exchanges, UNIT_PROCESS, self.spec["location"], self.spec["year"], parameters)

    def wrong(self, key: str, what: str) -> None:
        self.of.problems.append(f"{self.file}: {self.identifier}.{key}: {what}")

    def _whole(
        self,
        exchanges: tuple[Exchange, ...],
        kind: str,
        location: str,
        year: str,
        parameters: tuple[Parameter, ...] = (),
    ) -> UnitProcess:
        note = self.spec.get("note", {})
        return UnitProcess(
            id=self.identifier,
            name=self.spec["en"],
            exchanges=exchanges,
            reference=PRODUCT,
            name_zh=self.spec["zh"],
            kind=kind,
            location=location,
            valid_from=year,
            category=self.spec["category"],
            source="; ".join(self.titles),
            licence="; ".join(self.licences),
            comment=f"{note['zh']}\n{note['en']}" if note else "",
            parameters=parameters,
            is_placeholder=bool(self.spec.get("placeholder")),
        )

    def _product(self) -> Exchange:
        amount = float(Decimal(self.spec.get("amount", "1")))
        return Exchange(PRODUCT, self.identifier, amount, self.spec["unit"], is_input=False)

    def _of_record(self) -> UnitProcess:
        factor = self._record("factor", self.spec["factor"])
        if factor is None:
            return self._whole((self._product(),), SYSTEM_PROCESS, "", "")
        amount = self._per_unit("factor", factor, "kg", self.spec["unit"])
        emitted = Exchange(factor.gas, factor.gas, amount, "kg", is_input=False, comment=self._told(factor))
        if factor.gas not in _gases():
            self.wrong("factor", f"'{factor.gas}' is not among the elementary flows")
        return self._whole((self._product(), emitted), SYSTEM_PROCESS, factor.region, str(factor.year))

    # --- numbers ---------------------------------------------------------------------------------

    def _record(self, key: str, identifier: str) -> Factor | None:
        factor = self.of.library.factors.get(identifier)
        if factor is None or factor.refusal:
            self.wrong(
                key, f"no record {identifier!r}" if factor is None else f"record {identifier!r}: {factor.refusal}"
            )
            return None
        self.titles[self.of.library.sources[factor.source].title] = None
        self.licences[self.of.library.licences[factor.licence].name] = None
        return factor

    def _told(self, factor: Factor) -> str:
        title = self.of.library.sources[factor.source].title
        return f"{factor.id}: {factor.value} {factor.unit}; {title}, {factor.page}".rstrip(", ")

    def _per_unit(self, key: str, factor: Factor, numerator: str, denominator: str) -> float:
        """Return the value of a record in ``numerator`` per ``denominator``, CO2e by its kilograms."""
        unit = self.of.library.units[factor.unit]
        above = f"{numerator}CO2e" if unit.of == "co2e" else numerator
        try:
            return float(factor.number * unit.scale_to(above, denominator))
        except FactorsError as error:
            self.wrong(key, str(error))
            return 0.0

    def _cited(self, key: str, spec: Spec) -> str:
        """Return the source of a printed number as a person reads it."""
        source = spec.get("source", "")
        if not source or "page" not in spec:
            self.wrong(key, "a number needs 'source' and 'page'")
            return ""
        if source == DEMONSTRATION:
            if not self.spec.get("placeholder"):
                self.wrong(f"{key}.source", "a demonstration value makes its process a 'placeholder: true'")
            return f"{DEMONSTRATION}: {spec['page']}"
        own = self.of.sources[self.file].get(source)
        listed = self.of.library.sources.get(source)
        if own is not None:
            title, licence = own["title"], own["licence"]
        elif listed is not None:
            title, licence = listed.title, self.of.library.licences[listed.licence].name
        else:
            self.wrong(f"{key}.source", f"'{source}' is neither in this file's sources nor in sources.yaml")
            return ""
        self.titles[title], self.licences[licence] = None, None
        return f"{title}, {spec['page']}"

    def _parameter(self, key: str, spec: Spec) -> Parameter:
        where = f"parameters.{key}"
        if ("value" in spec) == ("record" in spec):
            self.wrong(where, "give either 'value' or 'record'")
            return Parameter(key, 0.0)
        if "value" in spec:
            told, amount = self._cited(where, spec), float(Decimal(spec["value"]))
        else:
            factor = self._record(f"{where}.record", spec["record"])
            if factor is None:
                return Parameter(key, 0.0)
            above, _, below = spec["unit"].partition("/")
            told, amount = self._told(factor), self._per_unit(f"{where}.unit", factor, above, below)
        return Parameter(key, amount, comment=f"{spec['unit']}; {told}")

    def _number(self, where: str, spec: Spec, values: Mapping[str, float], per: str = "") -> tuple[float, str]:
        """Return an amount and where it comes from; ``per`` is what a record's emission is per."""
        given = [key for key in ("amount", "record", "formula") if key in spec]
        if len(given) != 1 or (given == ["record"] and not per):
            self.wrong(where, f"give one of 'amount', 'formula'{', or record' if per else ''}")
            return 0.0, ""
        if "amount" in spec:
            return float(Decimal(spec["amount"])), self._cited(where, spec)
        if "record" in spec:
            factor = self._record(f"{where}.record", spec["record"])
            if factor is None:
                return 0.0, ""
            output = float(Decimal(self.spec.get("amount", "1")))
            return output * self._per_unit(where, factor, spec["unit"], per), self._told(factor)
        try:
            return evaluate(spec["formula"], values), ""
        except ValueError as error:
            self.wrong(f"{where}.formula", f"no formula of its parameters and whole numbers: {error}")
            return 0.0, ""

    # --- exchanges -------------------------------------------------------------------------------

    def _emission(self, gas: str, spec: Spec, values: Mapping[str, float]) -> Exchange:
        where = f"emissions.{gas}"
        if gas not in _gases():
            self.wrong(where, f"not among {', '.join(_gases())}")
        amount, told = self._number(where, spec, values, self.spec["unit"])
        recorded = self.of.library.factors.get(spec.get("record", ""))
        if recorded is not None and recorded.gas != gas.partition("_")[0]:
            self.wrong(f"{where}.record", f"is of {recorded.gas}")
        scale = self._to_reference(where, spec["unit"], "kg")
        formula = spec.get("formula", "")
        return Exchange(gas, gas, amount, spec["unit"], False, scale, formula=formula, comment=told)

    def _input(self, supplier: str, spec: Spec, values: Mapping[str, float]) -> Exchange:
        where = f"inputs.{supplier}"
        amount, told = self._number(where, spec, values)
        flow = self.of.flows.get(supplier)
        if flow is None:
            self.wrong(where, "there is no such process")
            return Exchange(supplier, supplier, amount, spec["unit"], is_input=True)
        self._note_place(flow)
        return Exchange(
            id=supplier,
            flow=supplier,
            amount=amount,
            unit=spec["unit"],
            is_input=True,
            to_reference=self._to_reference(where, spec["unit"], flow.unit),
            provider=supplier,
            formula=spec.get("formula", ""),
            comment=told,
        )

    def _note_place(self, supplied: Flow) -> None:
        """Tell a supplier that is not of the process's own place: it stands in for one that nobody published."""
        places = self.of.library.geographies
        if self.spec["location"] not in places or supplied.location in ("", self.spec["location"]):
            return
        is_wider = supplied.location in places.path(self.spec["location"])
        code = "supplier-of-wider-place" if is_wider else "supplier-of-another-place"
        place = places.by_code[supplied.location]
        params = {
            "supplier_zh": supplied.name_zh,
            "supplier_en": supplied.name,
            "place_zh": place.name_zh,
            "place_en": place.name_en,
        }
        self.of.findings.append(Finding(code, self.spec["en"], params))

    def _excluded(self, key: str, spec: Spec) -> Exchange | None:
        """Return an input that nobody supplies, or tell one whose amount nobody printed."""
        where = f"excluded.{key}"
        said = {f"{part}_{word}": text for word in _words for part, text in _pair(spec, word)}
        if "amount" not in spec or "unit" not in spec:
            if "amount" in spec or "unit" in spec:
                self.wrong(where, "an amount and its unit stand together")
            self.of.findings.append(Finding("input-excluded", self.spec["en"], said))
            return None
        known = self.of.flows.setdefault(key, Flow(key, spec["en"], "product", spec["unit"], name_zh=spec["zh"]))
        if key in self.of.specs:
            self.wrong(where, "is a process: name it under inputs")
        elif known.name != spec["en"]:
            self.wrong(where, f"is '{known.name}' elsewhere")
        told = "; ".join(filter(None, (self._cited(where, spec), said["reason_zh"], said["reason_en"])))
        scale = self._to_reference(where, spec["unit"], known.unit)
        return Exchange(key, key, float(Decimal(spec["amount"])), spec["unit"], True, scale, comment=told)

    def _to_reference(self, where: str, unit: str, wanted: str) -> float:
        try:
            return float(multiplier(unit, wanted))
        except FactorsError as error:
            self.wrong(f"{where}.unit", str(error))
            return 1.0


def _pair(spec: Spec, word: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("input", spec[word]), ("reason", spec["reason"][word])
