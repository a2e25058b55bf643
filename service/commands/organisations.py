"""``tanji organisation``: organisations, their sites and closed periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from service import i18n
from service.accounts.rights import CAPACITIES
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Group, help=N_("Organisations, their sites and closed periods."))
def organisation() -> None:
    """Commands on organisations."""


@organisation.command("list", help=N_("List the organisations."))
@base.json_option
def list_(as_json: bool) -> None:
    """List organisations."""
    from service.accounts import actions

    with base.session(write=False) as session:
        rows = [asdict(actions.value_of(row)) for row in actions.organisations(session, actions.HOUSE)]
    shown = ((row["code"], i18n.by_language(row["name_zh"], row["name_en"]), row["approach"]) for row in rows)
    base.emit(rows, as_json, lambda: base.table(shown))


@organisation.command(help=N_("Create an organisation."))
@click.argument("code")
@option("--name-zh", required=True, help=N_("Name in Chinese."))
@option("--name-en", default="", help=N_("Name in English."))
@option("--parent", default="", help=N_("Code of the group it belongs to."))
@base.json_option
def add(code: str, name_zh: str, name_en: str, parent: str, as_json: bool) -> None:
    """Create an organisation."""
    from lca import ledger
    from service.accounts import actions
    from service.fields import ORGANISATION
    from service.schemas import schema

    given = {"code": code, "name_zh": name_zh, "name_en": name_en}
    data = ledger.Organisation(**base.checked(schema("NewOrganisation", ORGANISATION)(), given))
    with base.session(write=True) as session:
        row = actions.create(session, actions.HOUSE, data, base.now(), parent=parent)
        made = asdict(actions.value_of(row))
    base.emit(made, as_json, lambda: [base.say(N_("organisation %(code)s created"), code=code)])


@organisation.command(
    help=N_("Let an organisation stand as something more: a lead, a certification body, a curator, and so on.")
)
@click.argument("code")
@click.argument("capacity", type=click.Choice(list(CAPACITIES)))
def capacity(code: str, capacity: str) -> None:
    """Give an organisation a capacity."""
    from service.accounts import people

    with base.session(write=True) as session:
        people.give_capacity(session, base.acting(session, code), capacity, base.now())
    click.echo(base.say(N_("%(code)s stands as %(capacity)s now"), code=code, capacity=capacity))


@organisation.command(help=N_("Show an organisation, its companies and sites."))
@click.argument("code")
@base.json_option
def show(code: str, as_json: bool) -> None:
    """Show an organisation."""
    from service.accounts import actions
    from service.activities import actions as activities
    from service.activities.store.records import site_value

    with base.session(write=False) as session:
        actor = base.acting(session, code)
        data: dict[str, Any] = asdict(actions.value_of(actions.show(session, actor)))
        data["companies"] = [row.code for row in actions.organisations(session, actor) if row.code != code]
        data["sites"] = [asdict(site_value(row)) for row in activities.sites(session, actor)]
    base.emit(data, as_json, lambda: _shown(data))


def _shown(data: dict[str, Any]) -> Iterator[str]:
    yield from base.pairs({name: value for name, value in data.items() if name != "sites"})
    yield from base.table(
        (site["code"], site["name_zh"], site["region"], site["share_percent"]) for site in data["sites"]
    )


@organisation.command(help=N_("Add a site, or change one with a reason."))
@click.argument("code")
@click.argument("site")
@option("--name-zh", required=True, help=N_("Name in Chinese."))
@option("--name-en", default="", help=N_("Name in English."))
@option("--region", required=True, help=N_("Place: CN-GD, 广东 …"))
@option("--share", "share_percent", default="100", show_default=True, help=N_("Share of it in per cent."))
@option("--entity", default="", help=N_("Legal entity it belongs to."))
@base.reason_option
def site(code: str, site: str, reason: str, **given: str) -> None:
    """Add or change a site."""
    from lca import ledger
    from service.activities import actions
    from service.fields import SITES
    from service.schemas import schema

    data = base.checked(schema("NewSite", SITES)(), {"code": site, **given})
    data["region"] = base.library().geographies.resolve(data["region"])
    with base.session(write=True) as session:
        actions.put_site(session, base.acting(session, code), ledger.Site(**data), base.now(), reason=reason)
    click.echo(base.say(N_("site %(site)s of %(code)s is held"), site=site, code=code))


@organisation.command(help=N_("Close a period: nothing in it changes until it is reopened."))
@click.argument("code")
@option("--from", "start", required=True, type=DAY, help=N_("First day."))
@option("--to", "end", required=True, type=DAY, help=N_("Last day."))
def close(code: str, start: datetime, end: datetime) -> None:
    """Close a period."""
    from service.activities import actions

    with base.session(write=True) as session:
        row = actions.close_period(session, base.acting(session, code), start.date(), end.date(), base.now())
        number = row.id
    click.echo(base.say(N_("period %(number)s closed"), number=number))


@organisation.command(help=N_("Open a closed period again, with a reason."))
@click.argument("code")
@click.argument("number", type=int)
@option("--reason", required=True, help=N_("Why it is opened again."))
def reopen(code: str, number: int, reason: str) -> None:
    """Reopen a period."""
    from service.activities import actions

    with base.session(write=True) as session:
        actions.reopen_period(session, base.acting(session, code), number, reason, base.now())
    click.echo(base.say(N_("period %(number)s is open again"), number=number))


@organisation.command(help=N_("List the closed periods."))
@click.argument("code")
@base.json_option
def periods(code: str, as_json: bool) -> None:
    """List closed periods."""
    from service.activities import actions

    with base.session(write=False) as session:
        found = actions.closed_periods(session, base.acting(session, code))
        rows = [{"id": row.id, "start": row.start.isoformat(), "end": row.end.isoformat()} for row in found]
    base.emit(rows, as_json, lambda: base.table((row["id"], row["start"], row["end"]) for row in rows))
