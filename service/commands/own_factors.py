"""``tanji factors own``: the factors that an organisation brings itself, its suppliers' among them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_, Text

if TYPE_CHECKING:
    from service.errors import Wrong

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN = ("id", "activity", "name_en", "value", "unit", "gas", "year", "region", "kind", "source")
MOST_BYTES = 1_000_000
YEAR = re.compile("[0-9]{4}")
NOT_CSV = N_("not a CSV file in UTF-8")
TOO_LARGE = N_("larger than %(limit)s bytes")


@click.group("own", cls=Group, help=N_("Take in, list and withdraw factors of an organisation and its suppliers."))
def own() -> None:
    """Commands on own factors."""


@own.command(help=N_("Take in the factors of a CSV file, all of them or none; its columns are those of list --json."))
@click.argument("file", type=FILE)
@base.organisation_option
@base.reason_option
@base.json_option
def load(file: Path, code: str, reason: str, as_json: bool) -> None:
    """Load own factors."""
    from service.catalogue import actions
    from service.catalogue.schemas import OwnFactorSchema, new_factor
    from service.errors import InputInvalid, ServiceError, as_wrong

    wrong: list[Wrong] = []
    held: list[str] = []
    schema, library = OwnFactorSchema(), base.library()
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        for number, row in _rows(file):
            try:
                new = new_factor(base.checked(schema, row))
                held.append(actions.put_own_factor(session, actor, new, library, base.now(), reason=reason).factor_id)
            except ServiceError as error:
                place = base.say(N_("row %(number)s"), number=number)
                wrong += [replace(one, where=f"{place} {one.where}".rstrip()) for one in as_wrong(error)]
        if wrong:
            raise InputInvalid(wrong)  # which takes back the rows that are right
    data = {"organisation": code, "held": held}
    base.emit(data, as_json, lambda: [base.say(N_("%(count)s own factors of %(code)s"), count=len(held), code=code)])


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each row of a CSV file and its cells that hold something.

    Raises:
        InputInvalid: no CSV file in UTF-8, or a large one.
    """
    from service.errors import InputInvalid, Wrong

    if file.stat().st_size > MOST_BYTES:
        raise InputInvalid([Wrong(file.name, "too-large", Text(TOO_LARGE, limit=MOST_BYTES))])
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = list(csv.DictReader(content, restkey="?", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputInvalid([Wrong(file.name, "no-csv", Text(NOT_CSV))]) from error
    for number, row in enumerate(rows, 2):
        given: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        year = given.get("year", "")
        yield number, {**given, "year": int(year)} if YEAR.fullmatch(year) else given  # a file has texts alone


@own.command("list", help=N_("List the own factors of an organisation."))
@base.organisation_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List own factors."""
    from service.catalogue import actions
    from service.catalogue.schemas import OwnFactorSchema

    with base.session(write=False) as session:
        rows = OwnFactorSchema(many=True).dump(actions.own_factors(session, base.acting(session, code)))
    base.emit(rows, as_json, lambda: base.table([SHOWN, *([row[name] for name in SHOWN] for row in rows)]))


@own.command(help=N_("Take an own factor back; frozen inventories keep their copy."))
@click.argument("identifier")
@base.organisation_option
@option("--reason", required=True, help=N_("Why it is taken back."))
def withdraw(identifier: str, code: str, reason: str) -> None:
    """Withdraw an own factor."""
    from service.catalogue import actions

    with base.session(write=True) as session:
        actions.withdraw_own_factor(session, base.acting(session, code), identifier, reason, base.now())
    click.echo(base.say(N_("%(factor)s is withdrawn"), factor=identifier))
