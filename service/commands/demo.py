"""``tanji demo``: the three demonstration companies, from their workbooks to signed reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import i18n
from service.commands import base
from service.commands.base import Command, option
from service.i18n import N_

if TYPE_CHECKING:
    from sqlmodel import Session

    from service.demo import Demo

PATH = click.Path(path_type=Path)
BUYER = "demo-buyer"


@click.command(
    cls=Command,
    help=N_("Load the demonstration companies, compute and sign their reports. Doing it twice changes nothing."),
)
@option("--out", type=PATH, default=Path("out"), show_default=True, help=N_("Directory of the reports."))
@option(
    "--language",
    "language",
    type=click.Choice(["zh", "en", "both"]),
    default="both",
    help=N_("Language of the reports."),
)
def demo(out: Path, language: str) -> None:
    """Load, compute, sign; each company in a transaction of its own."""
    from service import demo as companies
    from service.activities.intake import known_from

    files = base.settings().data / "demo"
    companies.write_demo(files, known_from(base.library()))
    for one in companies.DEMO:
        with base.session(write=True) as session:
            _load(session, files / one.file)
            _owner(session, one.code, files / "sign-in.txt")
            identifiers = list(_run(session, one))
            footprints = list(_footprints(session, one))
            if any(product.published for product in one.products):
                _buyer(session, one.code, files / "sign-in.txt")
        for identifier in identifiers:
            _report(one.code, identifier, "report", language, out)
        for identifier, documents in footprints:
            for document in documents:
                _report(one.code, identifier, document, language, out)
    with base.session(write=True) as session:
        _supply_chain(session, files / "sign-in.txt")


def _supply_chain(session: Session, file: Path) -> None:
    """Let the lead ask its suppliers: one has answered with its own footprint, the other has a link to answer by."""
    from datetime import timedelta

    from service.calculations import footprint_runs
    from service.demo.orders import YEAR, orders
    from service.secret_files import signing_secret
    from service.suppliers import actions, answers, letters, requests

    said, now, settings = orders()["supply_chain"], base.now(), base.settings()
    buyer = base.acting(session, said["buyer"])
    if actions.suppliers(session, buyer):
        return
    for one in said["suppliers"]:
        actions.put_supplier(session, buyer, actions.NewSupplier(**one["supplier"]), now)
        bought = actions.NewPurchase(**one["purchase"])
        actions.put_purchase(session, buyer, one["supplier"]["code"], bought, base.library(), now)
        deadline = (now + timedelta(days=90)).date().isoformat()
        period = (f"{YEAR}-01-01", f"{YEAR}-12-31")
        given = requests.NewRequest(bought.code, one["method"], *period, deadline, note=one["note"])
        _, token = requests.ask(session, buyer, given, signing_secret(settings), now)
        if "seller" not in one:
            link = letters.address(settings.base_url, token)
            _tell(file, base.say(N_("answer the request of %(code)s at %(link)s"), code=said["buyer"], link=link))
            continue
        seller = base.acting(session, one["seller"])
        own = footprint_runs.versions(session, seller, one["product"], one["method"])[-1]
        row = answers.give(session, seller, token, own.id, now)
        answers.accept(session, buyer, row.id or 0, base.library(), now, reason=one["reason"])


def _load(session: Session, path: Path) -> None:
    from service.accounts import actions as accounts
    from service.activities import intake, loading

    found = intake.read(path, known=intake.known_from(base.library()), language=i18n.short_language())
    said = found.ledger.organisation
    if said.code not in {row.code for row in accounts.organisations(session, accounts.HOUSE)}:
        accounts.create(session, accounts.HOUSE, said, base.now())
    actor = base.acting(session, said.code)
    stored = loading.load(session, actor, found, now=base.now(), directory=base.settings().evidence)
    click.echo(base.say(N_("%(file)s: %(loaded)s rows loaded"), file=path.name, loaded=stored.loaded))


def _owner(session: Session, code: str, file: Path) -> None:
    """Make an owner of a company known, with a password of its own, told now and kept in a file for its owner alone."""
    import secrets

    from service.accounts import actions, people
    from service.errors import CodeTaken

    email, password = f"owner@{code.lower()}.example", secrets.token_urlsafe(12)
    try:
        people.create(session, actions.HOUSE, email, code, password, base.now())
    except CodeTaken:
        return
    people.put_member(session, base.acting(session, code), email, "owner", base.now())
    _tell(file, base.say(N_("sign in as %(email)s with the password %(password)s"), email=email, password=password))


def _buyer(session: Session, code: str, file: Path) -> None:
    """Let a buyer fetch what a company publishes; its sign-in is told now and kept like that of people."""
    from urllib.parse import urlsplit

    from service import sealing
    from service.accounts import clients
    from service.config import is_loopback
    from service.exchange.pact import partners

    actor = base.acting(session, code)
    if any(row.code == BUYER for row in partners.partners(session, actor)):
        return
    client, secret = clients.create(session, actor, BUYER, "pact", base.now())
    given = partners.NewPartner(BUYER, "示范采购方 Demonstration buyer", api_client_id=client.id, sees=("*",))
    partners.add(session, actor, given, sealing.of_partners(base.settings().data), base.now())
    url = base.settings().base_url
    # Whoever fetches refuses private addresses but those that he names.
    hosts = f"TANJI_PACT_PRIVATE_HOSTS={urlsplit(url).netloc} " if is_loopback(urlsplit(url).hostname or "") else ""
    asked = f"{hosts}TANJI_PACT_SECRET={secret} tanji pact fetch {url} --client-id {client.id}"
    _tell(file, base.say(N_("fetch what %(code)s publishes as its partner: %(command)s"), code=code, command=asked))


def _tell(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as held:
        held.write(f"{text}\n")
    click.echo(text)


def _run(session: Session, one: Demo) -> Iterator[str]:
    from service.calculations import actions
    from service.demo.orders import YEAR

    actor = base.acting(session, one.code)
    for method in one.methods:
        # A later program may compute otherwise; then this is a new version, and says why.
        held = any(row.method == method for row in actions.inventories(session, actor, year=YEAR))
        reason = base.say(N_("the program or the demonstration data changed")) if held else ""
        row = actions.run(session, actor, actions.Order(YEAR, method, reason), base.library(), base.now())
        click.echo(f"{row.id}: {row.total_kgco2e} kg CO2e")
        yield row.id


def _footprints(session: Session, one: Demo) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Store the demonstration products of a company, freeze their footprints, and say which documents each gets."""
    from service.calculations import footprint_runs
    from service.exchange.pact import publishing
    from service.products import actions, templates

    actor, url = base.acting(session, one.code), base.settings().base_url
    reason = base.say(N_("the program or the demonstration data changed"))
    for product in one.products:
        now = base.now()
        data = templates.data(product.template) | {"organisation": {"zh": one.name_zh, "en": one.name_en}}
        row = actions.put_model(session, actor, data, product.template, now, reason=reason)
        study = footprint_runs.Study(row.product, product.method, reason)
        found = footprint_runs.run(session, actor, study, base.library(), now)
        click.echo(f"{found.id}: {found.total_kgco2e} kg CO2e / {found.unit}")
        if product.published:
            publishing.publish(session, actor, found.id, product.published, now, source=f"{url}/3/events")
        yield found.id, product.documents


def _report(code: str, identifier: str, document: str, language: str, out: Path) -> None:
    from service.reports import actions

    mark = "" if document == "report" else f"-{document}"
    path = out / f"{identifier}{mark}-{language}.pdf"
    settings, now = base.settings(), base.now()
    with base.session(write=False) as session:
        actor = base.acting(session, code)
        if path.exists() and actions.was_issued(
            session, actor, identifier, language, path.read_bytes(), settings=settings, now=now, document=document
        ):
            return
        signed = actions.prepare(session, actor, identifier, language, settings=settings, now=now, document=document)
    with base.session(write=True) as session:
        actions.report(session, base.acting(session, code), signed, path, now)
    click.echo(base.say(N_("written: %(path)s"), path=path))
