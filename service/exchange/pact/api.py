"""The addresses of a PACT host: ``/3`` and ``/2`` side by side, discovery and tokens. Errors are PACT's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flask
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from factors.errors import FactorsError
from lca.errors import LcaError
from service import db
from service.accounts import oauth
from service.accounts.rights import PARTNER, SCOPES
from service.errors import N_, NotAllowed, ServiceError, Wrong
from service.exchange.pact import errors, filters, host, paging, partners
from service.exchange.pact.errors import EventInvalid
from service.exchange.pact.models import Partner
from service.http import MESSAGES, asking, house, now, sentence
from service.i18n import gettext

blueprint = Blueprint("pact", __name__)

SCOPE = "pact"
FILTER = "$filter"
MOST_BYTES = 16 * 1024 * 1024
"""Largest event that is taken."""

NO_JSON = N_("is no JSON")
VERSION = "<any('3', '2'):version>"


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> dict[str, Any]:
    """Say where tokens are to be had (OpenID Connect Discovery 1.0, as far as there is something to say)."""
    return {
        "issuer": _root(),
        "token_endpoint": f"{_root()}/auth/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"],
        "scopes_supported": [one for one in SCOPES if one == SCOPE],
    }


@blueprint.post("/auth/token")
def token() -> ResponseReturnValue:
    """Give a partner's program a token."""
    return oauth.token()


@blueprint.get(f"/{VERSION}/footprints")
@blueprint.get(f"/{VERSION}/footprints/")
def footprints(version: str) -> ResponseReturnValue:
    """List the footprints that the partner may see and asks for."""
    partner = _partner()
    asked: Mapping[str, Sequence[str]] = request.args.to_dict(flat=False)
    after = None
    if paging.CURSOR in asked:
        cursor = paging.opened(request.args[paging.CURSOR], _key(), _audience(partner, version))
        asked, after = cursor.query, cursor.after
    takes, limit = _wanted(asked, version)
    page = host.listed(db.session(), partner, version, takes, min(limit, paging.PAGE), after)
    response = flask.jsonify({"data": page.documents})
    if page.last is not None:
        sealed = paging.sealed(paging.Cursor(asked, page.last), _key(), _audience(partner, version))
        response.headers["Link"] = paging.next_link(f"{_root()}/{version}/footprints", sealed)
    return response


@blueprint.get(f"/{VERSION}/footprints/<identifier>")
def footprint(version: str, identifier: str) -> ResponseReturnValue:
    """Return one footprint."""
    return {"data": host.show(db.session(), _partner(), version, identifier)}


@blueprint.post(f"/{VERSION}/events")
def receive(version: str) -> ResponseReturnValue:
    """Take an event."""
    partner = _partner()
    host.receive(db.session(), partner, _sent(), version, now(), source=source(version))
    return "", 200


@blueprint.route(f"/{VERSION}/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(version: str, rest: str) -> ResponseReturnValue:
    """Say of every other address that nothing is there, and of ours how they may be asked, as PACT says it."""
    del version
    first, *inner = rest.rstrip("/").split("/")
    if first == "footprints" and len(inner) < 2:
        raise MethodNotAllowed(["GET", "HEAD", "OPTIONS"])
    if rest == "events":
        raise MethodNotAllowed(["POST", "OPTIONS"])
    raise NotFound


@blueprint.after_request
def _not_kept(response: flask.Response) -> flask.Response:
    """Keep what one partner may see out of every store on the way."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def source(version: str) -> str:
    """Return what our events name as theirs."""
    return f"{house().settings.base_url}/{version}/events"


def _partner() -> Partner:
    """Return whose program asks.

    Raises:
        NotAllowed: nobody's that is a partner, or a token without the scope.
    """
    who = asking()
    found = partners.of_client(db.session(), who.client_id)
    if found is None or PARTNER not in who.within(who.roles.get(found.organisation_id, frozenset())):
        raise NotAllowed(who.name, N_("exchange footprints"))
    return found


def _wanted(asked: Mapping[str, Sequence[str]], version: str) -> tuple[Callable[[Any], bool], int]:
    """Return what is asked for, and how many at most."""
    if version == "3":
        criteria, limit = filters.of_query(asked)
        return criteria.takes, paging.PAGE if limit is None else limit
    unknown = sorted(set(asked) - {FILTER, filters.LIMIT})
    if unknown:
        raise errors.QueryUnsupported(what=", ".join(unknown)[:300])
    limit = filters.limit_of(asked.get(filters.LIMIT, ()))
    conditions = filters.odata(" and ".join(one for one in asked.get(FILTER, ()) if one.strip()))
    return lambda document: all(one.takes(document) for one in conditions), paging.PAGE if limit is None else limit


def _sent() -> Any:
    """Return the JSON that was sent."""
    if not request.is_json:
        raise UnsupportedMediaType
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge
    try:
        return json.loads(request.get_data(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise EventInvalid([Wrong("", "pact-event-invalid", NO_JSON)]) from error


def _no_number(text: str) -> None:
    raise ValueError(text)


def _root() -> str:
    return paging.public_root(house().settings.base_url, request.host)


def _key() -> bytes:
    return str(current_app.config["SECRET_KEY"]).encode()


def _audience(partner: Partner, version: str) -> str:
    return f"pact {version} {partner.id}"


# --- errors --------------------------------------------------------------------------------------


def _refused(error: Exception) -> ResponseReturnValue:
    status = errors.status_for(error)
    return _answer(status, errors.told(error), error)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    kept = status if status in errors.CODES or status in (405, 413, 429) else 400 if status < 500 else 500
    response = _answer(kept, sentence(error) if status in MESSAGES else gettext(MESSAGES[kept][1]))
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.valid_methods or ())
    return response


def _no_database(error: OperationalError) -> ResponseReturnValue:
    del error
    return _answer(503, gettext(MESSAGES[503][1]))


def _answer(status: int, sentence: str, error: Exception | None = None) -> flask.Response:
    response = flask.jsonify(errors.body(status, sentence, error))
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tanji"'
    return response


for kind in (ServiceError, FactorsError, LcaError):
    blueprint.register_error_handler(kind, _refused)
blueprint.register_error_handler(HTTPException, _http)
blueprint.register_error_handler(OperationalError, _no_database)
