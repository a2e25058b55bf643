"""Pages of single sign-on: to the provider, and back from it."""

from __future__ import annotations

from dataclasses import astuple

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from service import i18n
from service.accounts import identities, invitations, sign_on
from service.accounts.providers import Provider
from service.accounts.sign_on import Begun
from service.accounts.web import begin_session, invitation_page, sign_in_page
from service.errors import N_, NotFound, ServiceError
from service.http import house, now

BEGUN = "sign-on"
"""Key of the signed cookie for a sign-in that waits for a provider's answer; it lets nobody in."""

blueprint = Blueprint("sign-on", __name__)


@blueprint.get("/sign-in/with/<provider>")
def begin(provider: str) -> ResponseReturnValue:
    """Lead somebody to a provider, which asks who he is."""
    return _led(provider, flask.request.args.get("next", "")[:2000])


@blueprint.get("/invitation/<token>/with/<provider>")
def take_up(token: str, provider: str) -> ResponseReturnValue:
    """Lead somebody who was invited to a provider, which asks who he is."""
    with house().database.session(write=False) as session:
        invitations.find(session, token, now())
    return _led(provider, "", token)


def _led(provider: str, wanted: str, invitation: str = "") -> ResponseReturnValue:
    language = i18n.language().replace("_", "-")
    try:
        place, begun = sign_on.begin(
            _provider(provider), sign_on.fetch, _back(provider), wanted, language, now(), invitation
        )  # fmt: skip
    except sign_on.SignOnFailed as error:
        return _failed(error, wanted, invitation)
    flask.session[BEGUN] = [*astuple(begun)]
    return flask.redirect(place, 303)


@blueprint.get("/sign-in/with/<provider>/done")
def done(provider: str) -> ResponseReturnValue:
    """Let in whom the provider vouches for; the answer counts once, in the browser that asked."""
    held = flask.session.pop(BEGUN, None)
    begun = Begun(*held) if isinstance(held, list) else None
    wanted, invitation = (begun.wanted, begun.invitation) if begun else ("", "")
    answer = flask.request.args.to_dict()
    try:
        vouched = sign_on.finish(_provider(provider), sign_on.fetch, begun, answer, _back(provider), now())
        with house().database.session(write=True) as session:
            if invitation:
                who = invitations.take_vouched(session, invitation, vouched, now())
            else:
                who = identities.enter(session, vouched, now())
    except ServiceError as error:
        return _failed(error, wanted, invitation)
    flask.session.clear()
    return begin_session(who, wanted)


def _failed(error: ServiceError, wanted: str, invitation: str) -> ResponseReturnValue:
    """Tell why nobody was let in on the page where it was begun."""
    page = invitation_page(invitation, error) if invitation else sign_in_page(wanted, error)
    return page, error.status


def _provider(code: str) -> Provider:
    found: Provider | None = next((one for one in house().providers if one.code == code), None)
    if found is None:
        raise NotFound(N_("provider"), code)
    return found


def _back(code: str) -> str:
    """Return the address that the provider sends people back to, as it must be registered there."""
    return f"{house().settings.base_url}/sign-in/with/{code}/done"
