"""What the API takes and gives of activity data; limits and names come from the one field table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, validate

from service.activities.many import HELD, MOST, REFUSED, STORED, Outcome
from service.errors import Wrong
from service.fields import ACTIVITY, EXCLUSIONS, INSTRUMENTS, PRODUCTS, SITES, Field
from service.schemas import CODE_PATTERN, PARAMETER_PATTERN, Choice, DecimalString, Page, named, schema, text

PERIOD = ("start", "end")
_reason: dict[str, Any] = {
    "reason": text(limit=1000, load_only=True, metadata={"description": "why something held is replaced"})
}


def _without(table: tuple[Field, ...], *names: str) -> tuple[Field, ...]:
    return tuple(field for field in table if field.name not in names)


def _parameters() -> fields.Dict:
    key = fields.String(validate=validate.Regexp(PARAMETER_PATTERN))
    return fields.Dict(keys=key, values=text(limit=200), load_default=dict)


ActivitySchema = schema(
    "Activity",
    _without(ACTIVITY, "note"),
    period=PERIOD,
    end=fields.Date(required=True, metadata={"title": "End", "description": "结束日期"}),
    parameters=_parameters(),
    **_reason,
)
CorrectionSchema = schema(
    "Correction",
    _without(ACTIVITY, "note"),
    period=PERIOD,
    end=fields.Date(required=True, metadata={"title": "End", "description": "结束日期"}),
    parameters=_parameters(),
    reason=text(limit=1000, required=True, load_only=True),
)
SiteSchema = schema("Site", SITES, **_reason)
InstrumentSchema = schema(
    "Instrument",
    _without(INSTRUMENTS, "amount", "unit"),
    period=("generated_from", "generated_to"),
    id=fields.Integer(dump_only=True),
    amount_kwh=DecimalString(required=True, low="0"),
    number_from=text(limit=80),
    generated_to=fields.Date(required=True),
    technology=text(limit=60),
    region=text(limit=20, required=True),
    beneficiary=text(),
    **_reason,
)
ProductSchema = schema(
    "Product",
    PRODUCTS,
    period=PERIOD,
    id=fields.Integer(dump_only=True),
    end=fields.Date(required=True),
    **_reason,
)
ExclusionSchema = schema(
    "Exclusion",
    EXCLUSIONS,
    period=PERIOD,
    id=fields.Integer(dump_only=True),
    start=fields.Date(required=True),
    end=fields.Date(required=True),
    change_reason=text(limit=1000, load_only=True, metadata={"description": "why another statement is replaced"}),
)


class WarningSchema(Schema):
    """Something to look at; it does not keep a row out."""

    field = fields.String()
    code = fields.String()
    message = fields.String()


class DatumSchema(Schema):
    """One amount as it is held; a corrected one stays and names the row that replaced it."""

    id = fields.Integer()
    site = fields.String(attribute="stream.site")
    activity = fields.String(attribute="stream.activity")
    unit = fields.String(attribute="stream.unit")
    name = fields.String(attribute="stream.name")
    meter = fields.String(attribute="stream.meter")
    region = fields.String(attribute="stream.region")
    parameters = fields.Function(lambda row: dict(row.stream.parameters), metadata={"type": "object"})
    factor = fields.String(attribute="stream.factor")
    counterparty = fields.String(attribute="stream.counterparty")
    process_line = fields.String(attribute="stream.process_line")
    quality = fields.String(attribute="stream.quality")
    uncertainty_percent = fields.String(attribute="stream.uncertainty_percent")
    start = fields.Date()
    end = fields.Date()
    amount = fields.String()
    evidence = fields.String()
    replaces = fields.Integer(allow_none=True)
    replaced_by = fields.Integer(allow_none=True)


class DatumPageSchema(Page):
    """Which activity data are wanted."""

    site = text(CODE_PATTERN, limit=40, metadata={"description": "code of a site"})
    activity = text(CODE_PATTERN, limit=60, metadata={"description": "id of an activity"})
    start = fields.Date(load_default=None, metadata={"description": "those that end on this day or later"})
    end = fields.Date(load_default=None, metadata={"description": "those that begin on this day or before"})
    current = fields.Boolean(load_default=False, metadata={"description": "only those neither replaced nor taken back"})


class SubmittedSchema(Schema):
    """The amount that was stored, and what to look at."""

    datum = fields.Nested(DatumSchema)
    warnings = fields.List(fields.Nested(WarningSchema))


class Unchecked(fields.List[Any]):
    """A list that is looked at one by one later: what is wrong with some must not keep the others out."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


