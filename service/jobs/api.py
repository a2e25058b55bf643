"""Long work as JSON: handed in and answered at once with 202, looked at, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
from werkzeug.datastructures import FileStorage

from service import db
from service.accounts.actions import Actor, require
from service.calculations import footprint_runs
from service.errors import N_, InputInvalid, NotFound, Wrong
from service.http import NUMBER, Blueprint, acting, harmless, house, now, part, place
from service.jobs import actions, kinds
from service.jobs.queue import waker
from service.jobs.schemas import (
    ARGUMENTS,
    DrawingSchema,
    JobLineSchema,
    JobSchema,
    KeySchema,
    LciFileSchema,
    LciImportSchema,
    ListedSchema,
    NewJobSchema,
    PortfolioSchema,
    line,
    shown,
)

ORGANISATION = "/api/v1/organisations/<code>"
PDF = "application/pdf"

blueprint = Blueprint("jobs", __name__, url_prefix=f"{ORGANISATION}/jobs", description="Long work: progress and result")
started = Blueprint("long work", __name__, url_prefix=ORGANISATION, description="Long work, begun where it belongs")

Answer = tuple[dict[str, Any], int, dict[str, str]]


def _hand_in(actor: Actor, code: str, kind: str, arguments: Mapping[str, Any], key: str) -> Answer:
    job = actions.hand_in(db.session(), actor, kind, arguments, now(), key=key)
    # Woken before the row is there, a worker would find nothing.
    db.after_commit(db.session(), waker(house().settings).wake)
    return shown(job), 202, {"Location": flask.url_for("jobs.show", code=code, number=job.id)}


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListedSchema, location="query")
@blueprint.response(200, JobLineSchema(many=True))
def listed(asked: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """List jobs, newest first."""
    wanted = {"state": asked["state"], "kind": asked["kind"]}
    after, limit = place(asked, int, 0), asked["limit"] + 1
    rows = actions.jobs(db.session(), acting(code), **wanted, after=after, limit=limit)
    return [line(job) for job in part(rows, asked, lambda row: row.id or 0, whole=False)]


@blueprint.route("", methods=["POST"])
@blueprint.arguments(NewJobSchema)
@blueprint.arguments(KeySchema, location="headers")
@blueprint.response(202, JobSchema)
def hand_in(asked: dict[str, Any], given: dict[str, str], code: str) -> Answer:
    """Hand in long work; the answer tells at once where to look for it."""
    actor = acting(code)
    schema = ARGUMENTS[asked["kind"]]()
    problems = schema.validate(asked["arguments"])
    if problems:
        wrong = [Wrong(f"arguments.{name}", "invalid", text) for name, texts in problems.items() for text in texts]
        raise InputInvalid(wrong)
    arguments: dict[str, Any] = schema.load(asked["arguments"])
    return _hand_in(actor, code, asked["kind"], arguments, given["key"])


@blueprint.route(f"/{NUMBER}", methods=["GET"])
@blueprint.response(200, JobSchema)
def show(code: str, number: int) -> dict[str, Any]:
    """Show a job: how far it is, its result, or why there is none."""
    return shown(actions.show(db.session(), acting(code), number))


@blueprint.route(f"/{NUMBER}/cancel", methods=["POST"])
@blueprint.response(200, JobSchema)
def cancel(code: str, number: int) -> dict[str, Any]:
    """Stop a job: at once where it waits, at its next step where it is being done."""
    return shown(actions.cancel(db.session(), acting(code), number, now()))


@blueprint.route(f"/{NUMBER}/report.pdf", methods=["GET"])
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=PDF)
def report(code: str, number: int) -> flask.Response:
    """Return the signed report that a job issued."""
    actor = acting(code)
    job = shown(actions.show(db.session(), actor, number))
    require(actor, kinds.kind_of(kinds.REPORT).verb)
    if job["kind"] != kinds.REPORT or not job["result"]:
        raise NotFound(N_("report"), number)
    return flask.send_file(kinds.report_of(house().settings, job["result"]["sha256"]), mimetype=PDF)


@started.route("/footprints/portfolio", methods=["POST"])
@started.arguments(PortfolioSchema)
@started.arguments(KeySchema, location="headers")
@started.response(202, JobSchema)
def portfolio(asked: dict[str, Any], given: dict[str, str], code: str) -> Answer:
    """Compute every product of the organisation anew, beside what is frozen; nothing is stored."""
    return _hand_in(acting(code), code, kinds.PORTFOLIO, asked, given["key"])


@started.route("/footprints/<identifier>/monte-carlo", methods=["POST"])
@started.arguments(DrawingSchema)
@started.arguments(KeySchema, location="headers")
@started.response(202, JobSchema)
def monte_carlo(asked: dict[str, Any], given: dict[str, str], code: str, identifier: str) -> Answer:
    """Draw a frozen footprint by Monte Carlo, alone or against another."""
    actor = acting(code)
    for name in filter(None, (identifier, asked["against"])):
        footprint_runs.show(db.session(), actor, name)
    return _hand_in(actor, code, kinds.MONTE_CARLO, asked | {"footprint": identifier}, given["key"])


@started.route("/lci", methods=["POST"])
@started.arguments(LciImportSchema, location="query")
@started.arguments(LciFileSchema, location="files")
@started.arguments(KeySchema, location="headers")
@started.response(202, JobSchema)
def import_lci(asked: dict[str, Any], files: dict[str, FileStorage], given: dict[str, str], code: str) -> Answer:
    """Read a file of life-cycle inventories, check it, and store it under a name."""
    actor = acting(code)
    require(actor, kinds.kind_of(kinds.LCI_IMPORT).verb)
    file = files["file"]
    kept = kinds.keep_file(house().settings, file.stream)
    arguments = asked | {"file_name": harmless(file.filename or ""), "file_sha256": kept}
    return _hand_in(actor, code, kinds.LCI_IMPORT, arguments, given["key"])
