"""The exchange of footprints as its owner steers it: what is published, who the partners are, what they sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from service import db, sealing
from service.exchange import taking
from service.exchange.pact import outbox, partners, publishing, received
from service.exchange.pact.models import ExchangeEvent, Partner, PublishedFootprint, ReceivedFootprint
from service.exchange.pact.partners import PARTNER
from service.http import NUMBER, Blueprint, acting, house, now, part, tagged
from service.products.schemas import model_data
from service.schemas import CODE_PATTERN, Choice, IfMatch, Page, Reason, text
from service.suppliers.models import Answer

blueprint = Blueprint(
    "footprint-exchange",
    __name__,
    url_prefix="/api/v1/organisations/<code>/pact",
    description="Footprints published to partners by PACT, and those that partners sent",
)


class PublicationSchema(Schema):
    """A footprint to be published, and what is stated beside it."""

    footprint = text(limit=400, required=True)
    said = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": "as PACT asks for it"})


class PublishedSchema(Schema):
    """A published footprint."""

    id = fields.String()
    product = fields.String()
    footprint = fields.String(attribute="footprint_id")
    status = fields.String(metadata={"description": "Active or Deprecated"})
    preceding = fields.Function(
        lambda row: json.loads(row.preceding), metadata={"type": "array", "items": {"type": "string"}}
    )
    created = fields.DateTime()
    deprecated = fields.DateTime(allow_none=True)
    reason = fields.String()


class PartnerSchema(Schema):
    """A partner: its host, who we are there, who it is here, what it may see."""

    code = text(CODE_PATTERN, limit=40, required=True)
    name = text(limit=200)
    version = fields.String(load_default="3", validate=Choice(("3", "2")))
    base_url = text(limit=400, metadata={"description": "address of its host; empty for one that only fetches"})
    auth_url = text(limit=400, metadata={"description": "where tokens are given, if not at the host itself"})
    client_id = text(limit=200, metadata={"description": "who we are at its host"})
    client_secret = text(limit=400, load_only=True, metadata={"description": "our secret there; never shown"})
    api_client_id = fields.Function(
        lambda row: row.api_client_id or "",
        lambda value: text(limit=40).deserialize(value),
        load_default=str,
        metadata={"type": "string", "maxLength": 40, "description": "the client that it uses at our host"},
    )
    sees = fields.Function(
        lambda row: json.loads(row.sees),
        lambda value: _products(value),
        load_default=tuple,
        metadata={"type": "array", "items": {"type": "string"}, "description": "products that it may see; * for all"},
    )
    reason = text(limit=1000, metadata={"description": "why a partner is described otherwise"})
    is_ended = fields.Function(lambda row: row.ended is not None, metadata={"type": "boolean"})


def _products(value: Any) -> tuple[str, ...]:
    return tuple(fields.List(text(CODE_PATTERN, limit=200, required=True)).deserialize(value))


class CriteriaSchema(Schema):
    """Which footprints a partner is asked for."""

    criteria = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "as PACT asks for them; of version 2 with its pf"}
    )


class EventSchema(Schema):
    """An event from or to a partner, and how far it got."""

    id = fields.Integer()
    direction = fields.String(metadata={"description": "in or out"})
    kind = fields.String()
    event = fields.String(attribute="event_id")
    state = fields.String()
    attempts = fields.Integer()
    problem = fields.String()
    created = fields.DateTime()


class WantedSchema(Page):
    """Which of the footprints received are wanted."""

    partner = text(CODE_PATTERN, limit=40, metadata={"description": "those of one partner"})
    purchase = text(
        CODE_PATTERN, limit=40, metadata={"description": "those that its supplier sent for a bought product"}
    )


class ReceivedSchema(Schema):
    """A footprint that a partner sent, word for word, with what is wrong with it."""

    id = fields.Integer()
    footprint_id = fields.String(attribute="pf_id")
    version = fields.String()
    status = fields.String()
    problems = fields.Function(
        lambda row: json.loads(row.problems), metadata={"type": "array", "items": {"type": "object"}}
    )
    footprint = fields.Function(lambda row: json.loads(row.document), metadata={"type": "object"})
    created = fields.DateTime()


class AnswersSchema(Schema):
    """Which request a received footprint answers."""

    request = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2147483647))


class TakenSchema(Schema):
    """The answer that a received footprint has become."""

    answer = fields.Integer(attribute="id")
    request = fields.Integer(attribute="request_id")
    document_sha256 = fields.String()
    state = fields.String()


@blueprint.route("/published", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, PublishedSchema(many=True))
def published(asked: dict[str, Any], code: str) -> list[PublishedFootprint]:
    """List what is published."""
    return part(publishing.published(db.session(), acting(code)), asked, lambda row: row.id)


@blueprint.route("/published", methods=["POST"])
@blueprint.arguments(PublicationSchema)
@blueprint.response(201, PublishedSchema)
def publish(asked: dict[str, Any], code: str) -> PublishedFootprint:
    """Publish a frozen footprint; what was published of the product before is deprecated."""
    said = model_data(asked["said"])
    return publishing.publish(db.session(), acting(code), asked["footprint"], said, now(), source=_source())


@blueprint.route("/published/<identifier>/deprecation", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(200, PublishedSchema)
def deprecate(data: dict[str, str], code: str, identifier: str) -> PublishedFootprint:
    """Withdraw a published footprint, for good."""
    return publishing.deprecate(db.session(), acting(code), identifier, data["reason"], now(), source=_source())


@blueprint.route("/partners", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, PartnerSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> list[Partner]:
    """List the partners."""
    return part(partners.partners(db.session(), acting(code)), asked, lambda row: row.code)


@blueprint.route("/partners", methods=["POST"])
@blueprint.arguments(PartnerSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(201, PartnerSchema)
def connect(data: dict[str, Any], expecting: dict[str, Any], code: str) -> Partner:
    """Register a partner, or describe it otherwise; a secret that is not sent stays."""
    session, actor, reason = db.session(), acting(code), data.pop("reason")
    given = partners.NewPartner(**{**data, "name": data["name"] or data["code"]})
    seal = sealing.of_partners(house().settings.data)
    # Where one is expected, there is one to change, or nothing.
    if expecting["expected"] or any(row.code == given.code for row in partners.partners(session, actor)):
        return tagged(PARTNER, partners.change(session, actor, given, reason, seal, now(), **expecting))
    return tagged(PARTNER, partners.add(session, actor, given, seal, now()))


@blueprint.route("/partners/<partner>", methods=["GET"])
@blueprint.response(200, PartnerSchema)
def show(code: str, partner: str) -> Partner:
    """Show a partner that has not ended."""
    return tagged(PARTNER, partners.show(db.session(), acting(code), partner))


@blueprint.route("/partners/<partner>/end", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(200, PartnerSchema)
def disconnect(data: dict[str, str], expecting: dict[str, Any], code: str, partner: str) -> Partner:
    """Send a partner nothing more, and let it see nothing more."""
    return partners.end(db.session(), acting(code), partner, data["reason"], now(), **expecting)


@blueprint.route("/partners/<partner>/requests", methods=["POST"])
@blueprint.arguments(CriteriaSchema)
@blueprint.response(202, EventSchema)
def request(asked: dict[str, Any], code: str, partner: str) -> ExchangeEvent:
    """Ask a partner for footprints; its answer comes as an event."""
    criteria = model_data(asked["criteria"])
    return outbox.request(db.session(), acting(code), partner, criteria, now(), source=_source())


@blueprint.route("/partners/<partner>/events", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, EventSchema(many=True))
def events(asked: dict[str, Any], code: str, partner: str) -> list[ExchangeEvent]:
    """List the events from and to a partner, newest first."""
    return part(outbox.listed(db.session(), acting(code), partner), asked, lambda row: row.id or 0)


@blueprint.route("/received", methods=["GET"])
@blueprint.arguments(WantedSchema, location="query")
@blueprint.response(200, ReceivedSchema(many=True))
def received_(asked: dict[str, Any], code: str) -> list[ReceivedFootprint]:
    """List the footprints that partners sent, newest first."""
    session, actor = db.session(), acting(code)
    rows: Sequence[ReceivedFootprint] = received.received(session, actor, asked["partner"])
    if asked["purchase"]:
        fitting = {row.id for row in taking.fitting(session, actor, asked["purchase"])}
        rows = [row for row in rows if row.id in fitting]
    return part(rows, asked, lambda row: row.id or 0)


@blueprint.route(f"/received/{NUMBER}/answer", methods=["POST"])
@blueprint.arguments(AnswersSchema)
@blueprint.response(201, TakenSchema)
def take(data: dict[str, int], code: str, number: int) -> Answer:
    """Take what a partner sent as the answer to a request of one's own."""
    return taking.take(db.session(), acting(code), data["request"], number, now())


def _source() -> str:
    """Return what our events name as theirs."""
    return f"{house().settings.base_url}/3/events"
