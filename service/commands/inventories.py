"""``tanji inventory`` and ``tanji recompute``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Command, Group, option
from service.i18n import N_

if TYPE_CHECKING:
    pass

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
method_option = option(
    "--method", required=True, help=N_("Method, such as inventory.ghgp or inventory.cn_gbt32150.steel.")
)


@click.group(cls=Group, help=N_("Run, list and show greenhouse-gas inventories."))
def inventory() -> None:
    """Commands on inventories."""


@inventory.command(help=N_("Compute and freeze the inventory of a year. The same data change nothing."))
@base.organisation_option
@option("--year", required=True, type=click.IntRange(1990, 2100), help=N_("Calendar year."))
@method_option
@option("--reason", default="", help=N_("Why a new version of an inventory is made."))
@option("--consolidated", is_flag=True, help=N_("Together with the companies of the group."))
@option("--recalculates-base-year", is_flag=True, help=N_("This version takes in the noted changes of the base year."))
@base.json_option
def run(
    code: str,
    year: int,
    method: str,
    reason: str,
    consolidated: bool,
    recalculates_base_year: bool,
    as_json: bool,
) -> None:
    """Run an inventory."""
    from service.calculations import actions

    order = actions.Order(year, method, reason, consolidated, recalculates_base_year)
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        with base.steps(base.say(N_("computing"))) as progress:
            row = actions.run(session, actor, order, base.library(), base.now(), progress)
        found = actions.summary(actions.snapshot(session, actor, row.id))
    base.emit(found, as_json, lambda: _summary(found))


@inventory.command("change", help=N_("Note what would have made the base year differ; runs state and test it."))
@base.organisation_option
@option("--year", required=True, type=click.IntRange(1990, 2100), help=N_("The base year."))
@option(
    "--kind",
    required=True,
    help=N_("structure, outsourcing, method or error; growth and grid_year never ask for a recalculation."),
)
@option("--kgco2e", required=True, help=N_("How much the base year would differ, in kg CO2e; less is negative."))
@option("--reason", required=True, help=N_("What changed."))
@base.json_option
def change(code: str, year: int, kind: str, kgco2e: str, reason: str, as_json: bool) -> None:
    """Note a change of the base year."""
    from service.calculations import actions

    with base.session(write=True) as session:
        row = actions.note_change(session, base.acting(session, code), year, kind, kgco2e, reason, base.now())
        said = {"year": row.year, "kind": row.kind, "kgco2e": row.kgco2e, "reason": row.reason}
    base.emit(said, as_json, lambda: [base.say(N_("noted for %(year)s: %(kind)s, %(kgco2e)s kg CO2e"), **said)])


@inventory.command("list", help=N_("List the inventories of an organisation, newest first."))
@base.organisation_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List inventories."""
    from service.calculations import actions

    with base.session(write=False) as session:
        rows = [_row(row) for row in actions.inventories(session, base.acting(session, code))]
    base.emit(rows, as_json, lambda: base.table((row["id"], row["total_kgco2e"], row["superseded_by"]) for row in rows))


def _row(row: Any) -> dict[str, Any]:
    names = ("id", "year", "method", "version", "reason", "state", "total_kgco2e")
    said = {name: getattr(row, name) for name in names}
    return {**said, "created": row.created.isoformat(), "superseded_by": row.superseded_by or ""}


@inventory.command(help=N_("Show an inventory, or one of its lines as a sum with every operand."))
@click.argument("identifier")
@option("--trace", "line", default="", help=N_("Line to write out as a sum: L001."))
@base.json_option
def show(identifier: str, line: str, as_json: bool) -> None:
    """Show an inventory."""
    from service.calculations import actions

    with base.session(write=False) as session:
        actor = base.holder(
            session,
            N_("inventory"),
            identifier,
            lambda one: identifier in {row.id for row in actions.inventories(session, one)},
        )
        if line:
            text = actions.trace(session, actor, identifier, line, i18n.short_language())
            base.emit({"line": line, "trace": text}, as_json, lambda: [text])
            return
        found = actions.summary(actions.snapshot(session, actor, identifier))
    base.emit(found, as_json, lambda: _summary(found))


