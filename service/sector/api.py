"""The sector database as JSON: calls, contributions, decisions and releases."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from factors.records import CONFIDENCES
from service import db
from service.catalogue.models import OwnFactor
from service.catalogue.schemas import OwnFactorSchema
from service.http import NUMBER, VERSION, Blueprint, acting, house, now, part
from service.schemas import CODE_PATTERN, Choice, DecimalString, Page, Reason, text
from service.sector import actions
from service.sector.actions import ADMITTED, REJECTED, NewCollection, Offer, Seen, Use
from service.sector.models import SectorCollection, SectorContribution, SectorDecision, SectorRelease

blueprint = Blueprint(
    "sector",
    __name__,
    url_prefix="/api/v1/organisations/<code>/sector",
    description="Production-weighted averages of a sector, of three companies or more, none of which can be computed",
)


class NewCollectionSchema(Schema):
    """What is called for; version and warming potentials are those of the method."""

    code = text(CODE_PATTERN, limit=40, required=True)
    category = text(CODE_PATTERN, limit=80, required=True, metadata={"description": "id of the product category"})
    name_zh = text(required=True)
    name_en = text()
    unit = text(limit=20, required=True, metadata={"description": "declared unit: kg, kWh, m3 …"})
    method = text(CODE_PATTERN, limit=60, required=True)
    boundary = text(CODE_PATTERN, limit=60, required=True)
    year = fields.Integer(required=True, strict=True, validate=validate.Range(min=1990, max=2100))
    region = text(CODE_PATTERN, limit=20, load_default="GLO")
    closes = fields.Date(required=True, metadata={"description": "last day on which something is contributed"})
    licence = text(required=True, metadata={"description": "under which releases may be used"})
    note = text(limit=1000)


class CollectionSchema(Schema):
    """A call for footprints of one product, made by one method over one year."""

    id = fields.Integer()
    code = fields.String()
    category = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    unit = fields.String()
    method = fields.String()
    method_version = fields.String()
    gwp_set = fields.String()
    boundary = fields.String()
    year = fields.Integer()
    region = fields.String()
    licence = fields.String()
    note = fields.String()
    closes = fields.Date()
    created = fields.DateTime()


class OfferSchema(Schema):
    """A frozen footprint, the production of the year, and what that is known by."""

    footprint = text(limit=400, required=True)
    amount = DecimalString(required=True, metadata={"description": "production in the unit of the collection"})
    evidence = text(limit=1000, required=True)


class ContributionSchema(Schema):
    """A contribution as its maker has made it."""

    id = fields.Integer()
    footprint = fields.String(attribute="footprint_id")
    snapshot_sha256 = fields.String(attribute="snapshot_sha")
    amount = fields.String()
    evidence = fields.String()
    created = fields.DateTime()
    withdrawn = fields.DateTime(allow_none=True)
    withdrawal = fields.String()


class SeenSchema(Schema):
    """A contribution with its results and what was decided of it; never what it is made of."""

    id = fields.Integer()
    organisation = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    footprint = fields.String(metadata={"description": "for its maker alone"})
    amount = fields.String()
    evidence = fields.String()
    figures = fields.Dict(keys=fields.String())
    state = fields.String(metadata={"description": "open, admitted, rejected or withdrawn"})
    reason = fields.String()
    created = fields.DateTime()


class DecideSchema(Schema):
    """What is decided of a contribution; a maker who is rejected is owed a reason."""

    decision = fields.String(required=True, validate=Choice((ADMITTED, REJECTED)))
    reason = text(limit=1000)


class SectorDecisionSchema(Schema):
    """What was decided of a contribution."""

    contribution = fields.Integer(attribute="contribution_id")
    is_admitted = fields.Boolean()
    reason = fields.String()
    created = fields.DateTime()


class ReleaseSchema(Schema):
    """A published version; the data set holds everything else."""

    version = fields.Integer()
    snapshot_sha256 = fields.String()
    created = fields.DateTime()


class DatasetSchema(Schema):
    """A release to hand on."""

    dataset = fields.Dict(keys=fields.String(), metadata={"description": "as published; canonical JSON has the digest"})
    sha256 = fields.String()
    citation = fields.Dict(keys=fields.String(), values=fields.String())


class SectorUseSchema(Schema):
    """For what activity a release is taken as a factor of one's own."""

    activity = text(limit=60, required=True)
    confidence = fields.String(load_default="medium", validate=Choice(CONFIDENCES))
    reason = text(limit=1000, metadata={"description": "why another one is replaced"})


