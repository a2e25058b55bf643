"""What the API takes and gives of suppliers, requests and answers."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from service.products.schemas import NameSchema
from service.schemas import CODE_PATTERN, Choice, DecimalString, text

DAY = {"format": "date"}


class SupplierSchema(Schema):
    """Somebody whom the organisation buys of."""

    code = text(CODE_PATTERN, limit=40, required=True)
    name_zh = text(limit=200)
    name_en = text(limit=200)
    email = text(limit=255, metadata={"description": "where requests and reminders are sent"})
    contact = text(limit=200)
    partner = text(limit=40, metadata={"description": "code of the PACT partner that it is"})
    reason = text(limit=1000, metadata={"description": "why a supplier that is held is described otherwise"})


class PurchaseSchema(Schema):
    """A product that is bought of a supplier."""

    code = text(CODE_PATTERN, limit=40, required=True)
    name_zh = text(limit=200)
    name_en = text(limit=200)
    unit = text(limit=40, required=True, metadata={"description": "that footprints are asked per; it stays"})
    material = text(limit=60, metadata={"description": "of the published ranges, such as aluminium_secondary"})
    their_id = text(limit=200, metadata={"description": "what the supplier calls it"})
    yearly_amount = DecimalString(load_default="", metadata={"description": "how much is bought in a year"})
    reason = text(limit=1000, metadata={"description": "why a purchase that is held is described otherwise"})


class OverviewSchema(Schema):
    """A supplier with a product that is bought of it: what is asked, waits, is in use."""

    supplier = fields.String()
    supplier_zh = fields.String()
    supplier_en = fields.String()
    purchase = fields.String(metadata={"description": "empty where nothing is bought yet"})
    purchase_zh = fields.String()
    purchase_en = fields.String()
    unit = fields.String()
    open_requests = fields.Integer()
    overdue = fields.Integer()
    waiting = fields.Integer(metadata={"description": "answered, and nobody has decided"})
    in_use = fields.String(metadata={"description": "code of the accepted footprint"})
    kgco2e = fields.String()
    valid_until = fields.String()


class NewRequestSchema(Schema):
    """What is asked of a supplier."""

    purchase = text(CODE_PATTERN, limit=40, required=True)
    method = text(limit=100, required=True)
    boundary = text(limit=60, load_default="cradle_to_gate")
    period_start = text(limit=10, required=True, metadata=DAY)
    period_end = text(limit=10, required=True, metadata=DAY)
    deadline = text(limit=10, required=True, metadata=DAY)
    must_be_verified = fields.Boolean(load_default=False)
    least_primary_percent = DecimalString(load_default="")
    note = text(limit=2000)
    language = fields.String(load_default="zh", validate=Choice(("zh", "en")))
    send = fields.Boolean(load_default=False, metadata={"description": "send it to the supplier by mail"})


class RequestSchema(Schema):
    """A request, and how it stands."""

    id = fields.Integer()
    purchase = fields.String()
    method = fields.String()
    method_version = fields.String()
    boundary = fields.String()
    unit = fields.String()
    period_start = fields.String()
    period_end = fields.String()
    must_be_verified = fields.Boolean()
    least_primary_percent = fields.String()
    note = fields.String()
    language = fields.String()
    deadline = fields.String()
    expires = fields.String()
    reminders = fields.Integer()
    created = fields.String()
    closed = fields.String(allow_none=True)
    reason = fields.String()
    standing = fields.String(metadata={"description": "open, overdue, answered, done or closed"})


class LinkSchema(Schema):
    """A request with the link by which it is answered: whoever has it may answer."""

    request = fields.Integer()
    link = fields.String()
    expires = fields.String()
    sent_to = fields.String(metadata={"description": "empty where no mail was sent"})


class AskedSchema(Schema):
    """What whoever holds a link is asked."""

    buyer = fields.Nested(NameSchema)
    product = fields.Nested(NameSchema)
    their_id = fields.String()
    unit = fields.String()
    method = fields.String()
    method_version = fields.String()
    boundary = fields.String()
    gwp_set = fields.String()
    period_start = fields.String()
    period_end = fields.String()
    must_be_verified = fields.Boolean()
    least_primary_percent = fields.String()
    deadline = fields.String()
    note = fields.String()
    answers = fields.List(fields.Dict(), metadata={"description": "what was answered so far, and what was decided"})


class StatementSchema(Schema):
    """A footprint as a supplier states it; keys as the columns of the workbook."""

    footprint = fields.Dict(
        keys=fields.String(validate=validate.Length(max=40)),
        values=text(limit=2000),
        required=True,
        metadata={"description": "unit, kgco2e, method, gwp_set, boundary, period_end, primary_data_share …, as text"},
    )


class FileSchema(Schema):
    """A workbook or CSV of the request, PACT or openEPD as JSON, ILCD+EPD as a ZIP."""

    file = Upload(required=True)


class GiveSchema(Schema):
    """A frozen footprint of one's own, for a buyer."""

    link = text(limit=400, required=True, metadata={"description": "the link of the request, or its last part"})
    footprint = text(limit=300, required=True)


class GivenSchema(Schema):
    """What was handed to a buyer."""

    request = fields.Integer()
    footprint = fields.String()
    document_sha256 = fields.String()


class DecisionSchema(Schema):
    """Why an answer is accepted in spite of doubts."""

    reason = text(limit=1000)


class AcceptedSchema(Schema):
    """An accepted footprint: models name it by its code."""

    code = fields.String()
    purchase = fields.String()
    version = fields.Integer()
    valid_until = fields.String()
    end_kind = fields.String(metadata={"description": "empty while it may be used, corrected or withdrawn"})
    end_reason = fields.String()
    document_sha256 = fields.String()
    created = fields.String()
    footprint = fields.Dict()


class FootprintAnswerSchema(Schema):
    """An answer as it was received, with what the rules say of it."""

    id = fields.Integer()
    request = fields.Integer()
    asked = fields.Dict()
    way = fields.String()
    file_name = fields.String()
    document_sha256 = fields.String()
    from_footprint = fields.String()
    from_snapshot_sha256 = fields.String()
    created = fields.String()
    state = fields.String(metadata={"description": "received, accepted, rejected or replaced"})
    decided = fields.String(allow_none=True)
    decided_by = fields.String()
    reason = fields.String()
    footprint = fields.Dict()
    per_asked_unit_kgco2e = fields.String()
    findings = fields.List(fields.Dict())
    checks = fields.List(fields.Dict(), metadata={"description": "rules: kept, told, doubted or refused"})
    is_refused = fields.Boolean()


class ComparisonSchema(Schema):
    """Every answer for a bought product side by side, with its published range and what is in use."""

    purchase = fields.Dict()
    supplier = fields.Dict()
    range = fields.Dict(allow_none=True)
    in_use = fields.Nested(AcceptedSchema, allow_none=True)
    accepted = fields.List(fields.Nested(AcceptedSchema))
    answers = fields.List(fields.Nested(FootprintAnswerSchema))
