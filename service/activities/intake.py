"""Reading a submitted file: everything that is wrong with it at once, or a ledger. Nothing is written.

    intake = read(Path("2025.xlsx"), known=known_from(library))
    if not intake.errors: …  # intake.ledger is complete

XLSX in the form of the template, CSV in the long form (one datum per row), and any CSV or worksheet with a
mapping file. ``progress`` is called with (rows done, rows expected); what it raises
ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from lca.ledger import Ledger, Organisation, Site
from service.activities import textfile
from service.activities.books import read_book
from service.activities.cells import Conventions
from service.activities.columns import HEAD_ROWS
from service.activities.evidence import Proofs
from service.activities.known import Known, Names, known_from
from service.activities.ledgers import build_ledger
from service.activities.mapped import checked, read_mapped
from service.activities.mapping import ColumnMap, load_mapping
from service.activities.measurements import join_measurements
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.run import Progress, Run, Source, Tally
from service.activities.sections import Sections
from service.activities.wholes import Wholes, check_wholes
from service.activities.workbook import is_workbook, open_workbook
from service.fields import ORGANISATION, SITES, Field

__all__ = ["ColumnMap", "Counts", "Intake", "Known", "Limits", "known_from", "load_mapping", "read"]

PREVIEW_ROWS = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows: ``total = loaded + skipped + errors``; ``data`` are the rows of the ledger."""

    total: int = 0
    loaded: int = 0
    skipped: int = 0
    errors: int = 0
    data: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """What reading a file found. ``ledger`` is complete only when there are no errors."""

    path: Path
    source_sha256: str
    ledger: Ledger
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    counts: Counts
    by_sheet: Mapping[str, Counts]
    preview: tuple[Mapping[str, str], ...]
    language: str = "zh"
    mapping: ColumnMap | None = None
    limits: Limits = field(default_factory=Limits)
    headers: Mapping[str, int] = field(default_factory=dict)  # sheet -> row of its header


def read(
    path: Path,
    *,
    mapping: ColumnMap | None = None,
    progress: Progress | None = None,
    language: str = "zh",
    known: Known | None = None,
    limits: Limits | None = None,
) -> Intake:
    """Read a submitted file and check everything in it.

    Whatever is wrong with the content is an entry of ``errors``, not an exception.

    Raises:
        OSError: the file cannot be opened; and whatever ``progress`` raises.
    """
    known, limits = known or known_from(), limits or Limits()
    proofs = Proofs(path, known.evidence, limits)
    run = Run(Names(known, dict(known.sites or {}), proofs), progress=progress)
    sections, sha256 = Sections(), ""
    try:
        sha256 = textfile.fingerprint(path, limits)
        if is_workbook(path):
            read_book(run, sections, open_workbook(path, limits), mapping)
        else:
            _read_text(run, sections, path, mapping)
    except FileRefused as refusal:
        run.findings.add(Problem(refusal.code, refusal.sheet, params=refusal.params))
    ledger = _compare(run, sections, known, proofs)
    if progress is not None:
        progress(run.expected, run.expected)
    by_sheet = {name: _counts(tally) for name, tally in run.tallies.items()}
    totals = _counts(_sum(run.tallies.values()), ledger.rows.height)
    return Intake(
        path=path,
        source_sha256=sha256,
        ledger=ledger,
        errors=_in_order(run, run.findings.errors),
        warnings=_in_order(run, run.findings.warnings),
        counts=totals,
        by_sheet=by_sheet,
        preview=_preview(ledger),
        language=language,
        mapping=mapping,
        limits=limits,
        headers=run.headers,
    )


def _in_order(run: Run, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems as a reader goes through the file: sheet, row, column."""
    order = {name: number for number, name in enumerate(run.tallies)}
    return tuple(sorted(problems, key=lambda p: (order.get(p.sheet, -1), p.row or 0, p.position or 0)))


def _read_text(run: Run, sections: Sections, path: Path, mapping: ColumnMap | None) -> None:
    """Read a CSV file: in the long form, or by its mapping."""
    file = textfile.inspect(path)
    mapping = mapping or ColumnMap()
    separator = mapping.separator or textfile.separator_of(file)
    conventions = Conventions(mapping.decimal_mark, mapping.date_order)
    head = textfile.head(file, separator, HEAD_ROWS)
    source = Source("", head, partial(textfile.frames, file, separator), conventions=conventions)
    run.expected = file.records
    _declared(run, sections, mapping)
    read_mapped(run, source, mapping)
    if file.ends_open:
        run.findings.add(Problem("file-ends-open", row=file.records))


def _declared(run: Run, sections: Sections, mapping: ColumnMap) -> None:
    """Take the organisation and the sites that a mapping file declares."""
    if mapping.organisation:
        sections.organisation = Organisation(**_record(run, "organisation", mapping.organisation, ORGANISATION))
    records = (_record(run, f"sites[{number}]", record, SITES) for number, record in enumerate(mapping.sites))
    sections.sites = tuple(Site(**record) for record in records)
    known = {**(run.names.known.sites or {}), **{site.code: site for site in sections.sites}}
    run.names = Names(run.names.known, known, run.names.evidence)


def _record(run: Run, where: str, said: Mapping[str, str], fields: Sequence[Field]) -> dict[str, str]:
    """Return one record that a mapping declares, checked as a row of its sheet is."""
    found = checked(run, {name: text for name, text in said.items() if text}, {item.name: item for item in fields})
    run.findings.errors.extend(replace(problem, column=f"{where}.{problem.column}") for problem in found.errors)
    return {item.name: found.values.get(item.name) or item.default for item in fields}


def _compare(run: Run, sections: Sections, known: Known, proofs: Proofs) -> Ledger:
    """Hold the rows against each other and make the ledger of those that are left."""
    if run.names.lacks_sites:
        run.findings.add(Problem("sites-missing"))
    whole = Wholes(run.rows, run.tables, run.findings)
    join_measurements(run, whole, sections.measurements)
    check_wholes(whole, run.streams.streams, known.activities, sections.periods)
    for number, count in whole.rows.group_by("sheet").agg(pl.col("count").sum()).iter_rows():
        run.tallies[run.tables[number].sheet].loaded += count
    if not run.findings.errors and not sum(tally.total - tally.skipped for tally in run.tallies.values()):
        run.findings.add(Problem("no-rows"))
    return build_ledger(
        whole.rows,
        run.streams.streams,
        run.tables,
        sections,
        organisation=sections.organisation or known.organisation,
        sites=run.names.sites,
        evidence=proofs.found,
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.total += tally.total
        whole.skipped += tally.skipped
        whole.loaded += tally.loaded
    return whole


def _counts(tally: Tally, data: int = 0) -> Counts:
    return Counts(tally.total, tally.loaded, tally.skipped, tally.errors, data)


def _preview(ledger: Ledger) -> tuple[Mapping[str, str], ...]:
    """Return the first rows as a person would check them."""
    shown = []
    for row in ledger.rows.head(PREVIEW_ROWS).iter_rows(named=True):
        stream = ledger.streams[row["stream"]]
        shown.append(
            {
                "id": row["id"],
                "site": stream.site,
                "activity": stream.activity,
                "name": stream.name,
                "start": str(row["start"]),
                "end": str(row["end"]),
                "amount": row["amount"],
                "unit": stream.unit,
            }
        )
    return tuple(shown)
