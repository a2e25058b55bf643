"""``tanji lci``: life-cycle inventory databases, read, checked, scored and written again."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from sqlmodel import Session

    from lca.background import Background
    from service.accounts.actions import Actor

PATH = click.Path(exists=True, path_type=Path)
FORMATS = ("jsonld", "ecospold1", "ecospold2", "ilcd", "excel", "csv", "simapro")
GWP = ("AR4", "AR5", "AR6")
PRINTED = 20

code_option = option("--organisation", "code", default="", help=N_("For this organisation alone; else for everyone."))
gwp_option = option("--gwp", type=click.Choice(GWP), default="AR6", show_default=True, help=N_("GWP set."))


@click.group(cls=Group, help=N_("Import, list, show, check, score and export life-cycle inventories."))
def lci() -> None:
    """Commands on life-cycle inventories."""


@contextmanager
def _acting(code: str, *, write: bool) -> Iterator[tuple[Session, Actor]]:
    from service.accounts.actions import HOUSE

    with base.session(write=write) as session:
        yield session, base.acting(session, code) if code else HOUSE


@lci.command("import", help=N_("Read a file or folder, check it, and store it under a name."))
@click.argument("path", type=PATH)
@option(
    "--format", "name_of_format", type=click.Choice(FORMATS), default=None, help=N_("Its format, if not found out.")
)
@option("--name", default="", help=N_("What to call the database; the name of the file by default."))
@option("--licence", default="", help=N_("Its licence, where the file states none."))
@code_option
@base.reason_option
@base.json_option
def import_(
    *, path: Path, name_of_format: str | None, name: str, licence: str, code: str, reason: str, as_json: bool
) -> None:
    """Import a database."""
    from lca.importers import read
    from service.catalogue import inventories

    with base.steps(base.say(N_("reading"))) as progress:
        content = read(path, name_of_format or "", progress)
    content = replace(content, name=name or path.stem, licence=licence or content.licence)
    with _acting(code, write=True) as (session, actor), base.steps(base.say(N_("computing"))) as progress:
        row = inventories.put(session, actor, content, inventories.file_of(path), base.now(), reason=reason)
        compiled = inventories.background(session, actor, content.name, progress)
        stored = {"name": row.name, "content_sha256": row.content_sha256, "format": row.format}
    data = {**stored, **_counts(compiled)}
    base.emit(data, as_json, lambda: _told(data, compiled))
    if len(compiled.faulty) or any(one.is_error for one in compiled.findings):
        raise SystemExit(1)


@lci.command("list", help=N_("List the databases that can be used."))
@code_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List databases."""
    from dataclasses import asdict

    from service.catalogue import inventories

    with _acting(code, write=False) as (session, actor):
        rows = [asdict(one) for one in inventories.listed(session, actor)]
    names = ("name", "owner", "processes", "exchanges", "format", "publisher_version", "licence")
    base.emit(rows, as_json, lambda: base.table([str(row[name]) for name in names] for row in rows))


@lci.command(help=N_("Show a database, or one of its processes with all of its exchanges."))
@click.argument("database")
@click.argument("process", required=False)
@code_option
@base.json_option
def show(database: str, process: str | None, code: str, as_json: bool) -> None:
    """Show a database or a process."""
    from lca.lci_store import plain
    from service.catalogue import inventories

    compiled = _background(database, code)
    content = compiled.system.database
    if process is None:
        data = {
            "name": content.name,
            "source": content.source,
            "licence": content.licence,
            "version": compiled.version,
            **_counts(compiled),
        }
        base.emit(data, as_json, lambda: base.table((key, str(value)) for key, value in data.items()))
        return
    inventories.may_show(content)
    found = content.process(compiled.products[compiled.find(process)].process_id)
    flows = content.flows
    data = plain(found)
    rows = (
        ("←" if one.is_input else "→", flows[one.flow].name, f"{one.amount:.6g}", one.unit, flows[one.flow].category)
        for one in found.exchanges
    )
    head = [(found.name, found.location, found.valid_from, found.source)]
    base.emit(data, as_json, lambda: [*base.table(head), *base.table(rows)])


@lci.command(help=N_("List what is odd in a database: inputs cut off, allocation by rule, unknown greenhouse flows."))
@click.argument("database")
@code_option
@base.json_option
def check(database: str, code: str, as_json: bool) -> None:
    """Check a database; exit code 1 where something is an error."""
    from service.catalogue import lci_scores, lci_told

    findings = lci_scores.findings(_background(database, code))
    rows = [{**lci_told.told(one), "is_error": one.is_error} for one in findings]
    language = base.short_language()
    base.emit(rows, as_json, lambda: (f"{row['where']}: {row[language]}" for row in rows))
    if any(one.is_error for one in findings):
        raise SystemExit(1)


