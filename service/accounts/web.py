"""Pages of people: signing in and out, the account with its sessions, tokens and second factor."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import flask
import segno
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from service import db, i18n, mail, sealing
from service.accounts import actions, identities, invitations, letters, people, resets, second
from service.accounts.gate import COOKIE, SignInNeeded
from service.accounts.links import hand_over
from service.accounts.models import Person
from service.accounts.people import SignInFailed
from service.accounts.rights import OWNER, ROLES, SCOPES_TOLD
from service.errors import N_, InputInvalid, ServiceError, Wrong, as_wrong
from service.http import NUMBER, acting, asking, house, now
from service.i18n import Text
from service.sealing import Seal

HALF, HALF_SECONDS = "half", 300
DAYS = re.compile(r"[0-9]{1,3}")
NOT_DAYS = N_("'%(value)s' is no number of days from 1 to %(most)s")
"""Key of the signed cookie for a sign-in that waits for its code, and how long it does; it lets nobody in."""

blueprint = Blueprint("people", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password, and begin a session."""
    wanted = flask.request.values.get("next", "")
    sent = flask.request.form
    if flask.request.method == "GET":
        return sign_in_page(wanted)
    email, password = sent.get("email", ""), sent.get("password", "")
    who = _let_in(email, password)
    if who is None:
        return sign_in_page(wanted, SignInFailed(), email), SignInFailed.status
    flask.session.clear()  # what a stranger may have put there does not become this person's
    if second.is_on(who):
        flask.session[HALF] = [who.id, int(now().timestamp()), _mark(who)]
        return flask.redirect(flask.url_for("people.enter_code", next=wanted), 303)
    return begin_session(who, wanted)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def enter_code() -> ResponseReturnValue:
    """Ask whoever gave the right password for a code, and begin a session."""
    wanted = flask.request.values.get("next", "")
    database = house().database
    with database.session(write=False) as session:
        who = _half_signed_in(session)
    if who is None:
        flask.session.pop(HALF, None)
        return flask.redirect(flask.url_for("people.sign_in", next=wanted), 303)
    if flask.request.method == "GET":
        return flask.render_template("pages/sign_in_code.html", next=wanted, failed=None)
    if not _is_passed(who, flask.request.form.get("code", "")):
        failed = SignInFailed()
        page = flask.render_template("pages/sign_in_code.html", next=wanted, failed=as_wrong(failed)[0])
        return page, failed.status
    flask.session.clear()
    return begin_session(who, wanted)


