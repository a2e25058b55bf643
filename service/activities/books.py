"""Workbooks: which sheet is which, and in what order they are read."""

from __future__ import annotations

import difflib
from functools import partial

from service.activities import workbook
from service.activities.cells import Conventions
from service.activities.columns import HEAD_ROWS, fold
from service.activities.known import Names
from service.activities.mapped import read_mapped
from service.activities.mapping import ColumnMap
from service.activities.measurements import read_measurements
from service.activities.problems import Problem
from service.activities.refusals import FileRefused
from service.activities.run import Run, Source
from service.activities.sections import (
    Sections,
    read_exclusions,
    read_instruments,
    read_organisation,
    read_periods,
    read_products,
    read_sites,
)
from service.activities.sheets import LONG_FORM, QUIET, Sheet, sheets
from service.activities.workbook import Workbook


def source_of(book: Workbook, name: str, mapping: ColumnMap | None) -> Source:
    """Return one sheet as a table."""
    conventions = Conventions(
        mapping.decimal_mark if mapping else "", mapping.date_order if mapping else "", book.epoch_1904
    )
    behind = workbook.hidden(book, name)
    head = workbook.head(book, name, HEAD_ROWS)
    return Source(name, head, partial(workbook.frames, book, name, behind), behind, conventions)


def sheet_names() -> dict[str, Sheet]:
    """Return every spelling of a sheet's name, folded."""
    return {fold(name): sheet for sheet in sheets() for name in (sheet.title, sheet.zh, sheet.en, sheet.id)}


def read_book(run: Run, sections: Sections, book: Workbook, mapping: ColumnMap | None) -> None:
    """Read every sheet that the template knows, or the one that a mapping names."""
    if mapping is not None and mapping.declares_columns:
        _read_one(run, book, mapping)
        return
    found = _found(run, book)
    if not found and book.sheets:
        _read_long_form(run, book, mapping)
        return
    run.expected = sum(_rows(book, name) for name in found.values())
    _read_frame(run, sections, book, found, mapping)
    for sheet in sheets():
        if sheet.id in found and sheet.holds_data:
            source = source_of(book, found[sheet.id], mapping)
            run.data(source, run.plan(source, sheet), sheet.id)
    _read_rest(run, sections, book, found, mapping)


def _rows(book: Workbook, name: str) -> int:
    part = book.looked.get(book.parts.get(name, ""))
    return part.last_row if part else 0


def _found(run: Run, book: Workbook) -> dict[str, str]:
    """Return the name of every sheet that is known, by its id; ask back about the others."""
    names = sheet_names()
    found: dict[str, str] = {}
    for name in book.sheets:
        folded = fold(name)
        if folded in names:
            found.setdefault(names[folded].id, name)
    for name in book.sheets:
        if name in found.values() or fold(name) in {fold(quiet) for quiet in QUIET} or not _rows(book, name):
            continue
        close = difflib.get_close_matches(fold(name), names, n=1, cutoff=0.75)
        near = names[close[0]] if close and names[close[0]].id not in found else None
        if found or near:
            params = {"found": name, "near": near.title if near else ""}
            run.findings.add(Problem("sheet-unknown" if near else "sheet-ignored", name, params=params))
    return found


def _read_one(run: Run, book: Workbook, mapping: ColumnMap) -> None:
    """Read the sheet that a mapping explains."""
    name = mapping.sheet or (book.sheets[0] if book.sheets else "")
    if name not in book.sheets:
        raise FileRefused("no-known-sheet", found=", ".join(book.sheets) or "-")
    run.expected = _rows(book, name)
    read_mapped(run, source_of(book, name, mapping), mapping)


def _read_long_form(run: Run, book: Workbook, mapping: ColumnMap | None) -> None:
    """Read the first sheet as the long form, if its header says so."""
    source = source_of(book, book.sheets[0], mapping)
    trial = Run(run.names)
    plan = trial.plan(source, LONG_FORM)
    if len(plan.columns.index) < 2:
        raise FileRefused("no-known-sheet", found=", ".join(book.sheets))
    run.expected = _rows(book, book.sheets[0])
    read_mapped(run, source, mapping or ColumnMap())


def _read_frame(run: Run, sections: Sections, book: Workbook, found: dict[str, str], mapping: ColumnMap | None) -> None:
    """Read what the data refer to: the organisation, its sites, the periods."""
    by_id = {sheet.id: sheet for sheet in sheets()}
    if "organisation" in found:
        source = source_of(book, found["organisation"], mapping)
        sections.organisation = read_organisation(run, source, by_id["organisation"])
        nothing = sections.organisation is None and run.tallies[source.name].errors == 0
        if nothing and run.names.known.organisation is None:
            run.findings.add(Problem("organisation-missing", source.name))
    elif run.names.known.organisation is None:
        run.findings.add(Problem("organisation-missing"))
    if "sites" in found:
        sections.sites = read_sites(run, source_of(book, found["sites"], mapping), by_id["sites"])
        sites = {**(run.names.known.sites or {}), **{site.code: site for site in sections.sites}}
        run.names = Names(run.names.known, sites, run.names.evidence)
    if "periods" in found:
        sections.periods = read_periods(run, source_of(book, found["periods"], mapping), by_id["periods"])


def _read_rest(run: Run, sections: Sections, book: Workbook, found: dict[str, str], mapping: ColumnMap | None) -> None:
    """Read what stands beside the data."""
    by_id = {sheet.id: sheet for sheet in sheets()}
    sources = {id_: source_of(book, found[id_], mapping) for id_ in found if not by_id[id_].holds_data}
    if "fuel_properties" in sources:
        sections.measurements = read_measurements(run, sources["fuel_properties"], by_id["fuel_properties"])
    if "products" in sources:
        sections.products = read_products(run, sources["products"], by_id["products"])
    if "instruments" in sources:
        sections.instruments = read_instruments(run, sources["instruments"], by_id["instruments"])
    if "exclusions" in sources:
        sections.exclusions = read_exclusions(run, sources["exclusions"], by_id["exclusions"])