@lci.command(help=N_("Score one process: kg CO2e per unit of what it supplies, by gas and by process."))
@click.argument("database")
@click.argument("process")
@option("--product", default="", help=N_("Which of its products; its quantitative reference by default."))
@gwp_option
@code_option
@base.json_option
def score(database: str, process: str, product: str, gwp: str, code: str, as_json: bool) -> None:
    """Score one process."""
    from service.catalogue import lci_scores

    compiled = _background(database, code)
    found = lci_scores.scored(compiled, compiled.find(process, product), base.library().gwp_sets[gwp])
    data = found | {"database": database}
    base.emit(data, as_json, lambda: _score_lines(data))


@lci.command(help=N_("Score every product of a database into a CSV file."))
@click.argument("database")
@gwp_option
@option("--out", type=click.Path(path_type=Path), required=True, help=N_("File to write."))
@code_option
def scores(database: str, gwp: str, out: Path, code: str) -> None:
    """Score everything, from one solve."""
    from lca.lci_score import scores as compute

    compiled = _background(database, code)
    values = compute(compiled, base.library().gwp_sets[gwp])
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("process_id", "name", "location", "product", "unit", "kgco2e"))
        writer.writerows(
            (one.process_id, one.process, one.location, one.name, one.unit, _score(float(value)))
            for one, value in zip(compiled.products, values, strict=True)
        )
    click.echo(base.say(N_("%(count)s rows written to %(path)s"), count=len(values), path=out))


@lci.command(help=N_("Write a database in a format that other programs read."))
@click.argument("database")
@option("--format", "name", type=click.Choice(("jsonld", "excel", "csv")), default="jsonld", show_default=True,
        help=N_("Format to write."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), required=True, help=N_("File to write."))
@code_option
def export(database: str, name: str, out: Path, code: str) -> None:
    """Export a database."""
    from lca.exporters import write
    from service.catalogue import inventories

    with _acting(code, write=False) as (session, actor):
        content = inventories.content_of(session, actor, database)
    inventories.may_show(content)
    write(content, out, name)
    click.echo(base.say(N_("written: %(path)s"), path=out))


@lci.command(help=N_("Take a database back; it stays in the table and is no longer found."))
@click.argument("database")
@option("--reason", required=True, help=N_("Why it is taken back."))
@code_option
def withdraw(database: str, reason: str, code: str) -> None:
    """Withdraw a database."""
    from service.catalogue import inventories

    with _acting(code, write=True) as (session, actor):
        inventories.take_back(session, actor, database, reason, base.now())
    click.echo(base.say(N_("taken back: %(name)s"), name=database))


def _background(database: str, code: str) -> Background:
    """Return a database compiled; one that is shipped needs no SQL."""
    from service.catalogue import inventories

    with _acting(code, write=True) as (session, actor):
        return inventories.background(session, actor, database)


def _text(value: float) -> str:
    from lca.numbers import canonical

    return canonical(value)


def _score(value: float) -> str:
    """Return a score as text, '' where the product has none."""
    return "" if math.isnan(value) else _text(value)


def _counts(compiled: Background) -> dict[str, Any]:
    from service.catalogue import lci_scores

    return lci_scores.described(compiled)


def _told(data: Mapping[str, Any], compiled: Background) -> Iterator[str]:
    from service.catalogue import lci_told

    yield from base.table((key, str(value)) for key, value in data.items())
    language = base.short_language()
    findings = [*lci_told.faulty(compiled), *compiled.findings]
    for one in findings[:PRINTED]:
        told = lci_told.told(one)
        yield f"{told['where']}: {told[language]}"
    if len(findings) > PRINTED:
        more = len(findings) - PRINTED
        yield base.say(N_("… and %(count)s more: tanji lci check %(name)s"), count=more, name=data["name"])


def _score_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['product']}  ({data['name']}, {data['location']})"
    yield f"{data['kgco2e']} kg CO2e/{data['unit']}  {data['gwp_set']}"
    yield from base.table(sorted(data["by_gas_kg"].items()))
    yield from base.table((one["process"], one["kgco2e"]) for one in data["contributions"])
    for one in data["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=one[base.short_language()])
