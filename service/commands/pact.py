"""``tanji pact``: footprints between this organisation and its partners, as the PACT specifications say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from service.exchange.pact.client import Login
    from service.exchange.pact.models import Partner
    from service.exchange.pact.transport import Http

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
VERSION = option("--version", type=click.Choice(["3", "2"]), default="3", help=N_("Version of the specification."))
CLIENT_ID = option("--client-id", default="", help=N_("Who we are at the partner's host."))
SECRET = option(
    "--client-secret", default="", envvar="TANJI_PACT_SECRET", help=N_("Our secret there (also by TANJI_PACT_SECRET).")
)
AUTH_URL = option("--auth-url", default="", help=N_("Where tokens are given, if not at the host itself."))
SHOWN = ("id", "status", "companyName", "productNameCompany")


@click.group(cls=Group, help=N_("Exchange footprints with partners as PACT says: publish, ask, fetch, deliver, check."))
def pact() -> None:
    """Commands of the exchange."""


def _http() -> Http:
    from service.exchange.pact.transport import Http

    return Http(base.settings().pact_private_hosts)


def _login(base_url: str, client_id: str, client_secret: str, auth_url: str, version: str) -> Login:
    from service.exchange.pact.client import Login

    return Login(base_url.rstrip("/"), client_id, client_secret, auth_url, version)


def _source(version: str = "3") -> str:
    return f"{base.settings().base_url}/{version}/events"


@pact.command(help=N_("List the footprints of a host, with what is wrong with them; no database is needed."))
@click.argument("base_url")
@CLIENT_ID
@SECRET
@AUTH_URL
@VERSION
@option("--filter", "filters", multiple=True, help=N_("A criterion, NAME=VALUE; several are possible."))
@base.json_option
def fetch(
    *, base_url: str, client_id: str, client_secret: str, auth_url: str, version: str, filters: Sequence[str],
    as_json: bool,
) -> None:  # fmt: skip
    """Fetch footprints."""
    from lca.pact_check import problems
    from service.exchange.pact.client import Client

    query: dict[str, list[str]] = {}
    for one in filters:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(one)
        query.setdefault(name, []).append(value)
    client = Client(_login(base_url, client_id, client_secret, auth_url, version), _http())
    found = [
        {"footprint": one, "problems": [str(flaw) for flaw in problems(one, version)]}
        for one in client.footprints(query)
    ]
    base.emit(found, as_json, lambda: _fetched(found))


def _fetched(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from base.table([str(one["footprint"].get(key, "")) for key in SHOWN] for one in found)
    for one in found:
        for text in one["problems"]:
            yield f"{one['footprint'].get('id', '')}: {text}"


@pact.command("serve-check", help=N_("Ask a host, ours unless another is named, whether it keeps the specification."))
@click.argument("base_url", required=False, default="")
@CLIENT_ID
@SECRET
@AUTH_URL
@VERSION
@base.json_option
@click.pass_context
def serve_check(
    ctx: click.Context, *, base_url: str, client_id: str, client_secret: str, auth_url: str, version: str, as_json: bool
) -> None:
    """Check a host."""
    from service.exchange.pact.check import checked

    login = _login(base_url or base.settings().base_url, client_id, client_secret, auth_url, version)
    found = list(checked(login, _http()))
    told = [{"question": base.say(one.question), "problem": one.problem} for one in found]
    base.emit(told, as_json, lambda: base.table([("✗" if one["problem"] else "✓", *one.values()) for one in told]))
    ctx.exit(1 if any(one.problem for one in found) else 0)


@pact.command(help=N_("Publish a frozen footprint; what was published of the product before is deprecated."))
@click.argument("identifier")
@base.organisation_option
@option("--said", type=FILE, required=True, help=N_("YAML or JSON file of what is stated beside the footprint."))
@base.json_option
def publish(*, identifier: str, code: str, said: Path, as_json: bool) -> None:
    """Publish a footprint."""
    from service.exchange.pact import publishing
    from service.products.model_files import read

    with base.session(write=True) as session:
        row = publishing.publish(
            session, base.acting(session, code), identifier, read(said), base.now(), source=_source()
        )
        data = {"id": row.id, "status": row.status, "preceding": json.loads(row.preceding)}
    base.emit(data, as_json, lambda: base.pairs(data))


@pact.command(help=N_("Withdraw a published footprint, for good."))
@click.argument("identifier")
@base.organisation_option
@option("--reason", required=True, help=N_("Why it is withdrawn."))
@base.json_option
def deprecate(*, identifier: str, code: str, reason: str, as_json: bool) -> None:
    """Deprecate a footprint."""
    from service.exchange.pact import publishing

    with base.session(write=True) as session:
        actor = base.acting(session, code)
        row = publishing.deprecate(session, actor, identifier, reason, base.now(), source=_source())
        data = {"id": row.id, "status": row.status}
    base.emit(data, as_json, lambda: base.pairs(data))


@pact.command(help=N_("List what is published."))
@base.organisation_option
@base.json_option
def published(*, code: str, as_json: bool) -> None:
    """List published footprints."""
    from service.exchange.pact import publishing

    with base.session(write=False) as session:
        rows = [
            {"id": row.id, "product": row.product, "footprint": row.footprint_id, "status": row.status}
            for row in publishing.published(session, base.acting(session, code))
        ]
    base.emit(rows, as_json, lambda: base.table(tuple(row.values()) for row in rows))


@pact.command(help=N_("Register a partner, or describe it otherwise: its host, our sign-in there, what it may see."))
@click.argument("partner")
@base.organisation_option
@option("--name", default="", help=N_("Its name."))
@option("--base-url", default="", help=N_("Address of its host; without one it only fetches."))
@CLIENT_ID
@SECRET
@AUTH_URL
@VERSION
@option("--uses", default="", help=N_("Id of the API client of ours that it signs in by; its scope is pact."))
@option("--sees", multiple=True, help=N_("A product that it may see, '*' for all; several are possible."))
@base.reason_option
@base.json_option
def connect(
    *, partner: str, code: str, name: str, base_url: str, client_id: str, client_secret: str, auth_url: str,
    version: str, uses: str, sees: tuple[str, ...], reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Register a partner."""
    from service import sealing
    from service.exchange.pact import partners

    seal = sealing.of_partners(base.settings().data)
    given = partners.NewPartner(
        partner, name or partner, version, base_url, auth_url, client_id, client_secret, uses, sees
    )
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        if any(row.code == partner for row in partners.partners(session, actor)):
            row = partners.change(session, actor, given, reason, seal, base.now())
        else:
            row = partners.add(session, actor, given, seal, base.now())
        data = _described(row)
    base.emit(data, as_json, lambda: base.pairs(data))


