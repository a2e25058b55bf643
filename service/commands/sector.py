"""``tanji sector``: averages of a sector, published so that no company's figures show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

DAY = click.DateTime(["%Y-%m-%d"])
WITHHELD = N_("withheld, for not every company states it: %(names)s")


@click.group(cls=Group, help=N_("Averages of a sector: collect footprints, publish what shows nobody's."))
def sector() -> None:
    """Commands on the sector database."""


@sector.command("open", help=N_("Call for footprints of a product, made by one method over one year (curators)."))
@click.argument("collection")
@base.organisation_option
@option("--category", required=True, help=N_("Id of the product category."))
@option("--name-zh", required=True, help=N_("Name in Chinese."))
@option("--name-en", default="", help=N_("Name in English."))
@option("--unit", required=True, help=N_("Declared unit: kg, kWh, m3 …"))
@option("--method", required=True, help=N_("Method of the footprints."))
@option("--boundary", default="cradle_to_gate", show_default=True, help=N_("System boundary."))
@option("--year", type=click.IntRange(1990, 2100), required=True, help=N_("Year of the data."))
@option("--region", default="GLO", show_default=True, help=N_("Place in which the products are made: CN, CN-HB …"))
@option("--closes", type=DAY, required=True, help=N_("Last day on which something is contributed."))
@option("--licence", required=True, help=N_("Licence under which releases may be used."))
@option("--note", default="", help=N_("What contributors and readers should know."))
@base.json_option
def open_(*, collection: str, code: str, closes: datetime, as_json: bool, **given: Any) -> None:
    """Open a collection."""
    from service.sector import actions
    from service.sector.api import CollectionSchema, NewCollectionSchema

    data = {"code": collection, "closes": closes.date().isoformat(), **given}
    new = actions.NewCollection(**base.checked(NewCollectionSchema(), data))
    with base.session(write=True) as session:
        row = actions.open_collection(session, base.acting(session, code), new, base.library(), base.now())
        made = CollectionSchema().dump(row)
    base.emit(made, as_json, lambda: [base.say(N_("collection %(id)s is open until %(closes)s"), **made)])


@sector.command("list", help=N_("List the collections of all curators."))
@base.organisation_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List collections."""
    from service.sector import actions
    from service.sector.api import CollectionSchema

    with base.session(write=False) as session:
        rows = CollectionSchema(many=True).dump(actions.collections(session, base.acting(session, code)))
    names = ("id", "code", "category", "unit", "method", "year", "closes")
    base.emit(rows, as_json, lambda: base.table([str(row[name]) for name in names] for row in rows))


@sector.command(help=N_("Show a collection: its terms, the contributions that one may see, its releases."))
@click.argument("number", type=int)
@base.organisation_option
@base.json_option
def show(number: int, code: str, as_json: bool) -> None:
    """Show a collection."""
    from service.sector import actions
    from service.sector.api import CollectionSchema, ReleaseSchema, SeenSchema

    with base.session(write=False) as session:
        actor = base.acting(session, code)
        data = {
            "collection": CollectionSchema().dump(actions.collection(session, actor, number)),
            "contributions": SeenSchema(many=True).dump(actions.contributions(session, actor, number)),
            "releases": ReleaseSchema(many=True).dump(actions.releases(session, actor, number)),
        }
    base.emit(data, as_json, lambda: _shown(data))


def _shown(data: Mapping[str, Any]) -> Iterator[str]:
    of = data["collection"]
    yield from base.pairs(of)
    yield from base.table(
        (str(one["id"]), i18n.by_language(one["name_zh"], one["name_en"]), one["amount"], of["unit"],
         one["figures"]["total_kgco2e"], one["state"], one["reason"])
        for one in data["contributions"]
    )  # fmt: skip
    yield from base.table((f"v{one['version']}", one["created"], one["snapshot_sha256"]) for one in data["releases"])


@sector.command(help=N_("Contribute a frozen footprint of one's own with the production of the year."))
@click.argument("number", type=int)
@click.argument("footprint")
@base.organisation_option
@option("--amount", required=True, help=N_("Production of the year in the unit of the collection."))
@option("--evidence", required=True, help=N_("What the production is known by."))
@base.json_option
def contribute(*, number: int, code: str, as_json: bool, **given: str) -> None:
    """Contribute."""
    from service.sector import actions
    from service.sector.api import ContributionSchema, OfferSchema

    offer = actions.Offer(**base.checked(OfferSchema(), given))
    with base.session(write=True) as session:
        row = actions.contribute(session, base.acting(session, code), number, offer, base.now())
        made = ContributionSchema().dump(row)
    base.emit(made, as_json, lambda: [base.say(N_("contribution %(id)s is handed in"), **made)])


