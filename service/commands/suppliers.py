"""``tanji supplier``, ``tanji impact``, ``tanji trace``: footprints asked of suppliers, and what rests on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Command, Group, option
from service.i18n import N_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REASON = option("--reason", default="", help=N_("Why; a reader of what rests on it is owed one."))
DECIDED = {"received": N_("waits"), "accepted": N_("accepted"), "rejected": N_("rejected"), "replaced": N_("replaced")}
ENDED = {"": N_("in use"), "corrected": N_("corrected"), "withdrawn": N_("withdrawn"), "superseded": N_("superseded")}
MARKS = {"kept": "✓", "told": "·", "doubted": "?", "refused": "✗"}


@click.group(cls=Group, help=N_("Ask suppliers for footprints, compare their answers, accept what keeps the rules."))
def supplier() -> None:
    """Commands of the supply chain."""


@supplier.command("put", help=N_("Register a supplier, or describe one otherwise."))
@click.argument("supplier_code")
@base.organisation_option
@option("--name-zh", default="", help=N_("Name in Chinese."))
@option("--name-en", default="", help=N_("Name in English."))
@option("--email", default="", help=N_("E-mail to which requests and reminders are sent."))
@option("--contact", default="", help=N_("Whom to speak to."))
@option("--partner", default="", help=N_("Code of the PACT partner that it is."))
@REASON
@base.json_option
def put_supplier(*, supplier_code: str, code: str, reason: str, as_json: bool, **said: str) -> None:
    """Register a supplier."""
    from service.suppliers import actions

    with base.session(write=True) as session:
        given = actions.NewSupplier(supplier_code, **said)
        row = actions.put_supplier(session, base.acting(session, code), given, base.now(), reason=reason)
        data = {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en, "email": row.email}
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("buy", help=N_("Register a product that is bought of a supplier, or describe it otherwise."))
@click.argument("supplier_code")
@click.argument("purchase")
@base.organisation_option
@option("--name-zh", default="", help=N_("Name in Chinese."))
@option("--name-en", default="", help=N_("Name in English."))
@option("--unit", default="kg", show_default=True, help=N_("Unit that footprints are asked per."))
@option("--material", default="", help=N_("Material of the published ranges, such as aluminium_secondary."))
@option("--their-id", default="", help=N_("What the supplier calls it."))
@option("--yearly-amount", default="", help=N_("How much is bought in a year, in the unit."))
@REASON
@base.json_option
def buy(*, supplier_code: str, purchase: str, code: str, reason: str, as_json: bool, **said: str) -> None:
    """Register a bought product."""
    from service.suppliers import actions
    from service.suppliers.comparison import purchase_record

    with base.session(write=True) as session:
        given = actions.NewPurchase(purchase, **said)
        actor = base.acting(session, code)
        row = actions.put_purchase(session, actor, supplier_code, given, base.library(), base.now(), reason=reason)
        data = purchase_record(row)
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("list", help=N_("List suppliers with what is bought of them, and how far requests are."))
@base.organisation_option
@base.json_option
def listed(*, code: str, as_json: bool) -> None:
    """List suppliers and purchases."""
    from service.suppliers import overview

    with base.session(write=False) as session:
        rows = overview.rows(session, base.acting(session, code), base.now())
    base.emit(rows, as_json, lambda: base.table(_listed(rows)))


def _listed(rows: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    yield tuple(
        map(
            base.say,
            (N_("Supplier"), N_("Product"), N_("Unit"), N_("Requests"), N_("Overdue"), N_("Waiting"), N_("In use")),
        )
    )
    for one in rows:
        yield (
            one["supplier"], one["purchase"] or "–", one["unit"], one["open_requests"], one["overdue"], one["waiting"],
            f"{one['in_use']} {one['kgco2e']}".strip() or "–",
        )  # fmt: skip


@supplier.command(help=N_("Ask a supplier for a footprint; prints the link by which it answers."))
@click.argument("purchase")
@base.organisation_option
@option("--method", required=True, help=N_("Method of the footprint, such as pact.3.0."))
@option("--boundary", default="cradle_to_gate", show_default=True, help=N_("System boundary."))
@option("--from", "period_start", required=True, help=N_("First day of the period that is asked for."))
@option("--to", "period_end", required=True, help=N_("Last day of the period that is asked for."))
@option("--deadline", required=True, help=N_("Day until which it is answered."))
@option("--verified", "must_be_verified", is_flag=True, help=N_("Only a verified footprint is accepted."))
@option("--primary", "least_primary_percent", default="", help=N_("Least primary data share, in percent."))
@option("--note", default="", help=N_("A note to the supplier."))
@option("--letter", "language", type=click.Choice(["zh", "en"]), default="zh", help=N_("Language of letters."))
@option("--send", is_flag=True, help=N_("Send it to the supplier by mail."))
@base.json_option
def request(*, code: str, send: bool, as_json: bool, **given: Any) -> None:
    """Ask for a footprint."""
    from service import mail
    from service.audit.kinds import plain
    from service.secret_files import signing_secret
    from service.suppliers import letters, requests

    settings = base.settings()
    key = signing_secret(settings)
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        row, token = requests.ask(session, actor, requests.NewRequest(**given), key, base.now())
        link = letters.address(settings.base_url, token)
        to, subject, text = letters.letter(session, row, link, is_reminder=False)
        data = {"request": row.id, "link": link, "expires": plain(row.expires), "sent_to": ""}
    if send and to and mail.of(settings).send(to, subject, text):
        data["sent_to"] = to
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("requests", help=N_("List what was asked, newest first."))
@base.organisation_option
@base.json_option
def requests_(*, code: str, as_json: bool) -> None:
    """List requests."""
    from service.suppliers import overview

    with base.session(write=False) as session:
        rows = overview.requests_of(session, base.acting(session, code), base.now())
    names = ("id", "purchase", "method", "boundary", "period_start", "period_end", "deadline", "standing")
    base.emit(rows, as_json, lambda: base.table([[str(one[name]) for name in names] for one in rows]))


@supplier.command("renew", help=N_("Make another link of a request; the one before is good no longer."))
@click.argument("number", type=int)
@base.organisation_option
@base.json_option
def renew(*, number: int, code: str, as_json: bool) -> None:
    """Make another link."""
    from service.audit.kinds import plain
    from service.secret_files import signing_secret
    from service.suppliers import letters, requests

    settings = base.settings()
    with base.session(write=True) as session:
        row, token = requests.renew(session, base.acting(session, code), number, signing_secret(settings), base.now())
        data = {"request": row.id, "link": letters.address(settings.base_url, token), "expires": plain(row.expires)}
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("close", help=N_("Ask no longer; the link is good no longer."))
@click.argument("number", type=int)
@base.organisation_option
@REASON
@base.json_option
def close(*, number: int, code: str, reason: str, as_json: bool) -> None:
    """Close a request."""
    from service.suppliers import requests

    with base.session(write=True) as session:
        row = requests.close(session, base.acting(session, code), number, reason, base.now())
        data = {"request": row.id, "reason": row.reason}
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("take", help=N_("Take in what a supplier sent in answer to a request: workbook, CSV, PACT or EPD."))
@click.argument("number", type=int)
@click.argument("file", type=FILE, required=False)
@base.organisation_option
@option("--received", type=int, default=0, help=N_("Number of a footprint that a partner sent by PACT, not a file."))
@base.json_option
def take(*, number: int, file: Path | None, code: str, received: int, as_json: bool) -> None:
    """Take a file, or what a partner sent, in."""
    from service.activities.refusals import Limits
    from service.exchange import taking
    from service.suppliers import answers, requests

    if (file is None) == (received == 0):
        raise click.UsageError(base.say(N_("name a file, or --received")))
    if file is None:
        with base.session(write=True) as session:
            actor = base.acting(session, code)
            data = _answer(session, actor, taking.take(session, actor, number, received, base.now()))
        base.emit(data, as_json, lambda: _answer_lines(data))
        return
    sent = answers.of_file(file, file.name, base.now().date(), Limits(file_bytes=base.settings().max_upload_bytes))
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        row = answers.receive(session, actor, requests.show(session, actor, number), sent, base.now())
        data = _answer(session, actor, row)
    base.emit(data, as_json, lambda: _answer_lines(data))


@supplier.command("give", help=N_("Answer a buyer's request with a frozen footprint of one's own: results, no inputs."))
@click.argument("link")
@click.argument("identifier")
@base.organisation_option
@base.json_option
def give(*, link: str, identifier: str, code: str, as_json: bool) -> None:
    """Answer with an own footprint."""
    from service.suppliers import answers, letters

    with base.session(write=True) as session:
        actor = base.acting(session, code)
        row = answers.give(session, actor, letters.token_in(link), identifier, base.now())
        data = {"request": row.request_id, "footprint": identifier, "document_sha256": row.document_sha256}
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("compare", help=N_("Set the answers for a bought product side by side, with what the rules say."))
@click.argument("purchase")
@base.organisation_option
@base.json_option
def compare(*, purchase: str, code: str, as_json: bool) -> None:
    """Compare answers."""
    from service.suppliers.comparison import compared

    with base.session(write=False) as session:
        data = compared(session, base.acting(session, code), purchase, base.library(), base.now().date())
    base.emit(data, as_json, lambda: _compared(data))


@supplier.command("accept", help=N_("Take an answer into use, if it keeps every rule; doubts need a reason."))
@click.argument("number", type=int)
@base.organisation_option
@REASON
@base.json_option
def accept(*, number: int, code: str, reason: str, as_json: bool) -> None:
    """Accept an answer."""
    from service.suppliers import answers
    from service.suppliers.comparison import accepted_record

    with base.session(write=True) as session:
        actor = base.acting(session, code)
        _, made = answers.accept(session, actor, number, base.library(), base.now(), reason=reason)
        data = accepted_record(made)
    base.emit(data, as_json, lambda: _accepted(data))


@supplier.command("reject", help=N_("Refuse an answer; the supplier reads the reason by its link."))
@click.argument("number", type=int)
@base.organisation_option
@REASON
@base.json_option
def reject(*, number: int, code: str, reason: str, as_json: bool) -> None:
    """Reject an answer."""
    from service.suppliers import answers

    with base.session(write=True) as session:
        row = answers.reject(session, base.acting(session, code), number, base.library(), base.now(), reason=reason)
        data = {"answer": row.id, "state": row.state, "reason": row.reason}
    base.emit(data, as_json, lambda: base.pairs(data))


@supplier.command("withdraw", help=N_("Take an accepted footprint out of use; what contains it is flagged."))
@click.argument("identifier")
@base.organisation_option
@REASON
@base.json_option
def withdraw(*, identifier: str, code: str, reason: str, as_json: bool) -> None:
    """Withdraw an accepted footprint."""
    from service.products import accepted
    from service.suppliers.comparison import accepted_record

    with base.session(write=True) as session:
        row = accepted.withdraw(session, base.acting(session, code), identifier, reason, base.now())
        data = accepted_record(row)
    base.emit(data, as_json, lambda: _accepted(data))


@click.command(cls=Command, help=N_("Show everything that contains a footprint: models, studies, reports, buyers."))
@click.argument("identifier")
@base.organisation_option
@base.json_option
def impact(*, identifier: str, code: str, as_json: bool) -> None:
    """Show what contains a footprint."""
    from service.exchange import tracing

    with base.session(write=False) as session:
        data = tracing.impact(session, base.acting(session, code), identifier)
    base.emit(data, as_json, lambda: _impact(data))


@click.command(cls=Command, help=N_("Show what a frozen footprint rests on, down to records, documents and digests."))
@click.argument("identifier")
@base.organisation_option
@base.json_option
def trace(*, identifier: str, code: str, as_json: bool) -> None:
    """Show what a footprint rests on."""
    from service.exchange import tracing

    with base.session(write=False) as session:
        data = tracing.trace(session, base.acting(session, code), identifier)
    base.emit(data, as_json, lambda: _traced(data))


# --- for people ----------------------------------------------------------------------------------


def _answer(session: Any, actor: Any, row: Any) -> dict[str, Any]:
    from service.suppliers import comparison

    return comparison.shown(session, actor, row, base.library(), base.now().date())


def _accepted(data: Mapping[str, Any]) -> Iterator[str]:
    return base.pairs({key: value for key, value in data.items() if key != "footprint"})


def _answer_lines(data: Mapping[str, Any]) -> Iterator[str]:
    one = data["footprint"]
    yield base.say(N_("answer %(id)s to request %(request)s: %(kgco2e)s kg CO2e/%(unit)s, %(state)s"),
                   id=data["id"], request=data["request"], kgco2e=one["kgco2e"], unit=one["unit"],
                   state=base.say(DECIDED[data["state"]]))  # fmt: skip
    language = i18n.short_language()
    yield from (f"  {MARKS[check['verdict']]} {check[language]}" for check in data["checks"])


def _compared(data: Mapping[str, Any]) -> Iterator[str]:
    bought = data["purchase"]
    yield f"{bought['code']}  {i18n.by_language(bought['name_zh'], bought['name_en'] or bought['name_zh'])}"
    if data["range"]:
        yield base.say(N_("published range: %(low)s to %(high)s kg CO2e/%(unit)s, median %(median)s"), **data["range"])
    if data["in_use"]:
        used = data["in_use"]
        number, unit = used["footprint"]["kgco2e"], used["footprint"]["unit"]
        yield base.say(N_("in use: %(code)s, %(kgco2e)s kg CO2e/%(unit)s, until %(until)s"),
                       code=used["code"], kgco2e=number, unit=unit, until=used["valid_until"] or "–")  # fmt: skip
    for one in data["answers"]:
        yield from _answer_lines(one)


def _impact(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['footprint']}  {base.say(ENDED[data['end_kind']])} {data['end_reason']}".strip()
    for model in data["models"]:
        yield base.say(N_("model of %(product)s, version %(version)s"), **model)
    for study in data["studies"]:
        yield base.say(N_("footprint %(id)s: %(total_kgco2e)s kg CO2e"), **study)
        if "of_it_kgco2e" in study:
            yield "  " + base.say(N_("of it %(of_it_kgco2e)s kg CO2e by this footprint"), **study)
        for report in study["reports"]:
            yield "  " + base.say(N_("report %(report)s (%(language)s)"), **report)
        for one in study["published"]:
            yield "  " + base.say(N_("published as %(id)s (%(status)s)"), **one)
    for buyer in [*data["given_to"], *(one for study in data["studies"] for one in study["given_to"])]:
        name, state = i18n.by_language(buyer["buyer_zh"], buyer["buyer_en"]), base.say(DECIDED[buyer["state"]])
        yield base.say(N_("handed to %(buyer)s: %(state)s"), buyer=name, state=state)


def _traced(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['footprint']}  {data['total_kgco2e']} kg CO2e  sha256 {data['snapshot_sha256']}"
    for one in data["lines"]:
        name = i18n.by_language(one["name_zh"], one["name_en"])
        yield f"{one['id']}  {name}  {one['amount']} {one['unit']}  {one['kgco2e']} kg CO2e"
        cited = (f"{one['factor']} {one['factor_unit']}", ", ".join(one["factor_ids"]), one["source"], one["year"])
        yield f"  {'  '.join(part for part in cited if part.strip())}"
        if one["evidence"]:
            yield f"  {one['evidence']}  {one['evidence_sha256']}".rstrip()
        if one.get("supplier"):
            found = one["supplier"]
            said = (found["code"], "sha256", found.get("document_sha256", ""), found.get("from_footprint", ""))
            yield f"  {'  '.join(part for part in said if part)}"
    for flag in data["flags"]:
        yield base.say(N_("warning: the supplier's footprint %(supplier)s was taken out of use (%(reason)s)"), **flag)
