"""``tanji user`` and ``tanji client``: people with their roles, programs with their secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from service.accounts.rights import ROLES, SCOPES
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
scope_option = option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), required=True,
                      help=N_("What the token may do; may be given several times."))  # fmt: skip
SECRET_ONCE = N_("client_id %(id)s, client_secret %(secret)s: the secret is shown this once")


@click.group(cls=Group, help=N_("People: make them known, give them roles, take roles back."))
def user() -> None:
    """Commands on people."""


@user.command(help=N_("Make a person known; the password is asked for, or read from a file."))
@click.argument("email")
@option("--name", default="", help=N_("How the person is called."))
@option("--operator", is_flag=True, help=N_("The person runs the service: makes organisations, checks the log."))
@option("--password-file", type=FILE, default=None, help=N_("File whose first line is the password."))
@base.json_option
def add(*, email: str, name: str, operator: bool, password_file: Path | None, as_json: bool) -> None:
    """Make a person known."""
    from service.accounts import actions, people

    password = _password(password_file)
    with base.session(write=True) as session:
        row = people.create(
            session, actions.HOUSE, email, name, password, base.now(), is_operator=operator,
            breached=base.settings().breached_passwords,
        )  # fmt: skip
        made = {"email": row.email, "name": row.name, "is_operator": row.is_operator}
    base.emit(made, as_json, lambda: [base.say(N_("%(email)s is known now"), **made)])


@user.command(help=N_("Set another password of a person; all sessions of theirs end."))
@click.argument("email")
@option("--password-file", type=FILE, default=None, help=N_("File whose first line is the password."))
def password(email: str, password_file: Path | None) -> None:
    """Set a password."""
    from service.accounts import people

    given = _password(password_file)
    with base.session(write=True) as session:
        who = people.person(session, email)
        people.set_password(session, who, given, base.now(), breached=base.settings().breached_passwords)
    click.echo(base.say(N_("the password of %(email)s is another one now"), email=email))


@user.command(
    "second-factor", help=N_("Turn the second factor of a person off who has lost it and all recovery codes.")
)
@click.argument("email")
@option("--off", is_flag=True, required=True, help=N_("Turn it off; the person can set up another one."))
def second_factor(email: str, off: bool) -> None:
    """Turn a second factor off."""
    from service.accounts import actions, people, second

    del off  # it is what has to be said, so that nobody does it by mistake
    with base.session(write=True) as session:
        who = people.person(session, email)
        second.turn_off(session, actions.HOUSE, who, base.now())
    click.echo(base.say(N_("%(email)s signs in without a second factor from now on"), email=who.email))


@user.command(help=N_("End the links of a person to providers of single sign-on; signing in there links anew."))
@click.argument("email")
def unlink(email: str) -> None:
    """End links."""
    from service.accounts import actions, identities

    with base.session(write=True) as session:
        count = identities.unlink(session, actions.HOUSE, email, base.now())
    click.echo(base.say(N_("%(count)s links of %(email)s have ended"), count=count, email=email))


@user.command(help=N_("Give a person a role in an organisation, or take it back."))
@click.argument("email")
@base.organisation_option
@option("--role", type=click.Choice(list(ROLES)), required=True, help=N_("The role."))
@option("--end", is_flag=True, help=N_("Take the role back."))
@base.json_option
def role(*, email: str, code: str, role: str, end: bool, as_json: bool) -> None:
    """Give or take a role."""
    from service.accounts import people

    verb = people.end_member if end else people.put_member
    with base.session(write=True) as session:
        row = verb(session, base.acting(session, code), email, role, base.now())
        data = {"email": people.folded(email), "organisation": code, "role": row.role, "ended": row.ended is not None}
    message = N_("%(email)s is no %(role)s of %(organisation)s any more") if end else N_(
        "%(email)s is %(role)s of %(organisation)s"
    )  # fmt: skip
    base.emit(data, as_json, lambda: [base.say(message, **data)])


@user.command("list", help=N_("List who has which role in an organisation."))
@base.organisation_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List members."""
    from service.accounts import people

    with base.session(write=False) as session:
        found = people.members(session, base.acting(session, code))
        rows: list[dict[str, Any]] = [{"email": who.email, "name": who.name, "role": row.role} for who, row in found]
    base.emit(rows, as_json, lambda: base.table([*row.values()] for row in rows))


@click.group(cls=Group, help=N_("Programs that act for an organisation: their ids, secrets and scopes."))
def client() -> None:
    """Commands on programs."""


@client.command(help=N_("Make a program known to the API; its secret is shown this once."))
@base.organisation_option
@option("--name", required=True, help=N_("How the program is called."))
@scope_option
@base.json_option
def create(code: str, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a client."""
    from service.accounts import clients

    with base.session(write=True) as session:
        row, secret = clients.create(session, base.acting(session, code), name, " ".join(scopes), base.now())
        made = {"id": row.id, "name": row.name, "scopes": row.scopes, "secret": secret}
    base.emit(made, as_json, lambda: [base.say(SECRET_ONCE, **made)])


@client.command("list", help=N_("List the programs of an organisation."))
@base.organisation_option
@base.json_option
def clients_(code: str, as_json: bool) -> None:
    """List clients."""
    from service.accounts import clients

    with base.session(write=False) as session:
        rows: list[dict[str, Any]] = [
            {"id": row.id, "name": row.name, "scopes": row.scopes, "revoked": row.revoked is not None}
            for row in clients.clients(session, base.acting(session, code))
        ]
    base.emit(rows, as_json, lambda: base.table([*row.values()] for row in rows))


@client.command(help=N_("Give a program another secret; the one before is good for a day more."))
@click.argument("identifier")
@base.organisation_option
@base.json_option
def rotate(identifier: str, code: str, as_json: bool) -> None:
    """Rotate a secret."""
    from service.accounts import clients

    with base.session(write=True) as session:
        row, secret = clients.rotate(session, base.acting(session, code), identifier, base.now())
        made = {"id": row.id, "secret": secret}
    base.emit(made, as_json, lambda: [base.say(SECRET_ONCE, **made)])


@client.command(help=N_("Let a program in no more."))
@click.argument("identifier")
@base.organisation_option
@base.json_option
def revoke(identifier: str, code: str, as_json: bool) -> None:
    """Revoke a client."""
    from service.accounts import clients

    with base.session(write=True) as session:
        row = clients.revoke(session, base.acting(session, code), identifier, base.now())
        data = {"id": row.id, "revoked": True}
    base.emit(data, as_json, lambda: [base.say(N_("%(id)s is let in no more"), **data)])


def _password(file: Path | None) -> str:
    """Return the password of a file's first line, or what is typed twice."""
    if file is not None:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    return str(click.prompt(base.say(N_("Password")), hide_input=True, confirmation_prompt=True, err=True))
