"""``tanji report`` and ``tanji verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import i18n
from service.commands import base
from service.commands.base import Command, option
from service.i18n import N_

if TYPE_CHECKING:
    from sqlmodel import Session

    from service.accounts.actions import Actor

UNCONFIRMED = 5  # exit code
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PATH = click.Path(path_type=Path)


@click.command(
    cls=Command,
    help=N_(
        "Write the signed report of an inventory or a footprint (.pdf), its workbook (.xlsx) or its snapshot (.json)."
    ),
)
@click.argument("identifier")
@option(
    "--language", "language", type=click.Choice(["zh", "en", "both"]), default="zh", help=N_("Language of the report.")
)
@option(
    "--document",
    type=click.Choice(["study", "statement", "modules"]),
    default=None,
    help=N_("Of a footprint: the study, its statement of one page, or its statement by modules of EN 15804."),
)
@option("--out", type=PATH, required=True, help=N_("File to write; its ending says what is written."))
@base.json_option
def report(*, identifier: str, language: str, document: str | None, out: Path, as_json: bool) -> None:
    """Write a report."""
    from service.reports import actions

    suffix = out.suffix.lower()
    if suffix not in (".pdf", ".xlsx", ".json"):
        raise click.BadParameter(str(out), param_hint="--out")
    now = base.now()
    with base.session(write=False) as session:
        actor = _owner(session, identifier)
        if suffix == ".pdf":
            signed = actions.prepare(
                session, actor, identifier, language, settings=base.settings(), now=now, document=document or ""
            )
        elif suffix == ".xlsx":
            actions.write(out, actions.workbook(session, actor, identifier, language))
        else:
            actions.write(out, actions.snapshot_json(session, actor, identifier))
    if suffix == ".pdf":
        with base.session(write=True) as session:
            actions.report(session, _owner(session, identifier), signed, out, now)
    base.emit({"file": str(out)}, as_json, lambda: [base.say(N_("written: %(path)s"), path=out)])


def _owner(session: Session, identifier: str) -> Actor:
    from service.reports import actions

    return base.holder(
        session, N_("inventory or footprint"), identifier, lambda actor: actions.has(session, actor, identifier)
    )


@click.command(cls=Command, help=N_("Write the certificate that reports are signed with, for verify --trust."))
@base.organisation_option
@option("--out", type=PATH, required=True, help=N_("File to write, in PEM."))
@base.json_option
def certificate(code: str, out: Path, as_json: bool) -> None:
    """Write the signer's certificate."""
    from service.reports import actions

    with base.session(write=False) as session:
        actor = base.acting(session, code)
        actions.write(out, actions.certificate(session, actor, settings=base.settings(), now=base.now()))
    base.emit({"file": str(out)}, as_json, lambda: [base.say(N_("written: %(path)s"), path=out)])


@click.command(
    cls=Command,
    help=N_(
        "Verify a signed report, offline. Exit code 1 names the first thing that does not fit; 5: sound, but signer "
        "unknown and pages not confirmed."
    ),
)
@click.argument("file", type=FILE)
@option(
    "--trust",
    type=FILE,
    default=None,
    help=N_("Certificate (PEM or DER) that the signer must be, or be vouched for by."),
)
@base.json_option
def verify(file: Path, trust: Path | None, as_json: bool) -> None:
    """Verify a report."""
    from service.reports.verify import verify as check

    found = check(file, trust, now=base.now())
    base.emit(found.as_dict(), as_json, lambda: found.lines(i18n.short_language()))
    if not found.ok:
        raise SystemExit(1 if found.failed else UNCONFIRMED)
