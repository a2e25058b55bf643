"""Webhooks as JSON: addresses with their events, what was told, and telling it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from service import db, sealing
from service.events.actions import KINDS
from service.http import KEY, NUMBER, Blueprint, acting, house, now, part, place, tagged
from service.outside import LONGEST_URL, Outside
from service.schemas import Choice, IfMatch, Page, text
from service.webhooks import actions
from service.webhooks.actions import WEBHOOK, NewWebhook
from service.webhooks.models import Delivery, Webhook

blueprint = Blueprint(
    "webhooks",
    __name__,
    url_prefix="/api/v1/organisations/<code>/webhooks",
    description="Telling others' programs what happened, signed by Standard Webhooks",
)


class NewWebhookSchema(Schema):
    """Where to tell, and of which events."""

    url = text(limit=LONGEST_URL, required=True, metadata={"description": "https, at a public address"})
    kinds = fields.List(
        fields.String(validate=Choice(KINDS)), required=True, validate=validate.Length(min=1, max=len(KINDS))
    )


class WebhookSchema(Schema):
    """A webhook; its secret is shown once, when it is made."""

    id = fields.Integer()
    url = fields.String()
    kinds = fields.Function(lambda row: row.kinds.split(), metadata={"type": "array", "items": {"type": "string"}})
    active = fields.Boolean()
    made_by = fields.String()
    created = fields.DateTime()


class MadeSchema(Schema):
    """A new webhook with the secret that its signatures are made with."""

    webhook = fields.Nested(WebhookSchema)
    secret = fields.String(metadata={"description": "whsec_ and base64; never shown again"})


class SwitchSchema(Schema):
    """Whether it is told anything."""

    active = fields.Boolean(required=True)


class DeliverySchema(Schema):
    """One event for one webhook, and how far the telling has come."""

    id = fields.Integer()
    event = fields.Integer(attribute="event_id")
    message = fields.String(metadata={"description": "the header webhook-id, the same at every try"})
    state = fields.String(metadata={"description": "pending, delivered or given_up"})
    attempts = fields.Integer()
    created = fields.DateTime()
    next_try = fields.DateTime(allow_none=True)
    last_try = fields.DateTime(allow_none=True)
    last_status = fields.Integer(allow_none=True)
    last_answer = fields.String()


@blueprint.route("", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, WebhookSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> Sequence[Webhook]:
    """List the webhooks."""
    return part(actions.webhooks(db.session(), acting(code)), asked, lambda row: row.id or 0)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(NewWebhookSchema)
@blueprint.response(201, MadeSchema)
def create(asked: dict[str, Any], code: str) -> actions.Made:
    """Write an address down; the answer holds its secret, this once."""
    settings = house().settings
    outside = Outside(loopback=settings.webhook_loopback)
    seal = sealing.of_webhooks(settings.data)
    return actions.create(db.session(), acting(code), NewWebhook(**asked), seal, outside, now())


@blueprint.route(f"/{NUMBER}", methods=["GET"])
@blueprint.response(200, WebhookSchema)
def show(code: str, number: int) -> Webhook:
    """Show a webhook."""
    return tagged(WEBHOOK, actions.show(db.session(), acting(code), number))


@blueprint.route(f"/{NUMBER}", methods=["PATCH"])
@blueprint.arguments(SwitchSchema)
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(200, WebhookSchema)
def switch(asked: dict[str, Any], given: dict[str, Any], code: str, number: int) -> Webhook:
    """Switch a webhook off or on."""
    return tagged(WEBHOOK, actions.switch(db.session(), acting(code), number, now(), **asked, **given))


@blueprint.route(f"/{NUMBER}/deliveries", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, DeliverySchema(many=True))
def deliveries(asked: dict[str, Any], code: str, number: int) -> Sequence[Delivery]:
    """List what a webhook was told, newest first."""
    after, limit = place(asked, int, 0), asked["limit"] + 1
    rows = actions.deliveries(db.session(), acting(code), number, after=after, limit=limit)
    return part(rows, asked, lambda row: row.id or 0, whole=False)


@blueprint.route(f"/{NUMBER}/deliveries/<{KEY}:delivery>/replay", methods=["POST"])
@blueprint.response(200, DeliverySchema)
def replay(code: str, number: int, delivery: int) -> Delivery:
    """Tell an event again, under the same id and with a new timestamp."""
    return actions.replay(db.session(), acting(code), number, delivery, now())
