"""``tanji audit``: the append-only record of what was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

OTHER_HEAD = N_("it is an export of the log with %(size)s entries and root %(root)s")
HEAD = N_("%(size)s entries, root %(root)s")


@click.group(cls=Group, help=N_("The audit log: check it, list it, prove an entry."))
def audit() -> None:
    """Commands on the audit log."""


@audit.command(
    help=N_("Recompute the log from its entries, and compare every row, snapshot and evidence file with it.")
)
@option("--expect", default="", help=N_("SIZE:ROOT written down earlier: shows if the end was cut off since."))
@base.json_option
def fsck(expect: str, as_json: bool) -> None:
    """Check everything; exit code 1 when something does not fit."""
    from service.audit import actions
    from service.fsck import fsck as check

    expected = _head(expect) if expect else None
    with base.session(write=False) as session:
        wrong = check(session, base.settings().evidence, expected)
        head = actions.head(session)
    data = {"ok": not wrong, **asdict(head), "problems": [item.told() for item in wrong]}
    base.emit(data, as_json, lambda: _checked(data))
    if wrong:
        raise SystemExit(1)


def _head(text: str) -> Any:
    from service.audit.actions import Head

    size, _, root = text.partition(":")
    if not (size.isdigit() and len(root) == 64):
        raise click.BadParameter(text, param_hint="--expect")
    return Head(int(size), root)


def _checked(data: dict[str, Any]) -> Iterator[str]:
    yield from (f"{item['field']}: {item['message']}" for item in data["problems"])
    yield base.say(HEAD, size=data["size"], root=data["root"])
    yield base.say(N_("everything fits")) if data["ok"] else base.say(N_("not everything fits"))


@audit.command(help=N_("Print length and root of the log, to be written down elsewhere."))
@base.json_option
def head(as_json: bool) -> None:
    """Show the head of the log."""
    from service.audit import actions

    with base.session(write=False) as session:
        found = asdict(actions.head(session))
    base.emit(found, as_json, lambda: [f"{found['size']}:{found['root']}"])


@audit.command(help=N_("List what was done for an organisation."))
@base.organisation_option
@option("--after", default=0, help=N_("Only entries behind this number."))
@option("--limit", default=100, type=click.IntRange(1, 10_000), help=N_("How many to show."))
@base.json_option
def log(code: str, after: int, limit: int, as_json: bool) -> None:
    """List entries."""
    from service.audit import actions

    with base.session(write=False) as session:
        rows = [asdict(row) for row in actions.entries(session, base.acting(session, code), after=after, limit=limit)]
    shown = ((row["id"], row["at"], row["actor"], row["verb"], row["subject"]) for row in rows)
    base.emit(rows, as_json, lambda: base.table(shown))


@audit.command(help=N_("Write all entries of an organisation into a file, each with the proof that it is in the log."))
@click.argument("out", type=base.OUT)
@base.organisation_option
def export(out: Path, code: str) -> None:
    """Export the log of an organisation; a name that ends with .csv gives CSV, any other one JSON Lines."""
    from service.audit import export as exports

    name = exports.CSV if out.suffix.lower() == ".csv" else exports.JSON_LINES
    with base.session(write=False) as session:
        actor = base.acting(session, code)
        with base.writing(out), base.private_files(), out.open("w", encoding="utf-8", newline="") as file:
            file.writelines(exports.export(session, actor, name))
    click.echo(base.say(N_("%(file)s is written"), file=out))


@audit.command(help=N_("Check an export in JSON Lines: every entry against the root; no database is needed."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--expect", default="", help=N_("SIZE:ROOT written down earlier, which the export must be of."))
@base.json_option
def check(file: Path, expect: str, as_json: bool) -> None:
    """Check an export; exit code 1 when something does not fit."""
    from service.audit import export as exports
    from service.errors import Wrong
    from service.i18n import Text

    with file.open(encoding="utf-8") as lines:
        head, count, wrong = exports.check(lines)
    expected = _head(expect) if expect else head
    if expected != head:
        text = Text(OTHER_HEAD, size=head.size, root=head.root)
        wrong.insert(0, Wrong(file.name, "audit-head-differs", text))
    problems = [item.told() for item in wrong]
    data = {"ok": not wrong, "entries": count, **asdict(head), "problems": problems}
    base.emit(data, as_json, lambda: _checked(data))
    if wrong:
        raise SystemExit(1)


@audit.command(help=N_("Prove that an entry is in the log, for somebody who holds only its root."))
@click.argument("number", type=int)
@base.organisation_option
def prove(number: int, code: str) -> None:
    """Print an inclusion proof (RFC 9162) as JSON."""
    from service.audit import actions

    with base.session(write=False) as session:
        found = asdict(actions.prove(session, base.acting(session, code), number))
    base.emit(found, True, list)
