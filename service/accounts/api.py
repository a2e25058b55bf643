"""Organisations, their people and programs as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from marshmallow import Schema, fields

from lca import ledger
from service import db
from service.accounts import actions, clients, invitations, people
from service.accounts.links import hand_over
from service.accounts.models import ApiClient, Invitation, Organisation
from service.accounts.rights import ROLES, SCOPES
from service.fields import ORGANISATION
from service.http import NUMBER, Blueprint, acting, acting_for_none, now, part, rooms, tagged
from service.schemas import Choice, IfMatch, Page, schema, text

OrganisationSchema = schema("Organisation", ORGANISATION)
ChangeSchema = schema("OrganisationChange", ORGANISATION, code=None, reason=text(limit=1000, required=True))


class NewOrganisationSchema(OrganisationSchema):  # type: ignore[misc, valid-type]
    """An organisation to be made."""

    parent = text(limit=40, load_only=True, metadata={"description": "code of the group it belongs to"})


blueprint = Blueprint("organisations", __name__, url_prefix="/api/v1/organisations", description="Reporting entities")


@blueprint.route("", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, OrganisationSchema(many=True))
def organisations(asked: dict[str, Any]) -> Sequence[Organisation]:
    """List the organisations."""
    found: Sequence[Organisation] = rooms(db.session())
    return part(found, asked, lambda row: row.code)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(NewOrganisationSchema)
@blueprint.response(201, OrganisationSchema)
def create(data: dict[str, Any]) -> Organisation:
    """Create an organisation."""
    parent = data.pop("parent")
    return actions.create(db.session(), acting_for_none(), ledger.Organisation(**data), now(), parent=parent)


@blueprint.route("/<code>", methods=["GET"])
@blueprint.response(200, OrganisationSchema)
def show(code: str) -> Organisation:
    """Show an organisation."""
    return tagged(actions.ORGANISATION, actions.show(db.session(), acting(code)))


@blueprint.route("/<code>", methods=["PATCH"])
@blueprint.arguments(ChangeSchema(partial=True))
@blueprint.arguments(IfMatch, location="headers")
@blueprint.response(200, OrganisationSchema)
def change(data: dict[str, Any], given: dict[str, Any], code: str) -> Organisation:
    """Change what is said of an organisation; what is not sent stays."""
    actor = acting(code)
    reason = data.pop("reason", "")
    held = actions.value_of(actions.show(db.session(), actor))
    changed = actions.change(db.session(), actor, replace(held, **data), reason, now(), **given)
    return tagged(actions.ORGANISATION, changed)


class MemberSchema(Schema):
    """A role of a person."""

    email = text(limit=255, required=True)
    role = fields.String(required=True, validate=Choice(tuple(ROLES)))
    name = fields.String(dump_only=True)


class InvitationSchema(Schema):
    """An invitation to a role."""

    id = fields.Integer(dump_only=True)
    email = text(limit=255, required=True)
    role = fields.String(required=True, validate=Choice(tuple(ROLES)))
    created = fields.AwareDateTime(dump_only=True, default_timezone=UTC)
    expires = fields.AwareDateTime(dump_only=True, default_timezone=UTC)


class NewInvitationSchema(InvitationSchema):
    """An invitation with the address at which it is taken up."""

    link = fields.String(
        dump_only=True,
        metadata={"description": "told once, for the one who is invited; empty where it was sent by mail"},
    )


class ClientSchema(Schema):
    """A program that acts for an organisation."""

    id = fields.String(dump_only=True, metadata={"description": "its client_id at /oauth/token"})
    name = text(limit=100, required=True)
    scopes = text(limit=100, required=True, metadata={"description": f"of {', '.join(SCOPES)}, separated by blanks"})
    created = fields.AwareDateTime(dump_only=True, default_timezone=UTC)
    revoked = fields.AwareDateTime(dump_only=True, default_timezone=UTC, allow_none=True)


class SecretSchema(ClientSchema):
    """A program with its secret, told this once."""

    secret = fields.String(dump_only=True, metadata={"description": "told once: only its digest is kept"})


people_of = Blueprint(
    "members", __name__, url_prefix="/api/v1/organisations/<code>/members", description="People and their roles"
)
invited = Blueprint(
    "invitations", __name__, url_prefix="/api/v1/organisations/<code>/invitations", description="Who is asked in"
)
programs = Blueprint(
    "clients", __name__, url_prefix="/api/v1/organisations/<code>/clients", description="Programs and their secrets"
)


@people_of.route("", methods=["GET"])
@people_of.arguments(Page, location="query")
@people_of.response(200, MemberSchema(many=True))
def members(asked: dict[str, Any], code: str) -> list[dict[str, str]]:
    """List who has which role."""
    found = people.members(db.session(), acting(code))
    shown = [{"email": who.email, "name": who.name, "role": row.role} for who, row in found]
    return part(shown, asked, lambda row: f"{row['email']} {row['role']}")


@people_of.route("", methods=["POST"])
@people_of.arguments(MemberSchema)
@people_of.response(201, MemberSchema)
def put(data: dict[str, str], code: str) -> dict[str, str]:
    """Give a person a role."""
    row = people.put_member(db.session(), acting(code), data["email"], data["role"], now())
    return {"email": people.folded(data["email"]), "role": row.role}


@people_of.route("/end", methods=["POST"])
@people_of.arguments(MemberSchema)
@people_of.response(200, MemberSchema)
def end(data: dict[str, str], code: str) -> dict[str, str]:
    """Take a role back."""
    row = people.end_member(db.session(), acting(code), data["email"], data["role"], now())
    return {"email": people.folded(data["email"]), "role": row.role}


@invited.route("", methods=["GET"], endpoint="listed")
@invited.arguments(Page, location="query")
@invited.response(200, InvitationSchema(many=True))
def invitations_(asked: dict[str, Any], code: str) -> Sequence[Invitation]:
    """List the invitations that may still be taken up."""
    return part(invitations.opened(db.session(), acting(code), now()), asked, lambda row: row.id or 0)


@invited.route("", methods=["POST"], endpoint="create")
@invited.arguments(NewInvitationSchema)
@invited.response(201, NewInvitationSchema)
def invite(data: dict[str, str], code: str) -> dict[str, Any]:
    """Invite somebody to a role; the answer is the same whether the address is known or not."""
    session, actor = db.session(), acting(code)
    row, token = invitations.invite(session, actor, data["email"], data["role"], now())
    return {**row.model_dump(), "link": hand_over(row, actions.show(session, actor), token)}


@invited.route(f"/{NUMBER}/withdrawal", methods=["POST"])
@invited.response(200, InvitationSchema)
def withdraw(code: str, number: int) -> Invitation:
    """Take an invitation back."""
    return invitations.withdraw(db.session(), acting(code), number, now())


@programs.route("", methods=["GET"], endpoint="clients")
@programs.arguments(Page, location="query")
@programs.response(200, ClientSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> Sequence[ApiClient]:
    """List the clients."""
    return part(clients.clients(db.session(), acting(code)), asked, lambda row: row.id)


@programs.route("", methods=["POST"], endpoint="create")
@programs.arguments(ClientSchema)
@programs.response(201, SecretSchema)
def create_client(data: dict[str, str], code: str) -> dict[str, Any]:
    """Make a client; its secret is in this answer and nowhere else."""
    return _told(*clients.create(db.session(), acting(code), data["name"], data["scopes"], now()))


@programs.route("/<identifier>/rotation", methods=["POST"])
@programs.response(200, SecretSchema)
def rotate(code: str, identifier: str) -> dict[str, Any]:
    """Give a client another secret; the one before is good for a day more."""
    return _told(*clients.rotate(db.session(), acting(code), identifier, now()))


@programs.route("/<identifier>/revocation", methods=["POST"])
@programs.response(200, ClientSchema)
def revoke(code: str, identifier: str) -> ApiClient:
    """Let a client in no more."""
    return clients.revoke(db.session(), acting(code), identifier, now())


def _told(row: ApiClient, secret: str) -> dict[str, Any]:
    return {**row.model_dump(), "secret": secret}