@inventory.command(help=N_("Compute the inventory of a file without any database; nothing is stored."))
@click.argument("file", type=FILE)
@method_option
@option("--map", "mapping", type=FILE, default=None, help=N_("Mapping file that says how to read the columns."))
@option("--snapshot", type=base.OUT, default=None, help=N_("File to write the snapshot to."))
@base.json_option
def file(file: Path, method: str, mapping: Path | None, snapshot: Path | None, as_json: bool) -> None:
    """Compute from a file."""
    from lca.snapshot import canonical_bytes
    from service.activities import intake, loading
    from service.calculations import actions
    from service.errors import SHOWN, InputInvalid

    columns = intake.load_mapping(mapping) if mapping else None
    known = intake.known_from(base.library())
    read = intake.read(file, mapping=columns, language=i18n.short_language(), known=known)
    if read.errors:
        raise InputInvalid([loading.wrong(problem) for problem in read.errors[:SHOWN]])
    found = actions.of_file(read.ledger, method, base.library(), base.now(), version("tanji"))
    if snapshot is not None:
        with base.writing(snapshot):
            snapshot.write_bytes(canonical_bytes(found.snapshot))
    summary = actions.summary(found.snapshot)
    summary["intake_warnings"] = [problem.as_dict() for problem in read.warnings]
    base.emit(summary, as_json, lambda: _summary(summary))


VIEWS = {
    "location": N_("location-based"),
    "market": N_("market-based"),
    "method": N_("by the method's own structure"),
}


def _summary(found: Mapping[str, Any]) -> Iterator[str]:
    names = (
        ("total_kgco2e", base.say(N_("total (%(view)s)"), view=base.say(VIEWS[found["headline"]]))),
        ("total_location_kgco2e", base.say(N_("location-based"))),
        ("total_market_kgco2e", base.say(N_("market-based"))),
        ("total_method_kgco2e", base.say(N_("by the method's own structure"))),
        ("biogenic_co2_kg", base.say(N_("biogenic CO2, beside the total"))),
    )
    yield base.say(N_("%(id)s  %(method)s  factor library %(library_version)s"), **found)
    yield from base.table((title, found[name], "kg CO2e") for name, title in names)
    by_scope = found["by_scope"]
    scopes = ((base.say(N_("scope %(scope)s"), scope=s), by_scope["location"][s], by_scope["market"][s]) for s in "123")
    yield from base.table([("", base.say(N_("location-based")), base.say(N_("market-based"))), *scopes])
    yield from base.table(
        (row["scope"], i18n.by_language(row["name_zh"], row["name_en"]), row["kgco2e"]) for row in found["by_category"]
    )
    yield from base.table(
        (
            one["id"],
            one["site"],
            " ".join(filter(None, (i18n.by_language(one["name_zh"], one["name_en"]), one["source"]))),
            one["kgco2e"],
            one["variant"],
        )
        for one in found["lines"]
    )
    for warning in found["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=i18n.by_language(warning["zh"], warning["en"]))


@click.command(
    cls=Command, help=N_("Compute a snapshot again from its own operands; exit code 1 when the bytes differ.")
)
@click.argument("snapshot", type=FILE)
@base.json_option
def recompute(snapshot: Path, as_json: bool) -> None:
    """Redo a snapshot."""
    from service.calculations import actions

    raw = snapshot.read_bytes()
    done = actions.recompute(base.document(snapshot.name, raw))
    # The file itself has to be the canonical bytes: one content, one digest.
    given = hashlib.sha256(raw).hexdigest()
    data = {"same": given == done.again, "sha256": given, "again": done.again}
    base.emit(data, as_json, lambda: [base.say(SAME if data["same"] else DIFFERENT, **data)])
    if not data["same"]:
        raise SystemExit(1)


SAME = N_("the same bytes: %(sha256)s")
DIFFERENT = N_("not the same: the file has %(sha256)s, its operands give %(again)s")
