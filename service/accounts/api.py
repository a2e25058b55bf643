"""Organisations as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lca import ledger
from service import db
from service.accounts import actions
from service.accounts.models import Organisation
from service.fields import ORGANISATION
from service.http import Blueprint, acting, now
from service.schemas import schema, text

OrganisationSchema = schema("Organisation", ORGANISATION)
ChangeSchema = schema("OrganisationChange", ORGANISATION, code=None, reason=text(limit=1000, required=True))


class NewOrganisationSchema(OrganisationSchema):  # type: ignore[misc, valid-type]
    """An organisation to be made."""

    parent = text(limit=40, load_only=True, metadata={"description": "code of the group it belongs to"})


blueprint = Blueprint("organisations", __name__, url_prefix="/api/v1/organisations", description="Reporting entities")


@blueprint.route("", methods=["GET"])
@blueprint.response(200, OrganisationSchema(many=True))
def organisations() -> Sequence[Organisation]:
    """List the organisations."""
    return actions.organisations(db.session(), actions.HOUSE)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(NewOrganisationSchema)
@blueprint.response(201, OrganisationSchema)
def create(data: dict[str, Any]) -> Organisation:
    """Create an organisation."""
    parent = data.pop("parent")
    return actions.create(db.session(), actions.HOUSE, ledger.Organisation(**data), now(), parent=parent)


@blueprint.route("/<code>", methods=["GET"])
@blueprint.response(200, OrganisationSchema)
def show(code: str) -> Organisation:
    """Show an organisation."""
    return actions.show(db.session(), acting(code))


@blueprint.route("/<code>", methods=["PATCH"])
@blueprint.arguments(ChangeSchema(partial=True))
@blueprint.response(200, OrganisationSchema)
def change(data: dict[str, Any], code: str) -> Organisation:
    """Change what is said of an organisation; what is not sent stays."""
    actor = acting(code)
    reason = data.pop("reason", "")
    held = actions.value_of(actions.show(db.session(), actor))
    return actions.change(db.session(), actor, replace(held, **data), reason, now())
