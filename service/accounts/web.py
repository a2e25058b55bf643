"""Pages of people: signing in and out, the account with its sessions and tokens."""

from __future__ import annotations

from urllib.parse import urlsplit

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from service import db
from service.accounts import people
from service.accounts.gate import COOKIE, SignInNeeded
from service.accounts.models import Person
from service.accounts.people import SignInFailed
from service.accounts.rights import SCOPES
from service.errors import ServiceError, as_wrong
from service.http import asking, house, now

blueprint = Blueprint("people", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password, and begin a session."""
    wanted = flask.request.values.get("next", "")
    sent = flask.request.form
    if flask.request.method == "GET":
        return flask.render_template("pages/sign_in.html", next=wanted, email="", failed=None)
    email, password = sent.get("email", ""), sent.get("password", "")
    database = house().database
    # The hash takes a while: no writer waits for it. A failure is counted, whatever becomes of this request.
    with database.session(write=False) as session:
        who = people.is_let_in(session, email, password, now())
    with database.session(write=True) as session:
        if who is None:
            people.note_failure(session, email, now())
        else:
            browser = flask.request.user_agent.string
            made = people.sign_in(session, who, browser, flask.request.remote_addr or "", now())
    if who is None:
        failed = SignInFailed()
        page = flask.render_template("pages/sign_in.html", next=wanted, email=email, failed=as_wrong(failed)[0])
        return page, failed.status
    flask.session.clear()  # what a stranger may have put there does not become this person's
    flask.session[COOKIE] = made.token
    flask.session.permanent = True
    return flask.redirect(_own(wanted), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    people.sign_out(db.session(), flask.session.get(COOKIE, ""), now())
    flask.session.clear()
    return flask.redirect(flask.url_for("people.sign_in"), 303)


@blueprint.get("/account")
def account() -> str:
    """Show the account: sessions and tokens."""
    return _account(_person())


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Take another password, if the one in use is given too."""
    who, sent = _person(), flask.request.form
    session = db.session()
    try:
        if people.is_let_in(session, who.email, sent.get("password", ""), now()) is None:
            raise SignInFailed
        wanted, keep = sent.get("new", ""), flask.session.get(COOKIE, "")
        people.set_password(session, who, wanted, now(), breached=house().settings.breached_passwords, keep=keep)
    except ServiceError as error:
        return _account(who, failed=[*as_wrong(error)]), error.status
    return flask.redirect(flask.url_for("people.account"), 303)


@blueprint.post("/account/sessions/<int:number>/end")
def end_session(number: int) -> ResponseReturnValue:
    """End another session of the same person."""
    people.end_session(db.session(), _person(), number, now())
    return flask.redirect(flask.url_for("people.account"), 303)


@blueprint.post("/account/tokens")
def make_token() -> ResponseReturnValue:
    """Make a personal token and show it once."""
    who, sent = _person(), flask.request.form
    days = sent.get("days", "")
    try:
        token, _ = people.make_token(
            db.session(),
            who,
            sent.get("name", "")[:100],
            " ".join(sent.getlist("scope")),
            int(days) if days.isdecimal() and len(days) < 5 else people.TOKEN_DAYS,
            now(),
        )
    except ServiceError as error:
        return _account(who, failed=[*as_wrong(error)]), error.status
    return _account(who, token=token), 201


@blueprint.post("/account/tokens/<int:number>/revoke")
def revoke_token(number: int) -> ResponseReturnValue:
    """Revoke a personal token."""
    people.revoke_token(db.session(), _person(), number, now())
    return flask.redirect(flask.url_for("people.account"), 303)


def _person() -> Person:
    """Return who looks at these pages: a person, no program.

    Raises:
        SignInNeeded: it is a program.
    """
    held: Person | None = asking().person
    found = db.session().get(Person, held.id) if held else None
    if found is None:
        raise SignInNeeded
    return found


def _account(who: Person, **said: object) -> str:
    session = db.session()
    session.flush()
    return flask.render_template(
        "pages/account.html",
        person=who,
        sessions=people.sessions(session, who, now()),
        this=people.digest(flask.session.get(COOKIE, "")),
        tokens=people.tokens(session, who, now()),
        scopes=list(SCOPES),
        **said,
    )


def _own(address: str) -> str:
    """Return where to go after signing in: an address of this service, the first page for any other."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if is_own and "\\" not in address else flask.url_for("pages.home")
