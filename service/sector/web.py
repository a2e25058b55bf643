"""Pages of the sector database: calls and what is out for everybody, one's own contribution, a curator's decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lca.errors import LcaError, ReleaseRefused
from lca.footprint_method import load
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import Actor, may
from service.calculations import footprint_runs
from service.errors import N_, ServiceError, Wrong, as_wrong, status_of
from service.http import KEY, NUMBER, VERSION, acting, keep_as, now
from service.i18n import Text
from service.sector import actions
from service.sector.actions import ADMITTED, Offer
from service.sector.models import SectorRelease

blueprint = Blueprint("sector-pages", __name__, url_prefix="/organisations/<code>/sector")

FORBIDDEN, MISSING = 403, 404

STATES = {"open": N_("not decided yet"), "admitted": N_("admitted"), "rejected": N_("rejected"),
          "withdrawn": N_("withdrawn")}  # fmt: skip
PARTS = {
    "fossil": N_("fossil"),
    "biogenic_emissions": N_("biogenic emissions"),
    "luluc": N_("land use and land-use change"),
    "aircraft": N_("air transport"),
    "biogenic_removals": N_("biogenic removals"),
}
WITHHELD = {
    "by_stage": N_("stages"),
    "parts": N_("fossil and biogenic parts"),
    "biogenic_removals": N_("biogenic removals"),
    "primary_data_share": N_("share of primary data"),
}


@blueprint.get("")
def listed(code: str) -> str:
    """List the collections of all curators."""
    session, actor = db.session(), acting(code)
    rows = actions.collections(session, actor)
    newest = {row.id: _newest(actions.releases(session, actor, row.id or 0)) for row in rows}
    organisation = accounts.show(session, actor)
    methods = {row.method: load(row.method).name for row in rows}
    return flask.render_template(
        "pages/sector.html", organisation=organisation, collections=rows, newest=newest, methods=methods
    )


def _newest(rows: Any) -> dict[str, Any] | None:
    return _content(rows[-1]) if rows else None


def _content(row: SectorRelease) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.snapshot)
    return found


@blueprint.get(f"/{NUMBER}")
def show(code: str, number: int) -> str:
    """Show a collection: terms, releases, and the contributions that one may see."""
    return _collection(code, number)


def _collection(code: str, number: int, **said: Any) -> str:
    session, actor = db.session(), acting(code)
    session.rollback() if said.get("failed") else session.flush()
    row = actions.collection(session, actor, number)
    seen = actions.contributions(session, actor, number)
    is_curator = row.organisation_id == actor.organisation_id
    offers = [one for one in footprint_runs.footprints(session, actor) if not one.superseded_by]
    stands = any(one.organisation == code and one.state != actions.WITHDRAWN for one in seen)
    takes_part = may(actor, "contribute to sector data") and not stands and now().date() <= row.closes
    return flask.render_template(
        "pages/sector_collection.html",
        organisation=accounts.show(session, actor),
        collection=row,
        contributions=seen,
        releases=[_content(one) for one in reversed(actions.releases(session, actor, number))],
        stages={one.id: {"zh": one.zh, "en": one.en} for one in load(row.method).boundary.stages},
        footprints=[one for one in offers if one.method == row.method] if takes_part else [],
        decides=is_curator and may(actor, "curate sector data"),
        publishes=is_curator and may(actor, "release sector data"),
        states=STATES,
        parts=PARTS,
        withheld=WITHHELD,
        method=load(row.method),
        **said,
    )


def _done(code: str, number: int, do: Callable[[Session, Actor], object]) -> ResponseReturnValue:
    """Go back to the collection; what cannot be done is told there, beside what was filled in."""
    try:
        do(db.session(), acting(code))
    except (ServiceError, LcaError) as error:
        if status_of(error) in (FORBIDDEN, MISSING):
            raise
        return _collection(code, number, failed=_told(error), sent=request.form), status_of(error)
    return flask.redirect(flask.url_for("sector-pages.show", code=code, number=number), 303)


def _told(error: ServiceError | LcaError) -> Sequence[Wrong]:
    if isinstance(error, ReleaseRefused):
        return [Wrong("", flaw.code, Text(flaw.message, **flaw.params)) for flaw in error.flaws]
    return as_wrong(error)


@blueprint.post(f"/{NUMBER}/contributions")
def contribute(code: str, number: int) -> ResponseReturnValue:
    """Contribute a frozen footprint of one's own."""
    sent = request.form
    offer = Offer(sent.get("footprint", ""), sent.get("amount", "").strip(), sent.get("evidence", "")[:1000])
    return _done(code, number, lambda session, actor: actions.contribute(session, actor, number, offer, now()))


@blueprint.post(f"/{NUMBER}/contributions/<{KEY}:contribution>/withdraw")
def withdraw(code: str, number: int, contribution: int) -> ResponseReturnValue:
    """Take a contribution back."""
    reason = request.form.get("reason", "")[:1000]
    return _done(code, number, lambda session, actor: actions.withdraw(session, actor, contribution, reason, now()))


@blueprint.post(f"/{NUMBER}/contributions/<{KEY}:contribution>/decide")
def decide(code: str, number: int, contribution: int) -> ResponseReturnValue:
    """Admit a contribution or reject it."""
    reason, is_admitted = request.form.get("reason", "")[:1000], request.form.get("decision") == ADMITTED
    return _done(
        code,
        number,
        lambda session, actor: actions.decide(session, actor, contribution, reason, now(), is_admitted=is_admitted),
    )


@blueprint.post(f"/{NUMBER}/releases")
def release(code: str, number: int) -> ResponseReturnValue:
    """Publish the averages of what is admitted."""
    return _done(code, number, lambda session, actor: actions.release(session, actor, number, now()))


@blueprint.get(f"/{NUMBER}/releases/{VERSION}.json")
def dataset(code: str, number: int, version: int) -> ResponseReturnValue:
    """Hand on a release as a data set."""
    data = actions.dataset(db.session(), acting(code), number, version)
    response = flask.jsonify(data)
    keep_as(response, f"{data['dataset']['collection']['code']}-v{version}.json")
    return response
