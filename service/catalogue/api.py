"""Factors as JSON: the published library, what answers an activity, and an organisation's own factors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import flask
from marshmallow import Schema, fields

from factors import search as ranking
from factors.library import Library
from lca import answer
from service import db
from service.catalogue import actions, listing
from service.catalogue.actions import OWN_FACTOR
from service.catalogue.models import OwnFactor
from service.catalogue.schemas import OwnFactorSchema, new_factor
from service.errors import InputInvalid, Wrong
from service.http import Blueprint, acting, frozen, house, now, part, tagged
from service.i18n import N_
from service.schemas import CODE_PATTERN, Choice, IfMatch, Page, Reason, text

OUTDATED = N_("the factor library is another one by now, and its ranking too: search again without a cursor")
# A library version, the digest of what was asked, and the record that the part before ended with.
RANKED = re.compile(r"([0-9a-f]{16}) [0-9a-f]{16} ")

blueprint = Blueprint("factors", __name__, url_prefix="/api/v1/factors", description="Published emission factors")
own = Blueprint(
    "own-factors",
    __name__,
    url_prefix="/api/v1/organisations/<code>/factors",
    description="Factors that an organisation brings itself",
)


class SearchSchema(Page):
    """Words to search by: Chinese, pinyin, English, places, years."""

    q = text(limit=200, required=True)


class QuestionSchema(Schema):
    """Which value answers an activity."""

    activity = text(limit=60, required=True)
    region = text(limit=60, required=True)
    on = fields.Date(required=True)
    method = text(CODE_PATTERN, limit=60)
    purpose = fields.String(load_default="inventory", validate=Choice(answer.PURPOSES))
    parameter_set = text(limit=40)
    unit = text(limit=40)


class ListedSchema(Schema):
    """A record as a list shows it; value and unit as printed."""

    id = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    category = fields.String()
    value = fields.String()
    unit = fields.String()
    gas = fields.String()
    year = fields.Integer()
    region = fields.String()
    source = fields.String()
    usable = fields.Boolean()
    refusal = fields.String(metadata={"description": "why the record is never picked by itself, or empty"})


class OtherSchema(Schema):
    """The same quantity in another year or publication."""

    id = fields.String()
    value = fields.String()
    unit = fields.String()
    year = fields.Integer()
    source = fields.String()
    refusal = fields.String()


class DetailedSchema(ListedSchema):
    """A record with its publication and its other years."""

    valid_from = fields.String()
    valid_to = fields.String()
    page = fields.String()
    publisher = fields.String()
    document = fields.String()
    source_zh = fields.String()
    licence = fields.String()
    licence_zh = fields.String()
    attribution = fields.String()
    confidence = fields.String()
    uncertainty_percent = fields.String()
    gwp_set = fields.String()
    parameter_set = fields.String()
    note = fields.String()
    history = fields.List(fields.Nested(OtherSchema))


class PartSchema(Schema):
    """One record in one role of a formula, as printed."""

    role = fields.String()
    factor_id = fields.String()
    value = fields.String()
    unit = fields.String()
    gas = fields.String()
    year = fields.String()
    region = fields.String()
    source = fields.String()
    licence = fields.String()


class CandidateSchema(Schema):
    """A record that was looked at and not taken."""

    factor_id = fields.String()
    reason = fields.String()


class AnswerSchema(Schema):
    """The value that answers, how good the answer is and what it beat."""

    activity = fields.String()
    region = fields.String()
    on = fields.String()
    method = fields.String()
    view = fields.String()
    purpose = fields.String()
    factor_id = fields.String()
    value = fields.String()
    unit = fields.String()
    gas = fields.String()
    per = fields.String()
    gases_kg = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    wanting = fields.String(metadata={"description": "the parameter without which the formula has no value"})
    variant = fields.String()
    variants = fields.List(fields.String())
    detail = fields.Dict(keys=fields.String(), values=fields.String())
    series = fields.String()
    formula = fields.String()
    parts = fields.List(fields.Nested(PartSchema))
    candidates = fields.List(fields.Nested(CandidateSchema))
    library_version = fields.String()


@blueprint.route("", methods=["GET"])
@blueprint.arguments(SearchSchema, location="query")
@blueprint.response(200, ListedSchema(many=True))
def search(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Search the published factors, the best first."""
    library, words = house().library, query["q"]
    _refuse_outdated(query["cursor"], library)
    ranked = f"{library.version} {hashlib.sha256(words.encode()).hexdigest()[:16]}"
    found = part(ranking.search(library, words, limit=None), query, lambda factor: f"{ranked} {factor.id}")
    return [listing.shown(factor, library) for factor in found]


def _refuse_outdated(cursor: str | int | None, library: Library) -> None:
    """Refuse a place in the ranking of another library, where the same record may stand elsewhere."""
    held = RANKED.match(cursor) if isinstance(cursor, str) else None
    if held and held[1] != library.version:
        raise InputInvalid([Wrong("cursor", "cursor-outdated", OUTDATED)])


@blueprint.route("/match", methods=["GET"])
@blueprint.arguments(QuestionSchema, location="query")
@blueprint.response(200, AnswerSchema)
def match(question: dict[str, Any]) -> dict[str, Any]:
    """Say which value answers an activity, and why."""
    return answer.answer(answer.Question(**question), house().library)


@blueprint.route("/<identifier>", methods=["GET"])
@blueprint.response(200, DetailedSchema)
def show(identifier: str) -> flask.Response:
    """Show a published factor with its source and its other years."""
    library = house().library
    return frozen(
        f"{library.version} {identifier}", lambda: DetailedSchema().dump(listing.detailed(library, identifier))
    )


@own.route("", methods=["GET"])
@own.arguments(Page, location="query")
@own.response(200, OwnFactorSchema(many=True))
def own_factors(asked: dict[str, Any], code: str) -> Sequence[OwnFactor]:
    """List an organisation's own factors."""
    return part(actions.own_factors(db.session(), acting(code)), asked, lambda row: row.factor_id)


@own.route("", methods=["POST"])
@own.arguments(OwnFactorSchema)
@own.arguments(IfMatch, location="headers")
@own.response(201, OwnFactorSchema)
def submit(data: dict[str, Any], given: dict[str, Any], code: str) -> OwnFactor:
    """Take in an own factor, or replace one with a reason."""
    actor, library, reason = acting(code), house().library, data.pop("reason")
    new = new_factor(data)
    return tagged(OWN_FACTOR, actions.put_own_factor(db.session(), actor, new, library, now(), reason=reason, **given))


@own.route("/match", methods=["GET"])
@own.arguments(QuestionSchema, location="query")
@own.response(200, AnswerSchema)
def match_own(question: dict[str, Any], code: str) -> dict[str, Any]:
    """Say which value answers an activity of this organisation, its own factors first."""
    library = house().library
    overlay = actions.overlay(db.session(), acting(code), library)
    return answer.answer(answer.Question(**question), library, overlay)


@own.route("/<identifier>", methods=["GET"])
@own.response(200, OwnFactorSchema)
def show_own(code: str, identifier: str) -> OwnFactor:
    """Show an own factor."""
    return tagged(OWN_FACTOR, actions.own_factor(db.session(), acting(code), identifier))


@own.route("/<identifier>/withdrawal", methods=["POST"])
@own.arguments(Reason)
@own.arguments(IfMatch, location="headers")
@own.response(200, OwnFactorSchema)
def withdraw(data: dict[str, str], given: dict[str, Any], code: str, identifier: str) -> OwnFactor:
    """Take an own factor back."""
    return actions.withdraw_own_factor(db.session(), acting(code), identifier, data["reason"], now(), **given)
