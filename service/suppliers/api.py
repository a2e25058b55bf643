"""Suppliers as JSON: what is bought, asked, answered, accepted; and answers by a link that needs no account."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.datastructures import FileStorage

from service import db
from service.accounts.actions import Actor
from service.http import NUMBER, Blueprint, acting, house, now, part
from service.products import accepted
from service.schemas import Page, Reason
from service.secret_files import signing_secret
from service.suppliers import actions, answers, asking, comparison, letters, overview, requests
from service.suppliers.actions import NewPurchase, NewSupplier
from service.suppliers.models import Answer
from service.suppliers.requests import NewRequest
from service.suppliers.schemas import (
    AcceptedSchema,
    AskedSchema,
    ComparisonSchema,
    DecisionSchema,
    FileSchema,
    FootprintAnswerSchema,
    GivenSchema,
    GiveSchema,
    LinkSchema,
    NewRequestSchema,
    OverviewSchema,
    PurchaseSchema,
    RequestSchema,
    StatementSchema,
    SupplierSchema,
)

blueprint = Blueprint(
    "suppliers", __name__, url_prefix="/api/v1/organisations/<code>", description="Footprints asked of suppliers"
)
linked = Blueprint(
    "answers", __name__, url_prefix="/api/v1/answers/<token>", description="Answering a request by its link"
)


@blueprint.route("/suppliers", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, OverviewSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List suppliers with what is bought of them and how far requests are."""
    rows = overview.rows(db.session(), acting(code), now())
    return part(rows, asked, lambda row: f"{row['supplier']} {row['purchase']}")


@blueprint.route("/suppliers", methods=["POST"])
@blueprint.arguments(SupplierSchema)
@blueprint.response(200, SupplierSchema)
def put_supplier(data: dict[str, Any], code: str) -> Any:
    """Register a supplier, or describe one otherwise with a reason."""
    reason = data.pop("reason")
    return actions.put_supplier(db.session(), acting(code), NewSupplier(**data), now(), reason=reason)


@blueprint.route("/suppliers/<supplier>/purchases", methods=["POST"])
@blueprint.arguments(PurchaseSchema)
@blueprint.response(200, PurchaseSchema)
def put_purchase(data: dict[str, Any], code: str, supplier: str) -> Any:
    """Register a product that is bought of a supplier, or describe it otherwise with a reason."""
    reason, given = data.pop("reason"), NewPurchase(**data)
    return actions.put_purchase(db.session(), acting(code), supplier, given, house().library, now(), reason=reason)


@blueprint.route("/purchases/<purchase>", methods=["GET"])
@blueprint.response(200, ComparisonSchema)
def compare(code: str, purchase: str) -> dict[str, Any]:
    """Set the answers for a bought product side by side, each with what the rules say of it."""
    return comparison.compared(db.session(), acting(code), purchase, house().library, now().date())