@blueprint.route("/sign-in/forgotten", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Send an address at which another password is set, if the e-mail is somebody's; nobody is told whether it is."""
    place, language, at = house(), i18n.language(), now()
    is_sent = flask.request.method == "POST" and place.mail.is_on
    if is_sent:
        email, root = flask.request.form.get("email", "")[:255], "/password/"

        def send() -> None:
            with place.database.session(write=True) as session:
                found = resets.ask(session, email, at)
            if found:
                with i18n.speaking(language):
                    letters.forgotten(place.mail, found[0].email, place.settings.base_url + root + found[1])

        mail.soon(send)
    return flask.render_template("pages/forgotten.html", is_on=place.mail.is_on, is_sent=is_sent)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set another password by an address that was sent by mail."""
    database = house().database
    with database.session(write=False) as session:
        resets.find(session, token, now())
    if flask.request.method == "GET":
        return flask.render_template("pages/reset.html", failed=[])
    try:
        with database.session(write=True) as session:
            breached = house().settings.breached_passwords
            resets.use(session, token, flask.request.form.get("new", ""), now(), breached=breached)
    except ServiceError as error:
        return flask.render_template("pages/reset.html", failed=as_wrong(error)), error.status
    flask.session.clear()
    return flask.redirect(flask.url_for("people.sign_in"), 303)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Ask whoever was invited for a name and a password, or for those of the account he has; then he is in.

    The page looks the same either way: it does not tell who invites whether somebody has the address.
    """
    database, sent = house().database, flask.request.form
    with database.session(write=False) as session:
        row = invitations.find(session, token, now())
        who = invitations.known(session, row)
    if flask.request.method == "GET":
        return invitation_page(token)
    password = sent.get("password", "")
    try:
        is_known = who is not None
        if is_known:
            who = _let_in(row.email, password)
            if who is None or (second.is_on(who) and not _is_passed(who, sent.get("code", ""))):
                raise SignInFailed
        with database.session(write=True) as session:
            who = session.get(Person, who.id) if who else None
            breached = house().settings.breached_passwords
            taken = invitations.take(
                session, token, now(), who=who, name=sent.get("name", "")[:100], password=password, breached=breached
            )
    except ServiceError as error:
        return invitation_page(token, error, sent.get("name", "")), error.status
    flask.session.clear()
    return begin_session(taken, "/")


def invitation_page(token: str, failed: ServiceError | None = None, name: str = "") -> str:
    """Show how an invitation is taken up: with a password, or by one of the providers there are.

    Raises:
        InvitationEnded: it cannot be taken up any more.
    """
    with house().database.session(write=False) as session:
        row = invitations.find(session, token, now())
        return flask.render_template(
            "pages/invitation.html",
            invitation=row,
            inviting=invitations.inviting(session, row),
            token=token,
            name=name,
            failed=as_wrong(failed) if failed else [],
            providers=house().providers,
        )


@blueprint.get("/organisations/<code>/people")
def members(code: str) -> str:
    """Show who has which role, and who is invited."""
    return _members(code)


@blueprint.post("/organisations/<code>/people/invitations")
def invite(code: str) -> ResponseReturnValue:
    """Invite somebody to a role, and show the address for it once."""
    actor, sent = acting(code), flask.request.form
    try:
        row, token = invitations.invite(db.session(), actor, sent.get("email", ""), sent.get("role", ""), now())
    except ServiceError as error:
        return _members(code, failed=as_wrong(error), email=sent.get("email", "")), error.status
    return _members(code, invited=row, link=hand_over(row, actions.show(db.session(), actor), token)), 201


@blueprint.post(f"/organisations/<code>/people/invitations/{NUMBER}/withdraw")
def withdraw_invitation(code: str, number: int) -> ResponseReturnValue:
    """Take an invitation back."""
    invitations.withdraw(db.session(), acting(code), number, now())
    return flask.redirect(flask.url_for("people.members", code=code), 303)


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
    held, sent = _asking(), flask.request.form
    is_right = _let_in(held.email, sent.get("password", "")) is not None
    who = _person()
    try:
        if not is_right:
            raise SignInFailed
        wanted, keep = sent.get("new", ""), flask.session.get(COOKIE, "")
        people.set_password(
            db.session(), who, wanted, now(), breached=house().settings.breached_passwords, keep=keep
        )  # fmt: skip
    except ServiceError as error:
        return _account(who, failed=[*as_wrong(error)]), error.status
    return flask.redirect(flask.url_for("people.account"), 303)


@blueprint.post("/account/second-factor")
def begin_second_factor() -> ResponseReturnValue:
    """Make the secret of a second factor and show it to an app."""
    who = _person()
    try:
        second.begin(db.session(), _seal(), who)
    except ServiceError as error:
        return _account(who, failed=[*as_wrong(error)]), error.status
    return _account(who, **_offered(who)), 201


@blueprint.post("/account/second-factor/confirm")
def confirm_second_factor() -> ResponseReturnValue:
    """Take the second factor into use by its first code, and show the recovery codes once."""
    who = _person()
    try:
        codes = second.confirm(db.session(), _seal(), who, flask.request.form.get("code", ""), now())
    except ServiceError as error:
        offered = _offered(who) if who.totp_secret and not second.is_on(who) else {}
        return _account(who, failed=[*as_wrong(error)], **offered), error.status
    return _account(who, recovery_codes=codes), 201


@blueprint.post("/account/second-factor/off")
def turn_off_second_factor() -> ResponseReturnValue:
    """Sign in without a second factor from now on, if the password and a code are given."""
    held, sent = _asking(), flask.request.form
    # The password first: a code is not used up by whoever does not know it.
    is_right = _let_in(held.email, sent.get("password", "")) is not None
    is_right = is_right and _is_passed(held, sent.get("code", ""))
    who = _person()
    if not is_right:
        return _account(who, failed=[*as_wrong(SignInFailed())]), SignInFailed.status
    second.turn_off(db.session(), second.own(who), who, now())
    return flask.redirect(flask.url_for("people.account"), 303)


@blueprint.post(f"/account/sessions/{NUMBER}/end")
def end_session(number: int) -> ResponseReturnValue:
    """End another session of the same person."""
    people.end_session(db.session(), _person(), number, now())
    return flask.redirect(flask.url_for("people.account"), 303)


@blueprint.post("/account/tokens")
def make_token() -> ResponseReturnValue:
    """Make a personal token and show it once."""
    who, sent = _person(), flask.request.form
    days = sent.get("days", "").strip()
    try:
        if not DAYS.fullmatch(days) or not 1 <= int(days) <= people.TOKEN_DAYS:
            raise InputInvalid([Wrong("days", "not-days", Text(NOT_DAYS, value=days[:20], most=people.TOKEN_DAYS))])
        token, _ = people.make_token(
            db.session(),
            who,
            sent.get("name", "")[:100],
            " ".join(sent.getlist("scope")),
            int(days),
            now(),
        )
    except ServiceError as error:
        return _account(who, failed=[*as_wrong(error)]), error.status
    return _account(who, token=token), 201


@blueprint.post(f"/account/tokens/{NUMBER}/revoke")
def revoke_token(number: int) -> ResponseReturnValue:
    """Revoke a personal token."""
    people.revoke_token(db.session(), _person(), number, now())
    return flask.redirect(flask.url_for("people.account"), 303)


def sign_in_page(wanted: str, failed: ServiceError | None = None, email: str = "") -> str:
    """Show how one signs in: by a password, or by one of the providers there are."""
    place = house()
    return flask.render_template(
        "pages/sign_in.html",
        next=wanted,
        email=email,
        failed=as_wrong(failed)[0] if failed else None,
        can_reset=place.mail.is_on,
        providers=place.providers,
    )


def _let_in(email: str, password: str) -> Person | None:
    """Return whom e-mail and password name; count the try where they name nobody.

    The hash takes a while: no writer waits for it. A failure is counted, whatever becomes of this request.
    """
    database = house().database
    with database.session(write=False) as session:
        who = people.is_let_in(session, email, password, now())
    if who is None:
        with database.session(write=True) as session:
            people.note_failure(session, email, now())
    return who


def _is_passed(held: Person, code: str) -> bool:
    """Tell whether a code is good; it is used up, or its failure counted, whatever becomes of this request."""
    with house().database.session(write=True) as session:
        who = session.get(Person, held.id)
        return who is not None and second.is_passed(session, _seal(), who, code[:100], now())


def begin_session(who: Person, wanted: str) -> ResponseReturnValue:
    """Let a person in who has proven who he is, and lead him where he wanted to go."""
    with house().database.session(write=True) as session:
        browser = flask.request.user_agent.string
        made = people.sign_in(session, who, browser, flask.request.remote_addr or "", now())
    flask.session[COOKIE] = made.token
    flask.session.permanent = True
    return flask.redirect(own(wanted), 303)


def _half_signed_in(session: Session) -> Person | None:
    """Return who gave the right password a moment ago and is asked for a code."""
    held = flask.session.get(HALF)
    if not isinstance(held, list) or len(held) != 3:
        return None
    number, since, mark = held
    if not 0 <= now().timestamp() - since < HALF_SECONDS:
        return None
    who = session.get(Person, number)
    is_good = who is not None and who.disabled is None and second.is_on(who) and mark == _mark(who)
    return who if is_good else None


def _mark(who: Person) -> str:
    """Return what is another for another password: what was begun with the one before ends."""
    return people.digest(who.password_hash)[:16]


def _asking() -> Person:
    """Return who looks at these pages, as he was when the request began: a person, no program.

    Raises:
        SignInNeeded: it is a program.
    """
    held: Person | None = asking().person
    if held is None:
        raise SignInNeeded
    return held


def _person() -> Person:
    """Return who looks at these pages: a person, no program.

    Raises:
        SignInNeeded: it is a program.
    """
    found = db.session().get(Person, _asking().id)
    if found is None:
        raise SignInNeeded
    return found


def _seal() -> Seal:
    return sealing.of_people(house().settings.data)


def _offered(who: Person) -> dict[str, str]:
    """Return the secret of a second factor as an app reads it: a picture, and letters to be typed."""
    picture, secret = segno.make(second.address(_seal(), who), error="m", micro=False), second.secret(_seal(), who)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"picture": picture.svg_data_uri(scale=4, border=4), "secret": grouped}