@pact.command("partners", help=N_("List the partners."))
@base.organisation_option
@base.json_option
def partners_(*, code: str, as_json: bool) -> None:
    """List partners."""
    from service.exchange.pact import partners

    with base.session(write=False) as session:
        rows = [_described(row) for row in partners.partners(session, base.acting(session, code))]
    base.emit(rows, as_json, lambda: base.table((row["code"], row["name"], row["base_url"]) for row in rows))


def _described(row: Partner) -> dict[str, Any]:
    """Return a partner as it is shown: without our secret."""
    keys = ("code", "name", "version", "base_url", "auth_url", "client_id", "api_client_id")
    return {
        **{key: getattr(row, key) or "" for key in keys},
        "sees": json.loads(row.sees),
        "is_ended": row.ended is not None,
    }


@pact.command(help=N_("Send a partner nothing more, and let it see nothing more."))
@click.argument("partner")
@base.organisation_option
@option("--reason", required=True, help=N_("Why the exchange ends."))
def disconnect(*, partner: str, code: str, reason: str) -> None:
    """End a partner."""
    from service.exchange.pact import partners

    with base.session(write=True) as session:
        partners.end(session, base.acting(session, code), partner, reason, base.now())


@pact.command(help=N_("Ask a partner for footprints by an event; its answer comes as one."))
@click.argument("partner")
@base.organisation_option
@option("--criteria", default="{}", help=N_("JSON of the criteria; of version 2 with its pf."))
@base.json_option
def request(*, partner: str, code: str, criteria: str, as_json: bool) -> None:
    """Request footprints."""
    from service.exchange.pact import outbox

    asked = base.document("--criteria", criteria.encode())
    with base.session(write=True) as session:
        row = outbox.request(session, base.acting(session, code), partner, asked, base.now(), source=_source())
        data = {"event": row.event_id, "state": row.state}
    base.emit(data, as_json, lambda: base.pairs(data))


@pact.command(help=N_("Send the events that are due, and fetch what partners published."))
@base.json_option
def deliver(as_json: bool) -> None:
    """Work off the outbox."""
    from service import db, sealing
    from service.exchange.pact import delivery

    send = delivery.sender(_http(), sealing.of_partners(base.settings().data))
    database = db.connect(base.settings())
    try:
        database.check()
        with db.answering():
            found = delivery.deliver_due(database, base.now(), send)
    finally:
        database.dispose()
    data = [{"problem": one.problem, "is_final": one.is_final} for one in found]
    base.emit(data, as_json, lambda: [base.say(N_("%(count)s events"), count=len(data)), *_problems(data)])


def _problems(data: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in data:
        if one["problem"]:
            yield str(one["problem"])


@pact.command("events", help=N_("List the events from and to a partner."))
@click.argument("partner")
@base.organisation_option
@base.json_option
def events_(*, partner: str, code: str, as_json: bool) -> None:
    """List events."""
    from service.exchange.pact import outbox

    keys = ("direction", "kind", "state", "attempts", "event_id", "problem")
    with base.session(write=False) as session:
        found = outbox.listed(session, base.acting(session, code), partner)
        rows = [{key: getattr(row, key) for key in keys} for row in found]
    base.emit(rows, as_json, lambda: base.table(tuple(row.values()) for row in rows))


@pact.command(help=N_("List the footprints that partners sent, with what is wrong with them."))
@base.organisation_option
@option("--partner", default="", help=N_("Of one partner only."))
@base.json_option
def received(*, code: str, partner: str, as_json: bool) -> None:
    """List received footprints."""
    from service.exchange.pact import received

    with base.session(write=False) as session:
        rows = [
            {
                "number": row.id,
                "id": row.pf_id,
                "status": row.status,
                "problems": json.loads(row.problems),
                "footprint": row.document,
            }
            for row in received.received(session, base.acting(session, code), partner)
        ]
    data = [{**row, "footprint": json.loads(row["footprint"])} for row in rows]
    keys = ("number", "id", "status")
    base.emit(data, as_json, lambda: base.table((*(one[key] for key in keys), len(one["problems"])) for one in data))
