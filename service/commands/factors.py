"""``tanji factors``: the published factors. Only those on own factors need a database."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.commands.own_factors import own
from service.i18n import N_

PATH = click.Path(path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=Group, help=N_("Search, show, match, check, compare, import and export factors."))
def factors() -> None:
    """Commands on the factor library."""


factors.add_command(own)


@factors.command(help=N_("Check every record; everything wrong is listed with file and line."))
@base.json_option
def check(as_json: bool) -> None:
    """Load the library, which refuses a wrong one, and count it."""
    from factors.library import natural_key_clashes

    library = base.library()
    data = {
        "version": library.version,
        "records": len(library.factors),
        "usable": sum(factor.usable for factor in library.factors.values()),
        "sources": len(library.sources),
        "units": len(library.units),
        "names_shared": len(natural_key_clashes(library)),
    }
    base.emit(data, as_json, lambda: [base.say(CHECKED, **data)])


CHECKED = N_(
    "library %(version)s: %(records)s records (%(usable)s may be picked by a series), %(sources)s sources, "
    "%(units)s unit spellings; %(names_shared)s names are shared by several records"
)


@factors.command(help=N_("Search by Chinese, pinyin or its initials, English, place and year: 电力 广东 2023."))
@click.argument("words", nargs=-1, required=True)
@option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help=N_("How many to show."))
@base.json_option
def search(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find records."""
    from service.catalogue import listing

    found = listing.found(base.library(), " ".join(words), limit)
    base.emit(found, as_json, lambda: _listed(found))


def _listed(found: list[dict[str, Any]]) -> Iterator[str]:
    if not found:
        yield base.say(N_("nothing found"))
    shown = (
        (
            row["id"],
            i18n.by_language(row["name_zh"], row["name_en"]),
            row["value"],
            row["unit"],
            row["region"],
            row["year"],
        )
        for row in found
    )
    yield from base.table(shown)


@factors.command(help=N_("Show a record: value, source, licence, and the same quantity in other years."))
@click.argument("identifier")
@base.json_option
def show(identifier: str, as_json: bool) -> None:
    """Show one record."""
    from service.catalogue import listing

    found = listing.detailed(base.library(), identifier)
    base.emit(found, as_json, lambda: _detailed(found))


def _detailed(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['id']}  {i18n.by_language(found['name_zh'], found['name_en'])}"
    yield f"{found['value']} {found['unit']}  ({found['gas']})"
    yield from base.pairs({name: value for name, value in found.items() if name not in SHOWN_ABOVE})
    if found["history"]:
        yield base.say(N_("the same quantity in other years and publications:"))
        yield from base.table((row["year"], row["value"], row["unit"], row["id"]) for row in found["history"])


SHOWN_ABOVE = frozenset({"id", "name_zh", "name_en", "value", "unit", "gas", "history"})


@factors.command(help=N_("Say which value answers an activity, and why."))
@option("--activity", required=True, help=N_("Activity, such as electricity or 天然气."))
@option("--region", required=True, help=N_("Place: CN-GD, 广东, GB …"))
@option("--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help=N_("Day the activity took place."))
@option("--method", default="", help=N_("Method; without one as inventory.ghgp, location-based."))
@option("--purpose", default="inventory", type=click.Choice(["inventory", "footprint"]), help=N_("What it is for."))
@option("--parameter-set", default="", help=N_("Parameter set of a fuel, instead of the method's own order."))
@option("--unit", default="", help=N_("Unit the value shall be per."))
@option("--organisation", "code", default="", help=N_("Lay the own factors of this organisation over the library."))
@base.json_option
def match(
    *,
    activity: str,
    region: str,
    on: datetime,
    method: str,
    purpose: str,
    parameter_set: str,
    unit: str,
    code: str,
    as_json: bool,
) -> None:
    """Match one activity."""
    from lca import answer

    question = answer.Question(activity, region, on.date(), method, purpose, parameter_set, unit)
    found = _with_own(question, code) if code else answer.answer(question, base.library())
    base.emit(found, as_json, lambda: _answer(found))


def _with_own(question: Any, code: str) -> dict[str, Any]:
    from lca import answer
    from service.catalogue import actions

    with base.session(write=False) as session:
        library = base.library()
        return answer.answer(question, library, actions.overlay(session, base.acting(session, code), library))


def _answer(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['factor_id']}  {found['value']} {found['unit']}  ({found['variant']})"
    yield from base.table((row["role"], row["factor_id"], row["value"], row["unit"]) for row in found["parts"])
    if found["candidates"]:
        yield base.say(N_("looked at and not taken:"))
        yield from base.table((row["factor_id"], row["reason"]) for row in found["candidates"])


@factors.command(help=N_("Compare two versions of the library, directories of data or git revisions; HEAD by default."))
@click.argument("old", default="HEAD")
@click.argument("new", default="")
@base.json_option
def diff(old: str, new: str, as_json: bool) -> None:
    """Show what was added, removed and changed."""
    from factors import library
    from service.catalogue import versions

    changes = library.diff(versions.load(old), versions.load(new) if new else base.library())
    data = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    plain = {"added": list(changes.added), "removed": list(changes.removed), "changed": _plain(changes.changed)}
    base.emit(plain, as_json, lambda: _changes(data))


def _plain(changed: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[str, dict[str, list[str]]]:
    return {key: {name: list(pair) for name, pair in fields.items()} for key, fields in changed.items()}


def _changes(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"+ {identifier}" for identifier in data["added"])
    yield from (f"- {identifier}" for identifier in data["removed"])
    for identifier, fields in data["changed"].items():
        yield from (f"  {identifier}: {name}: {before} -> {after}" for name, (before, after) in fields.items())
    counts = {name: len(data[name]) for name in ("added", "removed", "changed")}
    yield base.say(N_("%(added)s added, %(removed)s removed, %(changed)s changed"), **counts)


@factors.command(
    "import", help=N_("Take in a publisher's own file; what is held otherwise is shown, never overwritten.")
)
@click.argument("publisher")
@click.argument("file", type=FILE)
@option("--dry-run", is_flag=True, help=N_("Only show what would be written."))
@option("--data", type=DIRECTORY, default=None, help=N_("Directory of the library to add to, our own by default."))
@base.json_option
def import_(publisher: str, file: Path, dry_run: bool, data: Path | None, as_json: bool) -> None:
    """Import a file; exit code 1 when something must be mended first."""
    from factors import importers, library

    directory = data or library.DATA
    report = importers.import_file(publisher, file, library.load(directory), directory, dry_run=dry_run)
    base.emit(report.as_json(), as_json, lambda: report.text(i18n.short_language()).splitlines())
    if report.is_blocked:
        raise SystemExit(1)


@factors.command(help=N_("Write all records to a CSV file, one row for each record and gas."))
@option("--out", required=True, type=PATH, help=N_("File to write."))
def export(out: Path) -> None:
    """Export the library."""
    from factors import library
    from lca.inert import inert

    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, library.EXPORT_COLUMNS)
        writer.writeheader()
        rows = [{name: inert(cell) for name, cell in row.items()} for row in library.export_rows(base.library())]
        writer.writerows(rows)
    click.echo(base.say(N_("%(count)s rows written to %(path)s"), count=len(rows), path=out))