def _account(who: Person, **said: object) -> str:
    session = db.session()
    session.flush()
    return flask.render_template(
        "pages/account.html",
        person=who,
        sessions=people.sessions(session, who, now()),
        this=people.digest(flask.session.get(COOKIE, "")),
        tokens=people.tokens(session, who, now()),
        scopes=SCOPES_TOLD,
        owned=people.organisations_of(
            session, [at for at, held in people.roles(session, who).items() if OWNER in held]
        ),
        links=identities.links(session, who),
        providers={one.issuer: one for one in house().providers},
        has_second=second.is_on(who),
        codes_left=second.recovery_codes_left(session, who),
        **said,
    )


def _members(code: str, **said: object) -> str:
    session, actor = db.session(), acting(code)
    session.flush()
    choices = people.roles_in(session, actor.organisation_id)
    return flask.render_template(
        "pages/people.html",
        code=code,
        organisation=actions.show(session, actor),
        members=people.members(session, actor),
        opened=invitations.opened(session, actor, now()),
        roles={name: told for name, told in ROLES.items() if name in choices},
        all_roles=ROLES,
        **said,
    )


def own(address: str) -> str:
    """Return where to go after signing in: an address of this service, the first page for any other."""
    parts = urlsplit(address)
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if is_own and "\\" not in address else flask.url_for("pages.home")
