"""``tanji lci``: life-cycle inventory databases, read, checked, scored and written again."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from sqlmodel import Session

    from lca.background import Background
    from lca.dataset import Finding, LciDatabase
    from service.accounts.actions import Actor
    from service.catalogue import brightway

PATH = click.Path(exists=True, path_type=Path)
BRIGHTWAY = "brightway"  # a project of Brightway's, by way of another interpreter
FORMATS = ("jsonld", "ecospold1", "ecospold2", "ilcd", "excel", "csv", "simapro", BRIGHTWAY)
GWP = ("AR4", "AR5", "AR6")
PRINTED = 20
MADE = N_(
    "%(database)s in project %(project)s: %(processes)s processes; elementary flows: %(linked_flows)s of the project, "
    "%(own_flows)s new; %(cut_off)s inputs without supplier"
)

project_option = option("--project", default="", help=N_("Brightway project in the folder; for format brightway."))
python_option = option(
    "--python",
    envvar="TANJI_BRIGHTWAY_PYTHON",
    default="",
    help=N_(
        "Python with bw2data and bw2io, for format brightway (also by TANJI_BRIGHTWAY_PYTHON; see `make brightway`)."
    ),
)
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
@project_option
@option("--database", default="", help=N_("Which database of the Brightway project; its only one by default."))
@python_option
@code_option
@base.reason_option
@base.json_option
def import_(
    *,
    path: Path,
    name_of_format: str | None,
    name: str,
    licence: str,
    project: str,
    database: str,
    python: str,
    code: str,
    reason: str,
    as_json: bool,
) -> None:
    """Import a database."""
    from service.catalogue import brightway, inventories

    if name_of_format == BRIGHTWAY:
        content = brightway.read(brightway.Project(path, project, python), database)
    else:
        content = replace(_content(path, name_of_format or ""), name=path.stem)
    content = replace(content, name=name or content.name, licence=licence or content.licence)
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
    language = i18n.short_language()
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
@option("--out", type=base.OUT, required=True, help=N_("File to write."))
@code_option
def scores(database: str, gwp: str, out: Path, code: str) -> None:
    """Score everything, from one solve."""
    from lca.inert import inert
    from lca.lci_score import scores as compute

    compiled = _background(database, code)
    values = compute(compiled, base.library().gwp_sets[gwp])
    with base.writing(out), out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("process_id", "name", "location", "product", "unit", "kgco2e"))
        writer.writerows(
            (*map(inert, (one.process_id, one.process, one.location, one.name, one.unit)), _score(float(value)))
            for one, value in zip(compiled.products, values, strict=True)
        )
    click.echo(base.say(N_("%(count)s rows written to %(path)s"), count=len(values), path=out))


@lci.command(help=N_("Write a database in a format that other programs read."))
@click.argument("database")
@option("--format", "name", type=click.Choice(("jsonld", "excel", "csv", BRIGHTWAY)), default="jsonld",
        show_default=True, help=N_("Format to write."))  # fmt: skip
@option("--out", type=click.Path(path_type=Path), required=True,
        help=N_("File to write, or the folder of Brightway's projects."))  # fmt: skip
@project_option
@python_option
@code_option
def export(*, database: str, name: str, out: Path, project: str, python: str, code: str) -> None:
    """Export a database."""
    from lca.exporters import write
    from service.catalogue import brightway, inventories

    with _acting(code, write=False) as (session, actor):
        content = inventories.content_of(session, actor, database)
    inventories.may_show(content)
    if name == BRIGHTWAY:
        _written(brightway.write(replace(content, name=database), brightway.Project(out, project, python)), project)
    else:
        path = base.OUT.convert(out, None, click.get_current_context())
        with base.writing(path):
            write(content, path, name)
        click.echo(base.say(N_("written: %(path)s"), path=out))


def _written(done: brightway.Written, project: str) -> None:
    told = dict(done.counts) | {"project": project}
    click.echo(base.say(MADE, **told))
    for line in _finding_lines(done.findings, PRINTED):
        click.echo(base.visible(line), err=True)


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


def _content(path: Path, name_of_format: str) -> LciDatabase:
    """Read a file; one that holds nothing says what became of what is in it."""
    from lca.errors import LciNothingFound
    from lca.importers import read

    try:
        with base.steps(base.say(N_("reading"))) as progress:
            return read(path, name_of_format, progress)
    except LciNothingFound as error:
        for line in _finding_lines(error.findings, PRINTED):
            click.echo(base.visible(line), err=True)
        raise


def _background(database: str, code: str) -> Background:
    """Return a database compiled; one that is shipped needs no SQL."""
    from service.catalogue import inventories

    with _acting(code, write=True) as (session, actor):
        return inventories.background(session, actor, database)


def _text(value: float) -> str:
    from lca.numbers import canonical

    return canonical(value)


def _score(value: float) -> str:
    """Return a score as text, '' where the product has none, or none that a number can hold."""
    return _text(value) if math.isfinite(value) else ""


def _counts(compiled: Background) -> dict[str, Any]:
    from service.catalogue import lci_scores

    return lci_scores.described(compiled)


def _told(data: Mapping[str, Any], compiled: Background) -> Iterator[str]:
    from service.catalogue import lci_told

    yield from base.table((key, str(value)) for key, value in data.items())
    findings = [*lci_told.faulty(compiled), *compiled.findings]
    yield from _finding_lines(findings, PRINTED)
    if len(findings) > PRINTED:
        more = len(findings) - PRINTED
        yield base.say(N_("… and %(count)s more: tanji lci check %(name)s"), count=more, name=data["name"])


def _finding_lines(findings: Sequence[Finding], most: int) -> Iterator[str]:
    from service.catalogue import lci_told

    for told in map(lci_told.told, findings[:most]):
        yield f"{told['where']}: {told[i18n.short_language()]}"


def _score_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['product']}  ({data['name']}, {data['location']})"
    yield f"{data['kgco2e']} kg CO2e/{data['unit']}  {data['gwp_set']}"
    yield from base.table(sorted(data["by_gas_kg"].items()))
    yield from base.table((one["process"], one["kgco2e"]) for one in data["contributions"])
    for one in data["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=one[i18n.short_language()])