@blueprint.route("/footprint-requests", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, RequestSchema(many=True))
def requested(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List what was asked, newest first."""
    return part(overview.requests_of(db.session(), acting(code), now()), asked, lambda row: int(row["id"]))


@blueprint.route("/footprint-requests", methods=["POST"])
@blueprint.arguments(NewRequestSchema)
@blueprint.response(201, LinkSchema)
def ask(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Ask a supplier for a footprint; the link by which it answers is in the answer."""
    is_sent, given = data.pop("send"), NewRequest(**data)
    row, token = requests.ask(db.session(), acting(code), given, signing_secret(house().settings), now())
    return asking.handed_over(row, token, is_sent=is_sent)


@blueprint.route(f"/footprint-requests/{NUMBER}/link", methods=["POST"])
@blueprint.response(200, LinkSchema)
def renew(code: str, number: int) -> dict[str, Any]:
    """Make another link of a request; the one before is good no longer."""
    row, token = requests.renew(db.session(), acting(code), number, signing_secret(house().settings), now())
    return asking.handed_over(row, token, is_sent=False)


@blueprint.route(f"/footprint-requests/{NUMBER}/close", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(204)
def close(data: dict[str, str], code: str, number: int) -> None:
    """Ask no longer."""
    requests.close(db.session(), acting(code), number, data["reason"], now())


@blueprint.route(f"/footprint-requests/{NUMBER}/answers", methods=["POST"])
@blueprint.arguments(FileSchema, location="files")
@blueprint.response(201, FootprintAnswerSchema)
def take(files: dict[str, FileStorage], code: str, number: int) -> dict[str, Any]:
    """Take in a file that a supplier sent by another way."""
    session, actor = db.session(), acting(code)
    request = requests.show(session, actor, number)
    return _shown(actor, answers.receive(session, actor, request, asking.sent_file(files["file"]), now()))


@blueprint.route(f"/footprint-answers/{NUMBER}", methods=["GET"])
@blueprint.response(200, FootprintAnswerSchema)
def answer(code: str, number: int) -> dict[str, Any]:
    """Show an answer with what the rules say of it."""
    session, actor = db.session(), acting(code)
    return _shown(actor, answers.show(session, actor, number))


@blueprint.route(f"/footprint-answers/{NUMBER}/document", methods=["GET"])
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def document(code: str, number: int) -> flask.Response:
    """Return what a supplier sent, word for word."""
    return asking.sent_document(acting(code), number)


@blueprint.route(f"/footprint-answers/{NUMBER}/accept", methods=["POST"])
@blueprint.arguments(DecisionSchema)
@blueprint.response(200, AcceptedSchema)
def accept(data: dict[str, str], code: str, number: int) -> dict[str, Any]:
    """Take an answer into use, if it keeps every rule; doubts need a reason."""
    library, reason = house().library, data["reason"]
    _, made = answers.accept(db.session(), acting(code), number, library, now(), reason=reason)
    return comparison.accepted_record(made)


@blueprint.route(f"/footprint-answers/{NUMBER}/reject", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(200, FootprintAnswerSchema)
def reject(data: dict[str, str], code: str, number: int) -> dict[str, Any]:
    """Refuse an answer; the supplier reads the reason by its link."""
    session, actor = db.session(), acting(code)
    return _shown(actor, answers.reject(session, actor, number, house().library, now(), reason=data["reason"]))


@blueprint.route("/accepted-footprints", methods=["GET"])
@blueprint.arguments(Page, location="query")
@blueprint.response(200, AcceptedSchema(many=True))
def accepted_ones(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List the accepted footprints, newest first."""
    rows = part(accepted.accepted(db.session(), acting(code)), asked, lambda row: row.id or 0)
    return [comparison.accepted_record(row) for row in rows]


@blueprint.route("/accepted-footprints/<identifier>/withdraw", methods=["POST"])
@blueprint.arguments(Reason)
@blueprint.response(200, AcceptedSchema)
def withdraw(data: dict[str, str], code: str, identifier: str) -> dict[str, Any]:
    """Take an accepted footprint out of use; what contains it is flagged."""
    row = accepted.withdraw(db.session(), acting(code), identifier, data["reason"], now())
    return comparison.accepted_record(row)


@blueprint.route("/given-footprints", methods=["POST"])
@blueprint.arguments(GiveSchema)
@blueprint.response(201, GivenSchema)
def give(data: dict[str, str], code: str) -> dict[str, Any]:
    """Answer a buyer's request with a frozen footprint of one's own: results and quality, no inputs."""
    token = letters.token_in(data["link"])
    row = answers.give(db.session(), acting(code), token, data["footprint"], now())
    return {"request": row.request_id, "footprint": row.from_footprint, "document_sha256": row.document_sha256}


@linked.route("", methods=["GET"])
@linked.response(200, AskedSchema)
def asked(token: str) -> dict[str, Any]:
    """Show what is asked, and what became of what was answered."""
    return asking.shown(db.session(), requests.find(db.session(), token, now()))


@linked.route("", methods=["POST"])
@linked.arguments(StatementSchema)
@linked.response(201, AskedSchema)
def state(data: dict[str, Any], token: str) -> dict[str, Any]:
    """Answer with a statement; one that nobody has decided on yet is replaced by it."""
    request = requests.find(db.session(), token, now())
    return asking.answered(request, answers.of_form(data["footprint"]))


@linked.route("/file", methods=["POST"])
@linked.arguments(FileSchema, location="files")
@linked.response(201, AskedSchema)
def state_file(files: dict[str, FileStorage], token: str) -> dict[str, Any]:
    """Answer with a file; one that nobody has decided on yet is replaced by it."""
    request = requests.find(db.session(), token, now())
    return asking.answered(request, asking.sent_file(files["file"]))


def _shown(actor: Actor, row: Answer) -> dict[str, Any]:
    return comparison.shown(db.session(), actor, row, house().library, now().date())
