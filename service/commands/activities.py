"""``tanji activity``: files of activity data and the evidence for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from sqlmodel import Session

    from service.activities.intake import Intake

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PATH = click.Path(path_type=Path)
PRINTED = 20

map_option = option(
    "--map", "mapping", type=FILE, default=None, help=N_("Mapping file that says how to read the columns.")
)
errors_option = option(
    "--errors",
    "errors_file",
    type=PATH,
    default=None,
    help=N_("File to write the rows with what is wrong beside them."),
)
code_option = option(
    "--organisation",
    "code",
    default="",
    help=N_("Code of the organisation, when the file does not say; check then compares with what is held."),
)
method_option = option(
    "--method",
    default="inventory.ghgp",
    show_default=True,
    help=N_("Method whose questions and warnings are shown, by check and before the question whether to store."),
)


@click.group(cls=Group, help=N_("Check and load activity data, write the template, attach evidence."))
def activity() -> None:
    """Commands on activity data."""


@activity.command(help=N_("Check a file; nothing is written to the database."))
@click.argument("file", type=FILE)
@map_option
@code_option
@errors_option
@method_option
@base.json_option
def check(file: Path, mapping: Path | None, code: str, errors_file: Path | None, method: str, as_json: bool) -> None:
    """Read a file and show what is wrong; exit code 1 when something is, or stands in the way."""
    found = _read(file, mapping, code)
    ahead = _ahead(found, code, method)
    base.emit({**_report(found), **ahead}, as_json, lambda: [*_told(found), *_told_ahead(ahead)])
    _finish(found, errors_file)
    if ahead["conflicts"] or ahead["inventory"]["questions"]:
        raise SystemExit(1)


@activity.command(help=N_("Check a file and store it: all of it, or nothing. A file handed in twice changes nothing."))
@click.argument("file", type=FILE)
@map_option
@code_option
@errors_option
@option("--skip-errors", is_flag=True, help=N_("Store the rows without errors, leave out the others."))
@option("--yes", is_flag=True, help=N_("Do not ask before storing."))
@base.reason_option
@method_option
@base.json_option
def load(
    *,
    file: Path,
    mapping: Path | None,
    code: str,
    errors_file: Path | None,
    skip_errors: bool,
    yes: bool,
    reason: str,
    method: str,
    as_json: bool,
) -> None:
    """Load a file."""
    found = _read(file, mapping, code)
    if not as_json:
        base.emit({}, False, lambda: _told(found))
    if found.errors and not skip_errors:
        if as_json:
            base.emit(_report(found), True, list)
        _finish(found, errors_file)
    if not yes:
        ahead = _ahead(found, code, method)
        base.emit(ahead, False, lambda: _told_ahead(ahead))
        click.confirm(base.say(N_("Store this?")), abort=True, err=True)
    stored = _store(found, code, reason, skip_errors)
    base.emit({**_report(found), "stored": stored}, as_json, lambda: [_stored(stored)])


def _read(file: Path, mapping: Path | None, code: str) -> Intake:
    from service.activities import intake, loading

    columns = intake.load_mapping(mapping) if mapping else None
    allowed = intake.known_from(base.library())
    if code:
        with base.session(write=False) as session:
            if _is_held(session, code):
                allowed = loading.known(session, base.acting(session, code), base.library(), beside_file=True)
    with base.bar(base.say(N_("reading"))) as progress:
        return intake.read(file, mapping=columns, progress=progress, language=i18n.short_language(), known=allowed)


def _ahead(found: Intake, code: str, method: str) -> dict[str, Any]:
    """Return what would stop the storing or the inventory of what a file holds."""
    from importlib.metadata import version

    from factors.match import NO_OVERLAY
    from service.activities import loading
    from service.calculations import actions
    from service.catalogue import actions as catalogue

    overlay, conflicts = NO_OVERLAY, None
    if code:
        with base.session(write=True) as session:
            conflicts = []
            if _is_held(session, code):
                actor = base.acting(session, code)
                overlay = catalogue.overlay(session, actor, base.library())
                conflicts = [one.told() for one in loading.conflicts(session, actor, found, base.now())]
    done = actions.rehearse(found.ledger, method, base.library(), base.now(), version("tanji"), overlay)
    inventory = {
        "method": done.method,
        "questions": [one.told() for one in done.questions],
        "warnings": list(done.warnings),
    }
    return {"conflicts": conflicts, "inventory": inventory}


def _is_held(session: Session, code: str) -> bool:
    """Tell whether there is such an organisation; before its first file there is none, and nothing to compare with."""
    from service.accounts import actions as accounts

    return code in {row.code for row in accounts.organisations(session, accounts.HOUSE)}


def _told_ahead(ahead: dict[str, Any]) -> Iterator[str]:
    inventory = ahead["inventory"]
    if ahead["conflicts"] is None:
        yield base.say(N_("not compared with what is held: that needs --organisation"))
    for one in ahead["conflicts"] or ():
        yield base.say(N_("conflict: %(text)s"), text=_sentence(one))
    for one in inventory["questions"]:
        yield base.say(N_("question of %(method)s: %(text)s"), method=inventory["method"], text=_sentence(one))
    for one in inventory["warnings"]:
        text = i18n.by_language(one["zh"], one["en"])
        yield base.say(N_("warning of %(method)s: %(text)s"), method=inventory["method"], text=text)


def _sentence(one: dict[str, str]) -> str:
    return f"{one['field']}: {one['message']}" if one["field"] else one["message"]


def _store(found: Intake, code: str, reason: str, skip_errors: bool) -> dict[str, Any]:
    from service.accounts import actions as accounts
    from service.activities import loading

    said = found.ledger.organisation
    with base.session(write=True) as session:
        if code in ("", said.code) and not _is_held(session, said.code):
            accounts.create(session, accounts.HOUSE, said, base.now())
        actor = base.acting(session, code or said.code)
        with base.bar(base.say(N_("storing"))) as progress:
            stored = loading.load(
                session,
                actor,
                found,
                now=base.now(),
                directory=base.settings().evidence,
                reason=reason,
                skip_errors=skip_errors,
                progress=progress,
            )
    return asdict(stored)


def _report(found: Intake) -> dict[str, Any]:
    from service.activities.receipt import receipt

    return {
        "receipt": receipt(found),
        "errors": [problem.as_dict() for problem in found.errors],
        "warnings": [problem.as_dict() for problem in found.warnings],
        "preview": [dict(row) for row in found.preview],
    }


MORE = N_("… and %(count)s more; --errors FILE writes them all beside their rows")


def _told(found: Intake) -> Iterator[str]:
    from service.activities import loading
    from service.activities.receipt import receipt_lines

    for name, problems in ((base.say(N_("error")), found.errors), (base.say(N_("warning")), found.warnings)):
        for problem in problems[:PRINTED]:
            told = loading.wrong(problem).told()
            yield f"{name}: {told['field']}: {told['message']}" if told["field"] else f"{name}: {told['message']}"
        if len(problems) > PRINTED:
            yield base.say(MORE, count=len(problems) - PRINTED)
    yield from base.table(receipt_lines(found.counts, i18n.short_language()))


def _stored(stored: dict[str, Any]) -> str:
    if stored["already"]:
        return base.say(N_("this file was handed in before: nothing was changed"))
    return base.say(STORED, **stored)


STORED = N_(
    "stored: %(loaded)s rows (%(replaced)s of them replace others), %(skipped)s held already, %(errors)s left out"
)


def _finish(found: Intake, errors_file: Path | None) -> None:
    """Write the file of errors if one is wanted, and end with 1 when there are any."""
    from service.activities.receipt import error_file

    if not found.errors:
        return
    if errors_file is not None:
        error_file(found, errors_file)
        click.echo(base.say(N_("rows and what is wrong with them: %(path)s"), path=errors_file), err=True)
    raise SystemExit(1)


@activity.command(help=N_("Write the template workbook."))
@option("--out", type=PATH, required=True, help=N_("File to write."))
@option("--in", "language", type=click.Choice(["zh", "en", "both"]), default="both", help=N_("Its language."))
def template(out: Path, language: str) -> None:
    """Write the template."""
    from service.activities import intake
    from service.activities.template import template as write

    write(out, language, intake.known_from(base.library()))
    click.echo(base.say(N_("template written to %(path)s"), path=out))


@activity.command(help=N_("Keep a file as evidence and attach it to rows (D17 or 17)."))
@click.argument("file", type=FILE)
@click.argument("rows", nargs=-1)
@base.organisation_option
@base.json_option
def attach(file: Path, rows: tuple[str, ...], code: str, as_json: bool) -> None:
    """Attach evidence."""
    from service.activities import actions

    numbers = [_number(row) for row in rows]
    settings = base.settings()
    with base.session(write=True) as session, file.open("rb") as content:
        actor = base.acting(session, code)
        kept = actions.add_evidence(
            session, actor, settings.evidence, file.name, content, now=base.now(), limit_mb=settings.max_upload_mb
        )
        attached = actions.attach_evidence(session, actor, kept.sha256, numbers, base.now()) if numbers else 0
        data = {"sha256": kept.sha256, "name": kept.name, "attached": attached}
    base.emit(data, as_json, lambda: [base.say(N_("%(sha256)s kept, attached to %(attached)s rows"), **data)])


@activity.command(
    help=N_("Take rows back (D17 or 17), or instruments, products, exclusions (I3, P2, X1): they no longer count.")
)
@click.argument("rows", nargs=-1, required=True)
@base.organisation_option
@option("--reason", required=True, help=N_("Why they are taken back."))
def withdraw(rows: tuple[str, ...], code: str, reason: str) -> None:
    """Withdraw rows and records; all of them or none."""
    from service.activities import actions

    records = [(NOUNS[row[0]], _number(row[1:])) for row in rows if row[0] in NOUNS]
    numbers = [_number(row) for row in rows if row[0] not in NOUNS]
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        actions.take_back(session, actor, numbers, reason, base.now())
        for noun, number in records:
            actions.withdraw(session, actor, noun, number, reason, base.now())
    click.echo(base.say(N_("%(count)s rows are taken back"), count=len(rows)))


def _number(row: str) -> int:
    digits = row.removeprefix("D")
    if not digits.isdigit():
        raise click.BadParameter(row)
    return int(digits)


NOUNS = {"I": "instrument", "P": "product", "X": "exclusion"}


@activity.command(help=N_("List instruments, products or exclusions, with the numbers by which they are taken back."))
@click.argument("kind", type=click.Choice(["instruments", "products", "exclusions"]))
@base.organisation_option
@base.json_option
def records(kind: str, code: str, as_json: bool) -> None:
    """List what is held beside activity data."""
    from service.activities import actions, schemas

    letter, schema = {
        "instruments": ("I", schemas.InstrumentSchema),
        "products": ("P", schemas.ProductSchema),
        "exclusions": ("X", schemas.ExclusionSchema),
    }[kind]
    with base.session(write=False) as session:
        actor = base.acting(session, code)
        rows = schema(many=True).dump(actions.shown(session, actor, getattr(actions, kind)(session, actor)))
    shown = (
        (f"{letter}{row['id']}", *(str(cell) for key, cell in row.items() if key != "id" and cell)) for row in rows
    )
    base.emit(rows, as_json, lambda: base.table(shown))


@activity.command("list", help=N_("List activity data, oldest first, replaced rows included."))
@base.organisation_option
@option("--after", default=0, help=N_("Only rows behind this number."))
@option("--limit", default=100, type=click.IntRange(1, 10_000), help=N_("How many to show."))
@base.json_option
def list_(code: str, after: int, limit: int, as_json: bool) -> None:
    """List rows."""
    from service.activities import actions
    from service.activities.schemas import DatumSchema

    with base.session(write=False) as session:
        rows = DatumSchema(many=True).dump(actions.data(session, base.acting(session, code), after=after, limit=limit))
    names = ("site", "activity", "name", "start", "end", "amount", "unit")
    shown = ((f"D{row['id']}", *(row[name] for name in names), row["replaced_by"] or "") for row in rows)
    base.emit(rows, as_json, lambda: base.table(shown))
