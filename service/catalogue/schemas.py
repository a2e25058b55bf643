"""How an organisation hands in a factor of its own, and gets it back: the API and the command line alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from typing import Any

from marshmallow import Schema, fields, post_dump, validate

from factors.records import CONFIDENCES, GWP_SETS, Factor
from service.catalogue.actions import KINDS, NewFactor
from service.schemas import CODE_PATTERN, SHA256_PATTERN, Choice, DecimalString, or_empty, text


class OwnFactorSchema(Schema):
    """A factor of an organisation."""

    id = text(CODE_PATTERN, limit=120, required=True, attribute="factor_id")
    activity = text(limit=60, required=True)
    kind = fields.String(load_default="own_factor", validate=Choice(KINDS))
    site = text(CODE_PATTERN, limit=40)
    counterparty = text()
    name_en = text(required=True)
    name_zh = text()
    category = text(required=True)
    scope_hint = text(limit=20)
    value = DecimalString(required=True)
    unit = text(limit=60, required=True)
    gas = text(limit=40, required=True)
    year = fields.Integer(required=True, strict=True, validate=validate.Range(min=1990, max=2100))
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None, allow_none=True)
    region = text(limit=20, required=True)
    source = text(limit=400, required=True)
    page = text(limit=200)
    licence = text(limit=200, required=True)
    confidence = fields.String(load_default="medium", validate=Choice(CONFIDENCES))
    uncertainty_percent = DecimalString(low="0", high="1000", load_default="")
    gwp_set = fields.String(load_default="", validate=Choice(("", *GWP_SETS)))
    note = text(limit=1000)
    fuel = text(limit=60)
    parameter_set = text(limit=60)
    material = text(limit=60)
    boundary = text(limit=60)
    value_kind = fields.String(load_default="point", validate=Choice(("point", "median")))
    range_low = DecimalString(load_default="")
    range_high = DecimalString(load_default="")
    document = text(or_empty(SHA256_PATTERN), limit=64)
    reason = text(limit=1000, load_only=True)

    @post_dump
    def _without_keys(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        # In the table these are keys, and none where there is none; outside they are texts like all others.
        return data | {name: data[name] or "" for name in ("site", "document")}


def new_factor(data: Mapping[str, Any]) -> NewFactor:
    """Return what ``OwnFactorSchema`` loaded as the factor that is handed in."""
    names = {field.name for field in dataclass_fields(Factor)}
    record = Factor(id=data["factor_id"], **{name: value for name, value in data.items() if name in names})
    beside = {name: value for name, value in data.items() if name not in names | {"factor_id", "reason"}}
    return NewFactor(factor=record, **beside)