RowSchema = schema(
    "ActivityRow",
    _without(ACTIVITY, "note"),
    period=PERIOD,
    end=fields.Date(required=True, metadata={"title": "End", "description": "结束日期"}),
    parameters=_parameters(),
)


class ManySchema(Schema):
    """Many amounts at once, all of them or none, and why some held already are replaced."""

    rows = Unchecked(fields.Nested(RowSchema), required=True, validate=validate.Length(min=1, max=MOST))
    skip_errors = fields.Boolean(load_default=False, metadata={"description": "store the rows without errors"})
    reason = text(limit=1000, metadata={"description": "why rows held already are replaced"})


class OutcomeSchema(Schema):
    """What became of one row."""

    row = fields.Integer(metadata={"description": "its place in `rows`, counted from 0"})
    state = fields.String(metadata={"description": "stored; held: it was there already; refused"})
    id = fields.Integer(allow_none=True)
    errors = fields.List(fields.Nested(WarningSchema))
    warnings = fields.List(fields.Nested(WarningSchema))


class OutcomesSchema(Schema):
    """What became of many rows."""

    stored = fields.Integer()
    held = fields.Integer()
    refused = fields.Integer()
    results = fields.List(fields.Nested(OutcomeSchema))


class PeriodSchema(Schema):
    """A closed period."""

    id = fields.Integer(dump_only=True)
    start = fields.Date(required=True)
    end = fields.Date(required=True)
    actor = fields.String(dump_only=True)


class ImportFileSchema(Schema):
    """A file of activity data, and how to read it when it is not our template."""

    file = Upload(required=True)
    mapping = Upload(metadata={"description": "a mapping file (YAML)"})


class ImportOptionsSchema(Schema):
    """Whether to store what was read."""

    confirm = fields.Boolean(load_default=False, metadata={"description": "false only checks; nothing is written"})
    skip_errors = fields.Boolean(load_default=False, metadata={"description": "store the rows without errors"})
    reason = text(limit=1000, metadata={"description": "why rows held already are replaced"})


class StoredSchema(Schema):
    """What was stored."""

    batch_id = fields.Integer()
    total = fields.Integer()
    loaded = fields.Integer()
    skipped = fields.Integer()
    replaced = fields.Integer()
    errors = fields.Integer()
    already = fields.Boolean(metadata={"description": "this very file was handed in before; nothing was done"})


class ImportSchema(Schema):
    """What reading a file found, and what was stored."""

    receipt = fields.Dict()
    errors = fields.List(fields.Nested(WarningSchema))
    warnings = fields.List(fields.Nested(WarningSchema))
    preview = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    conflicts = fields.List(fields.Nested(WarningSchema))
    stored = fields.Nested(StoredSchema, allow_none=True)


class LanguageSchema(Schema):
    """The language of a workbook."""

    language = fields.String(load_default="both", validate=Choice(("zh", "en", "both")))


class EvidenceFileSchema(Schema):
    """A file that proves amounts."""

    file = Upload(required=True)


class EvidenceSchema(Schema):
    """A file that was handed in."""

    sha256 = fields.String()
    name = fields.String()
    size = fields.Integer()
    media_type = fields.String()


class AttachSchema(Schema):
    """The rows that a file proves."""

    rows = fields.List(fields.Integer(strict=True, validate=validate.Range(min=1, max=2**53 - 1)), required=True)


class AttachedSchema(Schema):
    """How many rows had not had the file."""

    attached = fields.Integer()


def each(rows: list[Any]) -> tuple[dict[int, dict[str, Any]], dict[int, list[Wrong]]]:
    """Return the rows that have the form of activity data, by place, and what is wrong with the form of the others."""
    checking = RowSchema()
    good: dict[int, dict[str, Any]] = {}
    wrong: dict[int, list[Wrong]] = {}
    for place, row in enumerate(rows):
        try:
            good[place] = checking.load(row)
        except ValidationError as error:
            found = named(error.messages)
            wrong[place] = [Wrong(f"rows.{place}.{one.where}".rstrip("."), one.code, one.text) for one in found]
    return good, wrong


def outcomes(found: list[Outcome]) -> dict[str, Any]:
    """Return what became of many rows as it is told."""
    counts = Counter(one.state for one in found)
    return {
        **{state: counts[state] for state in (STORED, HELD, REFUSED)},
        "results": [
            {
                "row": one.row,
                "state": one.state,
                "id": one.id,
                "errors": [item.told() for item in one.errors],
                "warnings": [item.told() for item in one.warnings],
            }
            for one in found
        ],
    }