@sector.command(help=N_("Take a contribution back; releases that it is in stay as they are."))
@click.argument("contribution", type=int)
@base.organisation_option
@option("--reason", required=True, help=N_("Why it is taken back."))
def withdraw(contribution: int, code: str, reason: str) -> None:
    """Withdraw a contribution."""
    from service.sector import actions

    with base.session(write=True) as session:
        actions.withdraw(session, base.acting(session, code), contribution, reason, base.now())
    click.echo(base.say(N_("contribution %(number)s is withdrawn"), number=contribution))


@sector.command(help=N_("Admit a contribution to one's collection."))
@click.argument("contribution", type=int)
@base.organisation_option
@option("--reason", default="", help=N_("Why it is decided so."))
def admit(contribution: int, code: str, reason: str) -> None:
    """Admit a contribution."""
    _decide(contribution, code, reason, is_admitted=True)
    click.echo(base.say(N_("contribution %(number)s is admitted"), number=contribution))


@sector.command(help=N_("Reject a contribution to one's collection, with a reason."))
@click.argument("contribution", type=int)
@base.organisation_option
@option("--reason", required=True, help=N_("Why it is decided so."))
def reject(contribution: int, code: str, reason: str) -> None:
    """Reject a contribution."""
    _decide(contribution, code, reason, is_admitted=False)
    click.echo(base.say(N_("contribution %(number)s is rejected"), number=contribution))


def _decide(contribution: int, code: str, reason: str, *, is_admitted: bool) -> None:
    from service.sector import actions

    with base.session(write=True) as session:
        actor = base.acting(session, code)
        actions.decide(session, actor, contribution, reason, base.now(), is_admitted=is_admitted)


@sector.command(help=N_("Publish the averages of what is admitted; refused where a company's figures would show."))
@click.argument("number", type=int)
@base.organisation_option
@base.json_option
def release(number: int, code: str, as_json: bool) -> None:
    """Release averages."""
    from service.sector import actions

    with base.session(write=True) as session:
        actor = base.acting(session, code)
        row = actions.release(session, actor, number, base.now())
        data = actions.dataset(session, actor, number, row.version)
    base.emit(data, as_json, lambda: _released(data))


def _released(data: Mapping[str, Any]) -> Iterator[str]:
    content = data["dataset"]
    found = content["averages"]
    yield base.say(N_("version %(version)s of %(companies)s companies: %(total)s kg CO2e / %(unit)s"),
                   total=found["total_kgco2e"], unit=content["collection"]["unit"], **content)  # fmt: skip
    for block in ("by_stage", "parts"):
        yield from base.table(found.get(block, {}).items())
    if found["withheld"]:
        yield base.say(WITHHELD, names=", ".join(found["withheld"]))
    yield data["citation"][i18n.short_language()]


@sector.command(help=N_("Write a release as a data set with its citation, licence and digest."))
@click.argument("number", type=int)
@base.organisation_option
@option("--version", type=click.IntRange(1), required=True, help=N_("Version of the release."))
@option("--out", type=base.OUT, required=True, help=N_("File to write."))
def export(number: int, code: str, version: int, out: Path) -> None:
    """Export a release."""
    from service.sector import actions

    with base.session(write=False) as session:
        data = actions.dataset(session, base.acting(session, code), number, version)
    with base.writing(out):
        out.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(base.say(N_("written: %(path)s"), path=out))


@sector.command(help=N_("Take a released average as a factor of one's own, with its citation as the source."))
@click.argument("number", type=int)
@click.argument("activity")
@base.organisation_option
@option("--version", type=click.IntRange(1), required=True, help=N_("Version of the release."))
@option(
    "--confidence",
    default="medium",
    show_default=True,
    help=N_("How sure it is that the average stands for the activity."),
)
@base.reason_option
def use(*, number: int, activity: str, code: str, version: int, confidence: str, reason: str) -> None:
    """Take a release as a factor."""
    from service.sector import actions

    with base.session(write=True) as session:
        taken = actions.Use(version, activity, confidence)
        row = actions.adopt(
            session, base.acting(session, code), number, taken, base.library(), base.now(), reason=reason
        )
        told = {"factor": row.factor_id, "value": row.value, "unit": row.unit}
    click.echo(base.say(N_("own factor %(factor)s: %(value)s %(unit)s"), **told))