@blueprint.route("/collections", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, CollectionSchema(many=True))
def collections(asked: dict[str, Any], code: str) -> list[SectorCollection]:
    """List all collections, newest first."""
    return part(actions.collections(db.session(), acting(code)), asked, lambda row: row.id or 0)


@blueprint.route("/collections", methods=["POST"])
@blueprint.arguments(NewCollectionSchema)
@blueprint.response(201, CollectionSchema)
def open_collection(asked: dict[str, Any], code: str) -> SectorCollection:
    """Call for footprints of a product."""
    return actions.open_collection(db.session(), acting(code), NewCollection(**asked), house().library, now())


@blueprint.route(f"/collections/{NUMBER}", methods=["GET"])
@blueprint.response(200, CollectionSchema)
def collection(code: str, number: int) -> SectorCollection:
    """Show a collection."""
    return actions.collection(db.session(), acting(code), number)


@blueprint.route(f"/collections/{NUMBER}/contributions", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, SeenSchema(many=True))
def contributions(asked: dict[str, Any], code: str, number: int) -> list[Seen]:
    """List the contributions: all of them for the curator, one's own for anybody else."""
    return part(actions.contributions(db.session(), acting(code), number), asked, lambda row: row.id)


@blueprint.route(f"/collections/{NUMBER}/contributions", methods=["POST"])
@blueprint.arguments(OfferSchema)
@blueprint.response(201, ContributionSchema)
def contribute(asked: dict[str, str], code: str, number: int) -> SectorContribution:
    """Contribute a frozen footprint of one's own."""
    return actions.contribute(db.session(), acting(code), number, Offer(**asked), now())


@blueprint.route(f"/contributions/{NUMBER}/withdraw", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(200, ContributionSchema)
def withdraw(asked: dict[str, str], code: str, number: int) -> SectorContribution:
    """Take a contribution back; releases that it is in stay as they are."""
    return actions.withdraw(db.session(), acting(code), number, asked["reason"], now())


@blueprint.route(f"/contributions/{NUMBER}/decisions", methods=["POST"])
@blueprint.arguments(DecideSchema)
@blueprint.response(201, SectorDecisionSchema)
def decide(asked: dict[str, str], code: str, number: int) -> SectorDecision:
    """Admit a contribution or reject it."""
    is_admitted = asked["decision"] == ADMITTED
    return actions.decide(db.session(), acting(code), number, asked["reason"], now(), is_admitted=is_admitted)


@blueprint.route(f"/collections/{NUMBER}/releases", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, ReleaseSchema(many=True))
def releases(asked: dict[str, Any], code: str, number: int) -> list[SectorRelease]:
    """List the releases, oldest first."""
    return part(actions.releases(db.session(), acting(code), number), asked, lambda row: row.version)


@blueprint.route(f"/collections/{NUMBER}/releases", methods=["POST"])
@blueprint.response(201, ReleaseSchema)
def release(code: str, number: int) -> SectorRelease:
    """Publish the averages of what is admitted; refused where they would show a company's figures."""
    return actions.release(db.session(), acting(code), number, now())


@blueprint.route(f"/collections/{NUMBER}/releases/{VERSION}", methods=["GET"])
@blueprint.response(200, DatasetSchema)
def dataset(code: str, number: int, version: int) -> dict[str, Any]:
    """Return a release as a data set with its citation."""
    return actions.dataset(db.session(), acting(code), number, version)


@blueprint.route(f"/collections/{NUMBER}/releases/{VERSION}/own-factor", methods=["POST"])
@blueprint.arguments(SectorUseSchema)
@blueprint.response(201, OwnFactorSchema)
def adopt(asked: dict[str, str], code: str, number: int, version: int) -> OwnFactor:
    """Take a released average as a factor of one's own, with its citation as the source."""
    use = Use(version, asked["activity"], asked["confidence"])
    library = house().library
    return actions.adopt(db.session(), acting(code), number, use, library, now(), reason=asked["reason"])
