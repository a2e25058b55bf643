"""What the outside may hand in as long work, and what it is shown of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from lca.importers import FORMATS
from service.i18n import language
from service.jobs.kinds import FOOTPRINT, INVENTORY, LCI_IMPORT, MONTE_CARLO, PORTFOLIO, REPORT
from service.jobs.models import Job
from service.schemas import CODE_PATTERN, Choice, Page, Problem, text

MOST_RUNS = 1_000_000
KEY_PATTERN = r"^[\x21-\x7e]*$"
STATES = ("queued", "running", "done", "failed", "cancelled")


class KeySchema(Schema):
    """Of the request's header: draft-ietf-httpapi-idempotency-key-header."""

    key = text(
        KEY_PATTERN,
        limit=200,
        data_key="Idempotency-Key",
        metadata={"description": "the same work under the same key is done once; other work under it is refused"},
    )


class PortfolioSchema(Schema):
    """By which method all products are computed."""

    method = text(CODE_PATTERN, limit=60, required=True)


class DrawingSchema(Schema):
    """How a footprint is drawn by Monte Carlo."""

    against = text(limit=400, metadata={"description": "another footprint, drawn together with the first"})
    runs = fields.Integer(load_default=10_000, strict=True, validate=validate.Range(min=1, max=MOST_RUNS))
    seed = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=0, max=2**31 - 1))


class MonteCarloSchema(DrawingSchema):
    """Which footprint is drawn, and how."""

    footprint = text(limit=400, required=True)


class FootprintRunSchema(Schema):
    """Which footprint to run and freeze."""

    product = text(limit=200, required=True)
    method = text(CODE_PATTERN, limit=60, required=True)
    reason = text(limit=1000)


class InventoryRunSchema(Schema):
    """Which inventory to compute and freeze."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(min=1990, max=2100))
    method = text(CODE_PATTERN, limit=60, required=True)
    reason = text(limit=1000)
    consolidated = fields.Boolean(load_default=False)
    recalculates_base_year = fields.Boolean(load_default=False)


class ReportIssueSchema(Schema):
    """Of which inventory or footprint which document is issued."""

    identifier = text(limit=400, required=True)
    language = fields.String(load_default="zh", validate=Choice(("zh", "en", "both")))
    document = text(CODE_PATTERN, limit=60, metadata={"description": "its usual one by default"})


ARGUMENTS: Mapping[str, type[Schema]] = {
    PORTFOLIO: PortfolioSchema,
    MONTE_CARLO: MonteCarloSchema,
    FOOTPRINT: FootprintRunSchema,
    INVENTORY: InventoryRunSchema,
    REPORT: ReportIssueSchema,
}
"""What is handed in for a kind of work; files have an address of their own."""


class NewJobSchema(Schema):
    """A kind of work and what it needs."""

    kind = fields.String(required=True, validate=Choice(tuple(ARGUMENTS)))
    arguments = fields.Dict(keys=fields.String(), required=True)


class LciFileSchema(Schema):
    """A file of life-cycle inventories."""

    file = Upload(required=True)


class LciImportSchema(Schema):
    """What to call a database, and how to read it."""

    name = text(limit=200, metadata={"description": "the name of the file by default"})
    format = fields.String(load_default="", validate=Choice(("", *FORMATS)))
    licence = text(limit=400, metadata={"description": "where the file states none"})
    reason = text(limit=1000, metadata={"description": "why a database of this name is replaced"})


class ListedSchema(Page):
    """Which jobs: the newest first, of one state and kind."""

    state = fields.String(load_default="", validate=Choice(("", *STATES)))
    kind = fields.String(load_default="", validate=Choice(("", *ARGUMENTS, LCI_IMPORT)))


class ProgressSchema(Schema):
    """How far work is."""

    step = fields.String()
    done = fields.Integer()
    total = fields.Integer()


class JobLineSchema(Schema):
    """One piece of long work, as a list shows it."""

    id = fields.Integer()
    kind = fields.String()
    arguments = fields.Dict(keys=fields.String())
    state = fields.String(metadata={"description": "queued, running, done, failed or cancelled"})
    stop_asked = fields.Boolean()
    attempts = fields.Integer()
    progress = fields.Nested(ProgressSchema)
    made_by = fields.String()
    created = fields.DateTime()
    started = fields.DateTime(allow_none=True)
    heartbeat = fields.DateTime(allow_none=True)
    ended = fields.DateTime(allow_none=True)
    error = fields.Nested(Problem, allow_none=True)


class JobSchema(JobLineSchema):
    """One piece of long work with its result."""

    result = fields.Dict(keys=fields.String(), allow_none=True)


def shown(job: Job) -> dict[str, Any]:
    """Return a job as it is shown, with its result."""
    return line(job) | {"result": json.loads(job.result) if job.result else None}


def line(job: Job) -> dict[str, Any]:
    """Return a job as a list shows it, its error in the language in use."""
    alike = ("id", "kind", "state", "stop_asked", "attempts", "made_by", "created", "started", "heartbeat", "ended")
    return {name: getattr(job, name) for name in alike} | {
        "arguments": json.loads(job.arguments),
        "progress": {"step": job.step, "done": job.done, "total": job.total},
        "error": json.loads(job.error)[language()] if job.error else None,
    }
