"""Every operation of the API as a method, with what it takes and gives; ``generate`` writes this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict, cast

from service.remote.client import Caller, SentFile, address


Accepted = TypedDict(
    "Accepted",
    {
        "code": "str",
        "created": "str",
        "document_sha256": "str",
        "end_kind": "str",
        "end_reason": "str",
        "footprint": "dict[str, Any]",
        "purchase": "str",
        "valid_until": "str",
        "version": "int",
    },
    total=False,
)

Activity = TypedDict(
    "Activity",
    {
        "activity": "str",
        "amount": "str",
        "counterparty": "str",
        "end": "str",
        "evidence": "str",
        "factor": "str",
        "meter": "str",
        "name": "str",
        "parameters": "dict[str, Any]",
        "process_line": "str",
        "quality": "str",
        "reason": "str",
        "region": "str",
        "site": "str",
        "start": "str",
        "uncertainty_percent": "str",
        "unit": "str",
    },
    total=False,
)

ActivityRow = TypedDict(
    "ActivityRow",
    {
        "activity": "str",
        "amount": "str",
        "counterparty": "str",
        "end": "str",
        "evidence": "str",
        "factor": "str",
        "meter": "str",
        "name": "str",
        "parameters": "dict[str, Any]",
        "process_line": "str",
        "quality": "str",
        "region": "str",
        "site": "str",
        "start": "str",
        "uncertainty_percent": "str",
        "unit": "str",
    },
    total=False,
)

Answer = TypedDict(
    "Answer",
    {
        "activity": "str",
        "candidates": "list[Candidate]",
        "detail": "dict[str, Any]",
        "factor_id": "str",
        "formula": "str",
        "gas": "str",
        "gases_kg": "dict[str, Any] | None",
        "library_version": "str",
        "method": "str",
        "on": "str",
        "parts": "list[Part]",
        "per": "str",
        "purpose": "str",
        "region": "str",
        "series": "str",
        "unit": "str",
        "value": "str",
        "variant": "str",
        "variants": "list[str]",
        "view": "str",
        "wanting": "str",
    },
    total=False,
)

Answers = TypedDict(
    "Answers",
    {
        "request": "int",
    },
    total=False,
)

Asked = TypedDict(
    "Asked",
    {
        "answers": "list[dict[str, Any]]",
        "boundary": "str",
        "buyer": "Name",
        "deadline": "str",
        "gwp_set": "str",
        "least_primary_percent": "str",
        "method": "str",
        "method_version": "str",
        "must_be_verified": "bool",
        "note": "str",
        "period_end": "str",
        "period_start": "str",
        "product": "Name",
        "their_id": "str",
        "unit": "str",
    },
    total=False,
)

Attach = TypedDict(
    "Attach",
    {
        "rows": "list[int]",
    },
    total=False,
)

Attached = TypedDict(
    "Attached",
    {
        "attached": "int",
    },
    total=False,
)

BaseYearTest = TypedDict(
    "BaseYearTest",
    {
        "is_due": "bool",
        "percent": "str",
        "threshold_percent": "str",
    },
    total=False,
)

Candidate = TypedDict(
    "Candidate",
    {
        "factor_id": "str",
        "reason": "str",
    },
    total=False,
)

Change = TypedDict(
    "Change",
    {
        "actor": "str",
        "created": "str",
        "id": "int",
        "kgco2e": "str",
        "kind": "str",
        "reason": "str",
    },
    total=False,
)

Client = TypedDict(
    "Client",
    {
        "created": "str",
        "id": "str",
        "name": "str",
        "revoked": "str | None",
        "scopes": "str",
    },
    total=False,
)

Collection = TypedDict(
    "Collection",
    {
        "boundary": "str",
        "category": "str",
        "closes": "str",
        "code": "str",
        "created": "str",
        "gwp_set": "str",
        "id": "int",
        "licence": "str",
        "method": "str",
        "method_version": "str",
        "name_en": "str",
        "name_zh": "str",
        "note": "str",
        "region": "str",
        "unit": "str",
        "year": "int",
    },
    total=False,
)

Comparison = TypedDict(
    "Comparison",
    {
        "accepted": "list[Accepted]",
        "answers": "list[FootprintAnswer]",
        "in_use": "Accepted | None",
        "purchase": "dict[str, Any]",
        "range": "dict[str, Any] | None",
        "supplier": "dict[str, Any]",
    },
    total=False,
)

Contribution = TypedDict(
    "Contribution",
    {
        "amount": "str",
        "created": "str",
        "evidence": "str",
        "footprint": "str",
        "id": "int",
        "snapshot_sha256": "str",
        "withdrawal": "str",
        "withdrawn": "str | None",
    },
    total=False,
)

Correction = TypedDict(
    "Correction",
    {
        "activity": "str",
        "amount": "str",
        "counterparty": "str",
        "end": "str",
        "evidence": "str",
        "factor": "str",
        "meter": "str",
        "name": "str",
        "parameters": "dict[str, Any]",
        "process_line": "str",
        "quality": "str",
        "reason": "str",
        "region": "str",
        "site": "str",
        "start": "str",
        "uncertainty_percent": "str",
        "unit": "str",
    },
    total=False,
)

Criteria = TypedDict(
    "Criteria",
    {
        "criteria": "dict[str, Any]",
    },
    total=False,
)

Database = TypedDict(
    "Database",
    {
        "content_sha256": "str",
        "exchanges": "int",
        "format": "str",
        "licence": "str",
        "name": "str",
        "owner": "str",
        "processes": "int",
        "publisher_version": "str",
        "source": "str",
    },
    total=False,
)

Dataset = TypedDict(
    "Dataset",
    {
        "citation": "dict[str, Any]",
        "dataset": "dict[str, Any]",
        "sha256": "str",
    },
    total=False,
)

Datum = TypedDict(
    "Datum",
    {
        "activity": "str",
        "amount": "str",
        "counterparty": "str",
        "end": "str",
        "evidence": "str",
        "factor": "str",
        "id": "int",
        "meter": "str",
        "name": "str",
        "parameters": "dict[str, Any]",
        "process_line": "str",
        "quality": "str",
        "region": "str",
        "replaced_by": "int | None",
        "replaces": "int | None",
        "site": "str",
        "start": "str",
        "uncertainty_percent": "str",
        "unit": "str",
    },
    total=False,
)

Decide = TypedDict(
    "Decide",
    {
        "decision": "str",
        "reason": "str",
    },
    total=False,
)

Decision = TypedDict(
    "Decision",
    {
        "reason": "str",
    },
    total=False,
)

Delivery = TypedDict(
    "Delivery",
    {
        "attempts": "int",
        "created": "str",
        "event": "int",
        "id": "int",
        "last_answer": "str",
        "last_status": "int | None",
        "last_try": "str | None",
        "message": "str",
        "next_try": "str | None",
        "state": "str",
    },
    total=False,
)

Detailed = TypedDict(
    "Detailed",
    {
        "attribution": "str",
        "category": "str",
        "confidence": "str",
        "document": "str",
        "gas": "str",
        "gwp_set": "str",
        "history": "list[Other]",
        "id": "str",
        "licence": "str",
        "licence_zh": "str",
        "name_en": "str",
        "name_zh": "str",
        "note": "str",
        "page": "str",
        "parameter_set": "str",
        "publisher": "str",
        "refusal": "str",
        "region": "str",
        "source": "str",
        "source_zh": "str",
        "uncertainty_percent": "str",
        "unit": "str",
        "usable": "bool",
        "valid_from": "str",
        "valid_to": "str",
        "value": "str",
        "year": "int",
    },
    total=False,
)

Drawing = TypedDict(
    "Drawing",
    {
        "against": "str",
        "runs": "int",
        "seed": "int",
    },
    total=False,
)

Entry = TypedDict(
    "Entry",
    {
        "actor": "str",
        "at": "str",
        "id": "int",
        "payload_sha256": "str",
        "root": "str",
        "subject": "str",
        "verb": "str",
    },
    total=False,
)

Event = TypedDict(
    "Event",
    {
        "attempts": "int",
        "created": "str",
        "direction": "str",
        "event": "str",
        "id": "int",
        "kind": "str",
        "problem": "str",
        "state": "str",
    },
    total=False,
)

Evidence = TypedDict(
    "Evidence",
    {
        "media_type": "str",
        "name": "str",
        "sha256": "str",
        "size": "int",
    },
    total=False,
)

EvidenceFile = TypedDict(
    "EvidenceFile",
    {
        "file": "str",
    },
    total=False,
)

Exclusion = TypedDict(
    "Exclusion",
    {
        "category": "str",
        "change_reason": "str",
        "end": "str",
        "estimate_kgco2e": "str",
        "id": "int",
        "reason": "str",
        "start": "str",
    },
    total=False,
)

Export = TypedDict(
    "Export",
    {
        "format": "str",
        "language": "str",
        "said": "dict[str, Any]",
    },
    total=False,
)

File = TypedDict(
    "File",
    {
        "file": "str",
    },
    total=False,
)

Finding = TypedDict(
    "Finding",
    {
        "code": "str",
        "en": "str",
        "is_error": "bool",
        "where": "str",
        "zh": "str",
    },
    total=False,
)

Footprint = TypedDict(
    "Footprint",
    {
        "created": "str",
        "id": "str",
        "method": "str",
        "product": "str",
        "reason": "str",
        "snapshot_sha256": "str",
        "state": "str",
        "superseded_by": "str | None",
        "total_kgco2e": "str",
        "unit": "str",
        "version": "int",
    },
    total=False,
)

FootprintAnswer = TypedDict(
    "FootprintAnswer",
    {
        "asked": "dict[str, Any]",
        "checks": "list[dict[str, Any]]",
        "created": "str",
        "decided": "str | None",
        "decided_by": "str",
        "document_sha256": "str",
        "file_name": "str",
        "findings": "list[dict[str, Any]]",
        "footprint": "dict[str, Any]",
        "from_footprint": "str",
        "from_snapshot_sha256": "str",
        "id": "int",
        "is_refused": "bool",
        "per_asked_unit_kgco2e": "str",
        "reason": "str",
        "request": "int",
        "state": "str",
        "way": "str",
    },
    total=False,
)

Give = TypedDict(
    "Give",
    {
        "footprint": "str",
        "link": "str",
    },
    total=False,
)

Given = TypedDict(
    "Given",
    {
        "document_sha256": "str",
        "footprint": "str",
        "request": "int",
    },
    total=False,
)

Head = TypedDict(
    "Head",
    {
        "root": "str",
        "size": "int",
    },
    total=False,
)

Import = TypedDict(
    "Import",
    {
        "conflicts": "list[Warning]",
        "errors": "list[Warning]",
        "preview": "list[dict[str, Any]]",
        "receipt": "dict[str, Any]",
        "stored": "Stored | None",
        "warnings": "list[Warning]",
    },
    total=False,
)

ImportFile = TypedDict(
    "ImportFile",
    {
        "file": "str",
        "mapping": "str",
    },
    total=False,
)

Inclusion = TypedDict(
    "Inclusion",
    {
        "entry": "str",
        "proof": "dict[str, Any]",
        "root": "str",
        "size": "int",
    },
    total=False,
)

Instrument = TypedDict(
    "Instrument",
    {
        "amount_kwh": "str",
        "beneficiary": "str",
        "contract": "str",
        "generated_from": "str",
        "generated_to": "str",
        "id": "int",
        "kind": "str",
        "number_from": "str",
        "number_to": "str",
        "reason": "str",
        "region": "str",
        "retired_on": "str | None",
        "site": "str",
        "technology": "str",
        "valid_until": "str | None",
    },
    total=False,
)

Inventory = TypedDict(
    "Inventory",
    {
        "created": "str",
        "id": "str",
        "is_group": "bool",
        "method": "str",
        "reason": "str",
        "recalculates_base_year": "bool",
        "snapshot_sha256": "str",
        "state": "str",
        "superseded_by": "str | None",
        "total_kgco2e": "str",
        "total_location_kgco2e": "str",
        "total_market_kgco2e": "str",
        "total_method_kgco2e": "str",
        "version": "int",
        "year": "int",
    },
    total=False,
)

Invitation = TypedDict(
    "Invitation",
    {
        "created": "str",
        "email": "str",
        "expires": "str",
        "id": "int",
        "role": "str",
    },
    total=False,
)

Job = TypedDict(
    "Job",
    {
        "arguments": "dict[str, Any]",
        "attempts": "int",
        "created": "str",
        "ended": "str | None",
        "error": "Problem | None",
        "heartbeat": "str | None",
        "id": "int",
        "kind": "str",
        "made_by": "str",
        "progress": "Progress",
        "result": "dict[str, Any] | None",
        "started": "str | None",
        "state": "str",
        "stop_asked": "bool",
    },
    total=False,
)

JobLine = TypedDict(
    "JobLine",
    {
        "arguments": "dict[str, Any]",
        "attempts": "int",
        "created": "str",
        "ended": "str | None",
        "error": "Problem | None",
        "heartbeat": "str | None",
        "id": "int",
        "kind": "str",
        "made_by": "str",
        "progress": "Progress",
        "started": "str | None",
        "state": "str",
        "stop_asked": "bool",
    },
    total=False,
)

Language = TypedDict(
    "Language",
    {
        "language": "str",
    },
    total=False,
)

LciFile = TypedDict(
    "LciFile",
    {
        "file": "str",
    },
    total=False,
)

Link = TypedDict(
    "Link",
    {
        "expires": "str",
        "link": "str",
        "request": "int",
        "sent_to": "str",
    },
    total=False,
)

Listed = TypedDict(
    "Listed",
    {
        "category": "str",
        "gas": "str",
        "id": "str",
        "name_en": "str",
        "name_zh": "str",
        "refusal": "str",
        "region": "str",
        "source": "str",
        "unit": "str",
        "usable": "bool",
        "value": "str",
        "year": "int",
    },
    total=False,
)

Made = TypedDict(
    "Made",
    {
        "secret": "str",
        "webhook": "Webhook",
    },
    total=False,
)

Many = TypedDict(
    "Many",
    {
        "reason": "str",
        "rows": "list[ActivityRow]",
        "skip_errors": "bool",
    },
    total=False,
)

Member = TypedDict(
    "Member",
    {
        "email": "str",
        "name": "str",
        "role": "str",
    },
    total=False,
)

Model = TypedDict(
    "Model",
    {
        "model": "dict[str, Any]",
        "reason": "str",
    },
    total=False,
)

ModelFile = TypedDict(
    "ModelFile",
    {
        "file": "str",
    },
    total=False,
)

Name = TypedDict(
    "Name",
    {
        "en": "str",
        "zh": "str",
    },
    total=False,
)

NewCollection = TypedDict(
    "NewCollection",
    {
        "boundary": "str",
        "category": "str",
        "closes": "str",
        "code": "str",
        "licence": "str",
        "method": "str",
        "name_en": "str",
        "name_zh": "str",
        "note": "str",
        "region": "str",
        "unit": "str",
        "year": "int",
    },
    total=False,
)

NewInvitation = TypedDict(
    "NewInvitation",
    {
        "created": "str",
        "email": "str",
        "expires": "str",
        "id": "int",
        "link": "str",
        "role": "str",
    },
    total=False,
)

NewJob = TypedDict(
    "NewJob",
    {
        "arguments": "dict[str, Any]",
        "kind": "str",
    },
    total=False,
)

NewOrganisation = TypedDict(
    "NewOrganisation",
    {
        "address": "str",
        "approach": "str",
        "base_year": "str",
        "code": "str",
        "contact": "str",
        "credit_code": "str",
        "electricity_equivalent_kgce_per_kwh": "str",
        "electricity_equivalent_source": "str",
        "industry": "str",
        "legal_person": "str",
        "name_en": "str",
        "name_zh": "str",
        "parent": "str",
    },
    total=False,
)

NewRequest = TypedDict(
    "NewRequest",
    {
        "boundary": "str",
        "deadline": "str",
        "language": "str",
        "least_primary_percent": "str",
        "method": "str",
        "must_be_verified": "bool",
        "note": "str",
        "period_end": "str",
        "period_start": "str",
        "purchase": "str",
        "send": "bool",
    },
    total=False,
)

NewWebhook = TypedDict(
    "NewWebhook",
    {
        "kinds": "list[str]",
        "url": "str",
    },
    total=False,
)

Offer = TypedDict(
    "Offer",
    {
        "amount": "str",
        "evidence": "str",
        "footprint": "str",
    },
    total=False,
)

Order = TypedDict(
    "Order",
    {
        "consolidated": "bool",
        "method": "str",
        "reason": "str",
        "recalculates_base_year": "bool",
        "year": "int",
    },
    total=False,
)

Organisation = TypedDict(
    "Organisation",
    {
        "address": "str",
        "approach": "str",
        "base_year": "str",
        "code": "str",
        "contact": "str",
        "credit_code": "str",
        "electricity_equivalent_kgce_per_kwh": "str",
        "electricity_equivalent_source": "str",
        "industry": "str",
        "legal_person": "str",
        "name_en": "str",
        "name_zh": "str",
    },
    total=False,
)

OrganisationChange = TypedDict(
    "OrganisationChange",
    {
        "address": "str",
        "approach": "str",
        "base_year": "str",
        "contact": "str",
        "credit_code": "str",
        "electricity_equivalent_kgce_per_kwh": "str",
        "electricity_equivalent_source": "str",
        "industry": "str",
        "legal_person": "str",
        "name_en": "str",
        "name_zh": "str",
        "reason": "str",
    },
    total=False,
)

Other = TypedDict(
    "Other",
    {
        "id": "str",
        "refusal": "str",
        "source": "str",
        "unit": "str",
        "value": "str",
        "year": "int",
    },
    total=False,
)

Outcome = TypedDict(
    "Outcome",
    {
        "errors": "list[Warning]",
        "id": "int | None",
        "row": "int",
        "state": "str",
        "warnings": "list[Warning]",
    },
    total=False,
)

Outcomes = TypedDict(
    "Outcomes",
    {
        "held": "int",
        "refused": "int",
        "results": "list[Outcome]",
        "stored": "int",
    },
    total=False,
)

Overview = TypedDict(
    "Overview",
    {
        "in_use": "str",
        "kgco2e": "str",
        "open_requests": "int",
        "overdue": "int",
        "purchase": "str",
        "purchase_en": "str",
        "purchase_zh": "str",
        "supplier": "str",
        "supplier_en": "str",
        "supplier_zh": "str",
        "unit": "str",
        "valid_until": "str",
        "waiting": "int",
    },
    total=False,
)

OwnFactor = TypedDict(
    "OwnFactor",
    {
        "activity": "str",
        "boundary": "str",
        "category": "str",
        "confidence": "str",
        "counterparty": "str",
        "document": "str",
        "fuel": "str",
        "gas": "str",
        "gwp_set": "str",
        "id": "str",
        "kind": "str",
        "licence": "str",
        "material": "str",
        "name_en": "str",
        "name_zh": "str",
        "note": "str",
        "page": "str",
        "parameter_set": "str",
        "range_high": "str",
        "range_low": "str",
        "reason": "str",
        "region": "str",
        "scope_hint": "str",
        "site": "str",
        "source": "str",
        "uncertainty_percent": "str",
        "unit": "str",
        "valid_from": "str",
        "valid_to": "str | None",
        "value": "str",
        "value_kind": "str",
        "year": "int",
    },
    total=False,
)

PaginationMetadata = TypedDict(
    "PaginationMetadata",
    {
        "first_page": "int",
        "last_page": "int",
        "next_page": "int",
        "page": "int",
        "previous_page": "int",
        "total": "int",
        "total_pages": "int",
    },
    total=False,
)

Part = TypedDict(
    "Part",
    {
        "factor_id": "str",
        "gas": "str",
        "licence": "str",
        "region": "str",
        "role": "str",
        "source": "str",
        "unit": "str",
        "value": "str",
        "year": "str",
    },
    total=False,
)

Partner = TypedDict(
    "Partner",
    {
        "api_client_id": "str",
        "auth_url": "str",
        "base_url": "str",
        "client_id": "str",
        "client_secret": "str",
        "code": "str",
        "is_ended": "bool",
        "name": "str",
        "reason": "str",
        "sees": "list[str]",
        "version": "str",
    },
    total=False,
)

Period = TypedDict(
    "Period",
    {
        "actor": "str",
        "end": "str",
        "id": "int",
        "start": "str",
    },
    total=False,
)

Portfolio = TypedDict(
    "Portfolio",
    {
        "method": "str",
    },
    total=False,
)

Problem = TypedDict(
    "Problem",
    {
        "candidates": "list[ProblemCandidate]",
        "code": "str",
        "detail": "str",
        "errors": "list[ProblemItem]",
        "status": "int",
        "title": "str",
        "type": "str",
    },
    total=False,
)

ProblemCandidate = TypedDict(
    "ProblemCandidate",
    {
        "factor_id": "str",
        "reason": "str",
    },
    total=False,
)

ProblemItem = TypedDict(
    "ProblemItem",
    {
        "code": "str",
        "field": "str",
        "message": "str",
    },
    total=False,
)

Process = TypedDict(
    "Process",
    {
        "flow": "str",
        "is_placeholder": "bool",
        "location": "str",
        "name": "str",
        "process": "str",
        "process_id": "str",
        "process_zh": "str",
        "unit": "str",
    },
    total=False,
)

Processes = TypedDict(
    "Processes",
    {
        "processes": "list[Process]",
        "total": "int",
    },
    total=False,
)

Product = TypedDict(
    "Product",
    {
        "amount": "str",
        "end": "str",
        "id": "int",
        "name_en": "str",
        "name_zh": "str",
        "reason": "str",
        "site": "str",
        "start": "str",
        "unit": "str",
        "value_added_cny": "str",
    },
    total=False,
)

ProductModel = TypedDict(
    "ProductModel",
    {
        "content_sha256": "str",
        "created": "str",
        "file_name": "str",
        "is_superseded": "bool",
        "name_en": "str",
        "name_zh": "str",
        "product": "str",
        "reason": "str",
        "version": "int",
    },
    total=False,
)

ProductScore = TypedDict(
    "ProductScore",
    {
        "kgco2e": "str | None",
        "location": "str",
        "name": "str",
        "number": "int",
        "process": "str",
        "process_id": "str",
        "unit": "str",
    },
    total=False,
)

Progress = TypedDict(
    "Progress",
    {
        "done": "int",
        "step": "str",
        "total": "int",
    },
    total=False,
)

Publication = TypedDict(
    "Publication",
    {
        "footprint": "str",
        "said": "dict[str, Any]",
    },
    total=False,
)

Published = TypedDict(
    "Published",
    {
        "created": "str",
        "deprecated": "str | None",
        "footprint": "str",
        "id": "str",
        "preceding": "list[str]",
        "product": "str",
        "reason": "str",
        "status": "str",
    },
    total=False,
)

Purchase = TypedDict(
    "Purchase",
    {
        "code": "str",
        "material": "str",
        "name_en": "str",
        "name_zh": "str",
        "reason": "str",
        "their_id": "str",
        "unit": "str",
        "yearly_amount": "str",
    },
    total=False,
)

Reason = TypedDict(
    "Reason",
    {
        "reason": "str",
    },
    total=False,
)

Received = TypedDict(
    "Received",
    {
        "created": "str",
        "footprint": "dict[str, Any]",
        "footprint_id": "str",
        "id": "int",
        "problems": "list[dict[str, Any]]",
        "status": "str",
        "version": "str",
    },
    total=False,
)

Recomputed = TypedDict(
    "Recomputed",
    {
        "again": "str",
        "same": "bool",
        "sha256": "str",
    },
    total=False,
)

Rehearsal = TypedDict(
    "Rehearsal",
    {
        "errors": "list[Warning]",
        "method": "str",
        "questions": "list[Warning]",
        "warnings": "list[dict[str, Any]]",
    },
    total=False,
)

Release = TypedDict(
    "Release",
    {
        "created": "str",
        "snapshot_sha256": "str",
        "version": "int",
    },
    total=False,
)

Request = TypedDict(
    "Request",
    {
        "boundary": "str",
        "closed": "str | None",
        "created": "str",
        "deadline": "str",
        "expires": "str",
        "id": "int",
        "language": "str",
        "least_primary_percent": "str",
        "method": "str",
        "method_version": "str",
        "must_be_verified": "bool",
        "note": "str",
        "period_end": "str",
        "period_start": "str",
        "purchase": "str",
        "reason": "str",
        "reminders": "int",
        "standing": "str",
        "unit": "str",
    },
    total=False,
)

Secret = TypedDict(
    "Secret",
    {
        "created": "str",
        "id": "str",
        "name": "str",
        "revoked": "str | None",
        "scopes": "str",
        "secret": "str",
    },
    total=False,
)

SectorDecision = TypedDict(
    "SectorDecision",
    {
        "contribution": "int",
        "created": "str",
        "is_admitted": "bool",
        "reason": "str",
    },
    total=False,
)

SectorUse = TypedDict(
    "SectorUse",
    {
        "activity": "str",
        "confidence": "str",
        "reason": "str",
    },
    total=False,
)

Seen = TypedDict(
    "Seen",
    {
        "amount": "str",
        "created": "str",
        "evidence": "str",
        "figures": "dict[str, Any]",
        "footprint": "str",
        "id": "int",
        "name_en": "str",
        "name_zh": "str",
        "organisation": "str",
        "reason": "str",
        "state": "str",
    },
    total=False,
)

Share = TypedDict(
    "Share",
    {
        "change": "Change",
        "cumulative_percent": "str | None",
        "is_counted": "bool",
        "reaches_threshold": "bool",
    },
    total=False,
)

Site = TypedDict(
    "Site",
    {
        "code": "str",
        "entity": "str",
        "name_en": "str",
        "name_zh": "str",
        "reason": "str",
        "region": "str",
        "sector": "str",
        "share_percent": "str",
    },
    total=False,
)

Statement = TypedDict(
    "Statement",
    {
        "footprint": "dict[str, Any]",
    },
    total=False,
)

Step = TypedDict(
    "Step",
    {
        "code": "str | None",
        "en": "str",
        "outcome": "str",
        "step": "str",
        "zh": "str",
    },
    total=False,
)

Stored = TypedDict(
    "Stored",
    {
        "already": "bool",
        "batch_id": "int",
        "errors": "int",
        "loaded": "int",
        "replaced": "int",
        "skipped": "int",
        "total": "int",
    },
    total=False,
)

Study = TypedDict(
    "Study",
    {
        "method": "str",
        "product": "str",
        "reason": "str",
    },
    total=False,
)

Submitted = TypedDict(
    "Submitted",
    {
        "datum": "Datum",
        "warnings": "list[Warning]",
    },
    total=False,
)

Supplier = TypedDict(
    "Supplier",
    {
        "code": "str",
        "contact": "str",
        "email": "str",
        "name_en": "str",
        "name_zh": "str",
        "partner": "str",
        "reason": "str",
    },
    total=False,
)

Switch = TypedDict(
    "Switch",
    {
        "active": "bool",
    },
    total=False,
)

Taken = TypedDict(
    "Taken",
    {
        "answer": "int",
        "document_sha256": "str",
        "request": "int",
        "state": "str",
    },
    total=False,
)

Template = TypedDict(
    "Template",
    {
        "group": "str",
        "group_name": "Name",
        "id": "str",
        "methods": "list[str]",
        "name": "Name",
    },
    total=False,
)

Trace = TypedDict(
    "Trace",
    {
        "trace": "str",
    },
    total=False,
)

Trial = TypedDict(
    "Trial",
    {
        "methods": "list[str]",
        "model": "dict[str, Any]",
        "parameters": "dict[str, Any]",
        "scenario": "str",
    },
    total=False,
)

Upload = TypedDict(
    "Upload",
    {
        "file": "str",
    },
    total=False,
)

Verification = TypedDict(
    "Verification",
    {
        "code": "str | None",
        "facts": "dict[str, Any]",
        "failed_step": "str | None",
        "ok": "bool",
        "pages_confirmed": "bool",
        "signer_known": "bool",
        "steps": "list[Step]",
        "verdict": "str",
    },
    total=False,
)

Warning = TypedDict(
    "Warning",
    {
        "code": "str",
        "field": "str",
        "message": "str",
    },
    total=False,
)

Webhook = TypedDict(
    "Webhook",
    {
        "active": "bool",
        "created": "str",
        "id": "int",
        "kinds": "list[str]",
        "made_by": "str",
        "url": "str",
    },
    total=False,
)

class Remote(Caller):
    """A service elsewhere: a method for every operation."""

    def activity_templates_workbook(
        self,
        *,
        language: str | None = None,
    ) -> bytes:
        """Return the template for activity data."""
        path = address("/api/v1/activity-template/workbook.xlsx")
        return cast("bytes", self.call("GET", path, query={"language": language}))

    def answers_asked(
        self,
        token: str,
    ) -> Asked:
        """Show what is asked, and what became of what was answered."""
        path = address("/api/v1/answers/{token}", token=token)
        return cast("Asked", self.call("GET", path))

    def answers_state(
        self,
        token: str,
        body: Statement,
        *,
        idempotency_key: str = "",
    ) -> Asked:
        """Answer with a statement; one that nobody has decided on yet is replaced by it."""
        path = address("/api/v1/answers/{token}", token=token)
        return cast("Asked", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def answers_state_file(
        self,
        token: str,
        files: dict[str, SentFile],
        *,
        idempotency_key: str = "",
    ) -> Asked:
        """Answer with a file; one that nobody has decided on yet is replaced by it."""
        path = address("/api/v1/answers/{token}/file", token=token)
        return cast("Asked", self.call("POST", path, files=files, headers={"Idempotency-Key": idempotency_key}))

    def audit_head(
        self,
    ) -> Head:
        """Show how long the log is and its root."""
        path = address("/api/v1/audit/head")
        return cast("Head", self.call("GET", path))

    def factors_search(
        self,
        *,
        limit: int | None = None,
        q: str | None = None,
    ) -> Iterator[Listed]:
        """Search the published factors, the best first."""
        path = address("/api/v1/factors")
        return cast("Iterator[Listed]", self.rows(path, {"limit": limit, "q": q}))

    def factors_match(
        self,
        *,
        activity: str | None = None,
        region: str | None = None,
        on: str | None = None,
        method: str | None = None,
        purpose: str | None = None,
        parameter_set: str | None = None,
        unit: str | None = None,
    ) -> Answer:
        """Say which value answers an activity, and why."""
        path = address("/api/v1/factors/match")
        return cast("Answer", self.call("GET", path, query={"activity": activity, "region": region, "on": on, "method": method, "purpose": purpose, "parameter_set": parameter_set, "unit": unit}))

    def factors_show(
        self,
        identifier: str,
    ) -> Detailed:
        """Show a published factor with its source and its other years."""
        path = address("/api/v1/factors/{identifier}", identifier=identifier)
        return cast("Detailed", self.call("GET", path))

    def footprint_trials_compute(
        self,
        body: Trial,
        *,
        idempotency_key: str = "",
    ) -> dict[str, Any]:
        """Compute the footprint of a model from published data."""
        path = address("/api/v1/footprint-trials")
        return cast("dict[str, Any]", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def footprint_trials_compute_file(
        self,
        files: dict[str, SentFile],
        *,
        methods: list[str] | None = None,
        scenario: str | None = None,
        idempotency_key: str = "",
    ) -> dict[str, Any]:
        """Compute the footprint of a workbook, a YAML or a JSON file from published data."""
        path = address("/api/v1/footprint-trials/files")
        return cast("dict[str, Any]", self.call("POST", path, query={"methods": methods, "scenario": scenario}, files=files, headers={"Idempotency-Key": idempotency_key}))

    def organisations_organisations(
        self,
        *,
        limit: int | None = None,
    ) -> Iterator[Organisation]:
        """List the organisations."""
        path = address("/api/v1/organisations")
        return cast("Iterator[Organisation]", self.rows(path, {"limit": limit}))

    def organisations_create(
        self,
        body: NewOrganisation,
        *,
        idempotency_key: str = "",
    ) -> Organisation:
        """Create an organisation."""
        path = address("/api/v1/organisations")
        return cast("Organisation", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def organisations_show(
        self,
        code: str,
    ) -> Organisation:
        """Show an organisation."""
        path = address("/api/v1/organisations/{code}", code=code)
        return cast("Organisation", self.call("GET", path))

    def organisations_change(
        self,
        code: str,
        body: OrganisationChange,
        *,
        if_match: str = "",
    ) -> Organisation:
        """Change what is said of an organisation; what is not sent stays."""
        path = address("/api/v1/organisations/{code}", code=code)
        return cast("Organisation", self.call("PATCH", path, body=body, headers={"If-Match": if_match}))

    def suppliers_accepted_ones(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Accepted]:
        """List the accepted footprints, newest first."""
        path = address("/api/v1/organisations/{code}/accepted-footprints", code=code)
        return cast("Iterator[Accepted]", self.rows(path, {"limit": limit}))

    def suppliers_withdraw(
        self,
        code: str,
        identifier: str,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> Accepted:
        """Take an accepted footprint out of use; what contains it is flagged."""
        path = address("/api/v1/organisations/{code}/accepted-footprints/{identifier}/withdraw", code=code, identifier=identifier)
        return cast("Accepted", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_data(
        self,
        code: str,
        *,
        limit: int | None = None,
        site: str | None = None,
        activity: str | None = None,
        start: str | None = None,
        end: str | None = None,
        current: bool | None = None,
    ) -> Iterator[Datum]:
        """List activity data in the order they came in, replaced rows included unless only current ones are asked for."""
        path = address("/api/v1/organisations/{code}/activities", code=code)
        return cast("Iterator[Datum]", self.rows(path, {"limit": limit, "site": site, "activity": activity, "start": start, "end": end, "current": current}))

    def activities_submit(
        self,
        code: str,
        body: Activity,
        *,
        idempotency_key: str = "",
    ) -> Submitted:
        """Submit one activity datum."""
        path = address("/api/v1/organisations/{code}/activities", code=code)
        return cast("Submitted", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_submit_many(
        self,
        code: str,
        body: Many,
        *,
        idempotency_key: str = "",
    ) -> Outcomes:
        """Submit up to 10,000 activity data, all or none; `skip_errors` stores those without errors all the same."""
        path = address("/api/v1/organisations/{code}/activities/bulk", code=code)
        return cast("Outcomes", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_show(
        self,
        code: str,
        number: int,
    ) -> Datum:
        """Show one activity datum."""
        path = address("/api/v1/organisations/{code}/activities/{number}", code=code, number=number)
        return cast("Datum", self.call("GET", path))

    def activities_correct(
        self,
        code: str,
        number: int,
        body: Correction,
        *,
        idempotency_key: str = "",
    ) -> Submitted:
        """Put another amount in the place of one; the old one stays, replaced."""
        path = address("/api/v1/organisations/{code}/activities/{number}/corrections", code=code, number=number)
        return cast("Submitted", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_take_back(
        self,
        code: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> None:
        """Take one activity datum back; it stays, and no longer counts."""
        path = address("/api/v1/organisations/{code}/activities/{number}/withdrawal", code=code, number=number)
        return cast("None", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def audit_entries(
        self,
        code: str,
        *,
        limit: int | None = None,
        verb: str | None = None,
    ) -> Iterator[Entry]:
        """List what was done for an organisation, oldest first."""
        path = address("/api/v1/organisations/{code}/audit", code=code)
        return cast("Iterator[Entry]", self.rows(path, {"limit": limit, "verb": verb}))

    def audit_export(
        self,
        code: str,
        *,
        format: str | None = None,
    ) -> str:
        """Give everything that was done for an organisation, each with its path to the root (RFC 9162), also as CSV."""
        path = address("/api/v1/organisations/{code}/audit/export", code=code)
        return cast("str", self.call("GET", path, query={"format": format}))

    def audit_proof(
        self,
        code: str,
        number: int,
    ) -> Inclusion:
        """Prove that an entry is in the log."""
        path = address("/api/v1/organisations/{code}/audit/{number}/proof", code=code, number=number)
        return cast("Inclusion", self.call("GET", path))

    def base_years_changes(
        self,
        code: str,
        year: int,
        *,
        limit: int | None = None,
        method: str | None = None,
        consolidated: bool | None = None,
    ) -> Iterator[Share]:
        """List the open changes, oldest first, with their cumulative share."""
        path = address("/api/v1/organisations/{code}/base-years/{year}/changes", code=code, year=year)
        return cast("Iterator[Share]", self.rows(path, {"limit": limit, "method": method, "consolidated": consolidated}))

    def base_years_note_change(
        self,
        code: str,
        year: int,
        body: Change,
        *,
        idempotency_key: str = "",
    ) -> Change:
        """Note what would have made the base year differ."""
        path = address("/api/v1/organisations/{code}/base-years/{year}/changes", code=code, year=year)
        return cast("Change", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def base_years_test(
        self,
        code: str,
        year: int,
        *,
        method: str | None = None,
        consolidated: bool | None = None,
    ) -> BaseYearTest:
        """Test whether the base year has to be recalculated."""
        path = address("/api/v1/organisations/{code}/base-years/{year}/test", code=code, year=year)
        return cast("BaseYearTest", self.call("GET", path, query={"method": method, "consolidated": consolidated}))

    def clients_clients(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Client]:
        """List the clients."""
        path = address("/api/v1/organisations/{code}/clients", code=code)
        return cast("Iterator[Client]", self.rows(path, {"limit": limit}))

    def clients_create(
        self,
        code: str,
        body: Client,
        *,
        idempotency_key: str = "",
    ) -> Secret:
        """Make a client; its secret is in this answer and nowhere else."""
        path = address("/api/v1/organisations/{code}/clients", code=code)
        return cast("Secret", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def clients_revoke(
        self,
        code: str,
        identifier: str,
        *,
        idempotency_key: str = "",
    ) -> Client:
        """Let a client in no more."""
        path = address("/api/v1/organisations/{code}/clients/{identifier}/revocation", code=code, identifier=identifier)
        return cast("Client", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def clients_rotate(
        self,
        code: str,
        identifier: str,
        *,
        idempotency_key: str = "",
    ) -> Secret:
        """Give a client another secret; the one before is good for a day more."""
        path = address("/api/v1/organisations/{code}/clients/{identifier}/rotation", code=code, identifier=identifier)
        return cast("Secret", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def activities_add_evidence(
        self,
        code: str,
        files: dict[str, SentFile],
        *,
        idempotency_key: str = "",
    ) -> Evidence:
        """Hand in a file that proves amounts; it is known by its SHA-256."""
        path = address("/api/v1/organisations/{code}/evidence", code=code)
        return cast("Evidence", self.call("POST", path, files=files, headers={"Idempotency-Key": idempotency_key}))

    def activities_evidence(
        self,
        code: str,
        sha256: str,
    ) -> bytes:
        """Return a file that was handed in."""
        path = address("/api/v1/organisations/{code}/evidence/{sha256}", code=code, sha256=sha256)
        return cast("bytes", self.call("GET", path))

    def activities_attach(
        self,
        code: str,
        sha256: str,
        body: Attach,
        *,
        idempotency_key: str = "",
    ) -> Attached:
        """Attach a file to rows that were handed in before it."""
        path = address("/api/v1/organisations/{code}/evidence/{sha256}/rows", code=code, sha256=sha256)
        return cast("Attached", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_exclusions(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Exclusion]:
        """List the categories that are left out."""
        path = address("/api/v1/organisations/{code}/exclusions", code=code)
        return cast("Iterator[Exclusion]", self.rows(path, {"limit": limit}))

    def activities_put_exclusion(
        self,
        code: str,
        body: Exclusion,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Exclusion:
        """Leave a category out of the inventories of a period, saying why."""
        path = address("/api/v1/organisations/{code}/exclusions", code=code)
        return cast("Exclusion", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def activities_show_exclusion(
        self,
        code: str,
        number: int,
    ) -> Exclusion:
        """Show a category that is left out."""
        path = address("/api/v1/organisations/{code}/exclusions/{number}", code=code, number=number)
        return cast("Exclusion", self.call("GET", path))

    def own_factors_own_factors(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[OwnFactor]:
        """List an organisation's own factors."""
        path = address("/api/v1/organisations/{code}/factors", code=code)
        return cast("Iterator[OwnFactor]", self.rows(path, {"limit": limit}))

    def own_factors_submit(
        self,
        code: str,
        body: OwnFactor,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> OwnFactor:
        """Take in an own factor, or replace one with a reason."""
        path = address("/api/v1/organisations/{code}/factors", code=code)
        return cast("OwnFactor", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def own_factors_match_own(
        self,
        code: str,
        *,
        activity: str | None = None,
        region: str | None = None,
        on: str | None = None,
        method: str | None = None,
        purpose: str | None = None,
        parameter_set: str | None = None,
        unit: str | None = None,
    ) -> Answer:
        """Say which value answers an activity of this organisation, its own factors first."""
        path = address("/api/v1/organisations/{code}/factors/match", code=code)
        return cast("Answer", self.call("GET", path, query={"activity": activity, "region": region, "on": on, "method": method, "purpose": purpose, "parameter_set": parameter_set, "unit": unit}))

    def own_factors_show_own(
        self,
        code: str,
        identifier: str,
    ) -> OwnFactor:
        """Show an own factor."""
        path = address("/api/v1/organisations/{code}/factors/{identifier}", code=code, identifier=identifier)
        return cast("OwnFactor", self.call("GET", path))

    def own_factors_withdraw(
        self,
        code: str,
        identifier: str,
        body: Reason,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> OwnFactor:
        """Take an own factor back."""
        path = address("/api/v1/organisations/{code}/factors/{identifier}/withdrawal", code=code, identifier=identifier)
        return cast("OwnFactor", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def suppliers_answer(
        self,
        code: str,
        number: int,
    ) -> FootprintAnswer:
        """Show an answer with what the rules say of it."""
        path = address("/api/v1/organisations/{code}/footprint-answers/{number}", code=code, number=number)
        return cast("FootprintAnswer", self.call("GET", path))

    def suppliers_accept(
        self,
        code: str,
        number: int,
        body: Decision,
        *,
        idempotency_key: str = "",
    ) -> Accepted:
        """Take an answer into use, if it keeps every rule; doubts need a reason."""
        path = address("/api/v1/organisations/{code}/footprint-answers/{number}/accept", code=code, number=number)
        return cast("Accepted", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_document(
        self,
        code: str,
        number: int,
    ) -> bytes:
        """Return what a supplier sent, word for word."""
        path = address("/api/v1/organisations/{code}/footprint-answers/{number}/document", code=code, number=number)
        return cast("bytes", self.call("GET", path))

    def suppliers_reject(
        self,
        code: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> FootprintAnswer:
        """Refuse an answer; the supplier reads the reason by its link."""
        path = address("/api/v1/organisations/{code}/footprint-answers/{number}/reject", code=code, number=number)
        return cast("FootprintAnswer", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_requested(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Request]:
        """List what was asked, newest first."""
        path = address("/api/v1/organisations/{code}/footprint-requests", code=code)
        return cast("Iterator[Request]", self.rows(path, {"limit": limit}))

    def suppliers_ask(
        self,
        code: str,
        body: NewRequest,
        *,
        idempotency_key: str = "",
    ) -> Link:
        """Ask a supplier for a footprint; the link by which it answers is in the answer."""
        path = address("/api/v1/organisations/{code}/footprint-requests", code=code)
        return cast("Link", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_take(
        self,
        code: str,
        number: int,
        files: dict[str, SentFile],
        *,
        idempotency_key: str = "",
    ) -> FootprintAnswer:
        """Take in a file that a supplier sent by another way."""
        path = address("/api/v1/organisations/{code}/footprint-requests/{number}/answers", code=code, number=number)
        return cast("FootprintAnswer", self.call("POST", path, files=files, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_close(
        self,
        code: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> None:
        """Ask no longer."""
        path = address("/api/v1/organisations/{code}/footprint-requests/{number}/close", code=code, number=number)
        return cast("None", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_renew(
        self,
        code: str,
        number: int,
        *,
        idempotency_key: str = "",
    ) -> Link:
        """Make another link of a request; the one before is good no longer."""
        path = address("/api/v1/organisations/{code}/footprint-requests/{number}/link", code=code, number=number)
        return cast("Link", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def product_footprints_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
        product: str | None = None,
        method: str | None = None,
        current: bool | None = None,
    ) -> Iterator[Footprint]:
        """List the footprints, newest first."""
        path = address("/api/v1/organisations/{code}/footprints", code=code)
        return cast("Iterator[Footprint]", self.rows(path, {"limit": limit, "product": product, "method": method, "current": current}))

    def product_footprints_run(
        self,
        code: str,
        body: Study,
        *,
        idempotency_key: str = "",
    ) -> Footprint:
        """Compute and freeze the footprint of a stored product; the same model gives the one that is there already."""
        path = address("/api/v1/organisations/{code}/footprints", code=code)
        return cast("Footprint", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_footprints_compare(
        self,
        code: str,
        *,
        one: str | None = None,
        other: str | None = None,
    ) -> dict[str, Any]:
        """Say line by line why two footprints differ."""
        path = address("/api/v1/organisations/{code}/footprints/comparison", code=code)
        return cast("dict[str, Any]", self.call("GET", path, query={"one": one, "other": other}))

    def long_work_portfolio(
        self,
        code: str,
        body: Portfolio,
        *,
        idempotency_key: str = "",
    ) -> Job:
        """Compute every product of the organisation anew, beside what is frozen; nothing is stored."""
        path = address("/api/v1/organisations/{code}/footprints/portfolio", code=code)
        return cast("Job", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_footprints_reconcile(
        self,
        code: str,
        *,
        inventory: str | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """Hold the newest footprints by a method against an inventory: do the products account for what the sites used?"""
        path = address("/api/v1/organisations/{code}/footprints/reconciliation", code=code)
        return cast("dict[str, Any]", self.call("GET", path, query={"inventory": inventory, "method": method}))

    def product_footprints_compute_own(
        self,
        code: str,
        body: Trial,
        *,
        idempotency_key: str = "",
    ) -> dict[str, Any]:
        """Compute the footprint of a model with the organisation's own factors and databases; nothing is stored."""
        path = address("/api/v1/organisations/{code}/footprints/trials", code=code)
        return cast("dict[str, Any]", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_footprints_show(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Show a footprint: totals, breakdowns, inputs with their factors, what is left out, checks and warnings."""
        path = address("/api/v1/organisations/{code}/footprints/{identifier}", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def footprint_exports_export(
        self,
        code: str,
        identifier: str,
        body: Export,
        *,
        idempotency_key: str = "",
    ) -> bytes:
        """Write a footprint in the format of others or as a live workbook; what the format cannot say is in a header."""
        path = address("/api/v1/organisations/{code}/footprints/{identifier}/exports", code=code, identifier=identifier)
        return cast("bytes", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def long_work_monte_carlo(
        self,
        code: str,
        identifier: str,
        body: Drawing,
        *,
        idempotency_key: str = "",
    ) -> Job:
        """Draw a frozen footprint by Monte Carlo, alone or against another."""
        path = address("/api/v1/organisations/{code}/footprints/{identifier}/monte-carlo", code=code, identifier=identifier)
        return cast("Job", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_footprints_snapshot(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Return the frozen snapshot as canonical JSON."""
        path = address("/api/v1/organisations/{code}/footprints/{identifier}/snapshot.json", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def tracing_trace(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Return what a frozen footprint rests on, line by line, down to records, documents and their digests."""
        path = address("/api/v1/organisations/{code}/footprints/{identifier}/trace", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def suppliers_give(
        self,
        code: str,
        body: Give,
        *,
        idempotency_key: str = "",
    ) -> Given:
        """Answer a buyer's request with a frozen footprint of one's own: results and quality, no inputs."""
        path = address("/api/v1/organisations/{code}/given-footprints", code=code)
        return cast("Given", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def tracing_impact(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Return everything that contains a footprint: of a supplier by its code, or one's own."""
        path = address("/api/v1/organisations/{code}/impact/{identifier}", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def activities_import_file(
        self,
        code: str,
        files: dict[str, SentFile],
        *,
        confirm: bool | None = None,
        skip_errors: bool | None = None,
        reason: str | None = None,
        idempotency_key: str = "",
    ) -> Import:
        """Check a file of activity data, and store it when that is confirmed."""
        path = address("/api/v1/organisations/{code}/imports", code=code)
        return cast("Import", self.call("POST", path, query={"confirm": confirm, "skip_errors": skip_errors, "reason": reason}, files=files, headers={"Idempotency-Key": idempotency_key}))

    def activities_instruments(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Instrument]:
        """List the instruments of the organisation's pool."""
        path = address("/api/v1/organisations/{code}/instruments", code=code)
        return cast("Iterator[Instrument]", self.rows(path, {"limit": limit}))

    def activities_put_instrument(
        self,
        code: str,
        body: Instrument,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Instrument:
        """Add an instrument to the pool, or replace one with a reason."""
        path = address("/api/v1/organisations/{code}/instruments", code=code)
        return cast("Instrument", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def activities_show_instrument(
        self,
        code: str,
        number: int,
    ) -> Instrument:
        """Show an instrument."""
        path = address("/api/v1/organisations/{code}/instruments/{number}", code=code, number=number)
        return cast("Instrument", self.call("GET", path))

    def inventories_inventories(
        self,
        code: str,
        *,
        limit: int | None = None,
        year: int | None = None,
        method: str | None = None,
    ) -> Iterator[Inventory]:
        """List the inventories, newest first."""
        path = address("/api/v1/organisations/{code}/inventories", code=code)
        return cast("Iterator[Inventory]", self.rows(path, {"limit": limit, "year": year, "method": method}))

    def inventories_run(
        self,
        code: str,
        body: Order,
        *,
        idempotency_key: str = "",
    ) -> Inventory:
        """Compute and freeze an inventory; the same data give the one that is there already."""
        path = address("/api/v1/organisations/{code}/inventories", code=code)
        return cast("Inventory", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def inventories_rehearse(
        self,
        code: str,
        files: dict[str, SentFile],
        *,
        method: str | None = None,
        idempotency_key: str = "",
    ) -> Rehearsal:
        """Compute the inventory of a file only to learn what stands in its way; nothing is stored."""
        path = address("/api/v1/organisations/{code}/inventories/rehearsals", code=code)
        return cast("Rehearsal", self.call("POST", path, query={"method": method}, files=files, headers={"Idempotency-Key": idempotency_key}))

    def inventories_show(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Show an inventory: totals, breakdowns, bridge, lines and warnings."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def reports_charts(
        self,
        code: str,
        identifier: str,
        *,
        language: str | None = None,
    ) -> dict[str, Any]:
        """Return the report's charts as Vega-Lite documents."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/charts", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path, query={"language": language}))

    def inventories_trace(
        self,
        code: str,
        identifier: str,
        line: str,
    ) -> Trace:
        """Write one line of an inventory as a sum with every operand."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/lines/{line}", code=code, identifier=identifier, line=line)
        return cast("Trace", self.call("GET", path))

    def inventories_recompute(
        self,
        code: str,
        identifier: str,
    ) -> Recomputed:
        """Redo an inventory from its own operands."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/recomputation", code=code, identifier=identifier)
        return cast("Recomputed", self.call("GET", path))

    def reports_issue(
        self,
        code: str,
        identifier: str,
        body: Language,
        *,
        idempotency_key: str = "",
    ) -> bytes:
        """Issue the signed report."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/report", code=code, identifier=identifier)
        return cast("bytes", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def reports_snapshot(
        self,
        code: str,
        identifier: str,
    ) -> dict[str, Any]:
        """Return the frozen snapshot as canonical JSON."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/snapshot.json", code=code, identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def reports_workbook(
        self,
        code: str,
        identifier: str,
        *,
        language: str | None = None,
    ) -> bytes:
        """Return the workbook for auditors, every tonne a live formula."""
        path = address("/api/v1/organisations/{code}/inventories/{identifier}/workbook.xlsx", code=code, identifier=identifier)
        return cast("bytes", self.call("GET", path, query={"language": language}))

    def invitations_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Invitation]:
        """List the invitations that may still be taken up."""
        path = address("/api/v1/organisations/{code}/invitations", code=code)
        return cast("Iterator[Invitation]", self.rows(path, {"limit": limit}))

    def invitations_create(
        self,
        code: str,
        body: NewInvitation,
        *,
        idempotency_key: str = "",
    ) -> NewInvitation:
        """Invite somebody to a role; the answer is the same whether the address is known or not."""
        path = address("/api/v1/organisations/{code}/invitations", code=code)
        return cast("NewInvitation", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def invitations_withdraw(
        self,
        code: str,
        number: int,
        *,
        idempotency_key: str = "",
    ) -> Invitation:
        """Take an invitation back."""
        path = address("/api/v1/organisations/{code}/invitations/{number}/withdrawal", code=code, number=number)
        return cast("Invitation", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def jobs_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
        state: str | None = None,
        kind: str | None = None,
    ) -> Iterator[JobLine]:
        """List jobs, newest first."""
        path = address("/api/v1/organisations/{code}/jobs", code=code)
        return cast("Iterator[JobLine]", self.rows(path, {"limit": limit, "state": state, "kind": kind}))

    def jobs_hand_in(
        self,
        code: str,
        body: NewJob,
        *,
        idempotency_key: str = "",
    ) -> Job:
        """Hand in long work; the answer tells at once where to look for it."""
        path = address("/api/v1/organisations/{code}/jobs", code=code)
        return cast("Job", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def jobs_show(
        self,
        code: str,
        number: int,
    ) -> Job:
        """Show a job: how far it is, its result, or why there is none."""
        path = address("/api/v1/organisations/{code}/jobs/{number}", code=code, number=number)
        return cast("Job", self.call("GET", path))

    def jobs_cancel(
        self,
        code: str,
        number: int,
        *,
        idempotency_key: str = "",
    ) -> Job:
        """Stop a job: at once where it waits, at its next step where it is being done."""
        path = address("/api/v1/organisations/{code}/jobs/{number}/cancel", code=code, number=number)
        return cast("Job", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def jobs_report(
        self,
        code: str,
        number: int,
    ) -> bytes:
        """Return the signed report that a job issued."""
        path = address("/api/v1/organisations/{code}/jobs/{number}/report.pdf", code=code, number=number)
        return cast("bytes", self.call("GET", path))

    def life_cycle_inventories_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Database]:
        """List the databases that can be used."""
        path = address("/api/v1/organisations/{code}/lci", code=code)
        return cast("Iterator[Database]", self.rows(path, {"limit": limit}))

    def long_work_import_lci(
        self,
        code: str,
        files: dict[str, SentFile],
        *,
        name: str | None = None,
        format: str | None = None,
        licence: str | None = None,
        reason: str | None = None,
        idempotency_key: str = "",
    ) -> Job:
        """Read a file of life-cycle inventories, check it, and store it under a name."""
        path = address("/api/v1/organisations/{code}/lci", code=code)
        return cast("Job", self.call("POST", path, query={"name": name, "format": format, "licence": licence, "reason": reason}, files=files, headers={"Idempotency-Key": idempotency_key}))

    def life_cycle_inventories_show(
        self,
        code: str,
        database: str,
    ) -> dict[str, Any]:
        """Show how large a database is and what of it is cut off."""
        path = address("/api/v1/organisations/{code}/lci/{database}", code=code, database=database)
        return cast("dict[str, Any]", self.call("GET", path))

    def life_cycle_inventories_export(
        self,
        code: str,
        database: str,
        *,
        format: str | None = None,
    ) -> bytes:
        """Return a database as a file that other programs read; one whose licence keeps it from being passed on, never."""
        path = address("/api/v1/organisations/{code}/lci/{database}/export", code=code, database=database)
        return cast("bytes", self.call("GET", path, query={"format": format}))

    def life_cycle_inventories_findings(
        self,
        code: str,
        database: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Finding]:
        """List what is odd in a database: inputs cut off, allocation by rule, unknown greenhouse flows."""
        path = address("/api/v1/organisations/{code}/lci/{database}/findings", code=code, database=database)
        return cast("Iterator[Finding]", self.rows(path, {"limit": limit}))

    def life_cycle_inventories_processes(
        self,
        code: str,
        database: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        q: str | None = None,
    ) -> Processes:
        """Search the processes of a database."""
        path = address("/api/v1/organisations/{code}/lci/{database}/processes", code=code, database=database)
        return cast("Processes", self.call("GET", path, query={"cursor": cursor, "limit": limit, "q": q}))

    def life_cycle_inventories_score(
        self,
        code: str,
        database: str,
        *,
        process: str | None = None,
        product: str | None = None,
        gwp: str | None = None,
    ) -> dict[str, Any]:
        """Score a process: kg CO2e per unit, by gas, by process and along its supply chain, remainders kept."""
        path = address("/api/v1/organisations/{code}/lci/{database}/score", code=code, database=database)
        return cast("dict[str, Any]", self.call("GET", path, query={"process": process, "product": product, "gwp": gwp}))

    def life_cycle_inventories_scores(
        self,
        code: str,
        database: str,
        *,
        limit: int | None = None,
        gwp: str | None = None,
    ) -> Iterator[ProductScore]:
        """Score every product of a database, from one solve."""
        path = address("/api/v1/organisations/{code}/lci/{database}/scores", code=code, database=database)
        return cast("Iterator[ProductScore]", self.rows(path, {"limit": limit, "gwp": gwp}))

    def life_cycle_inventories_withdraw(
        self,
        code: str,
        database: str,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> None:
        """Take a database back; it stays in the table and is no longer found."""
        path = address("/api/v1/organisations/{code}/lci/{database}/withdrawal", code=code, database=database)
        return cast("None", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def members_members(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Member]:
        """List who has which role."""
        path = address("/api/v1/organisations/{code}/members", code=code)
        return cast("Iterator[Member]", self.rows(path, {"limit": limit}))

    def members_put(
        self,
        code: str,
        body: Member,
        *,
        idempotency_key: str = "",
    ) -> Member:
        """Give a person a role."""
        path = address("/api/v1/organisations/{code}/members", code=code)
        return cast("Member", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def members_end(
        self,
        code: str,
        body: Member,
        *,
        idempotency_key: str = "",
    ) -> Member:
        """Take a role back."""
        path = address("/api/v1/organisations/{code}/members/end", code=code)
        return cast("Member", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def footprint_exchange_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Partner]:
        """List the partners."""
        path = address("/api/v1/organisations/{code}/pact/partners", code=code)
        return cast("Iterator[Partner]", self.rows(path, {"limit": limit}))

    def footprint_exchange_connect(
        self,
        code: str,
        body: Partner,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Partner:
        """Register a partner, or describe it otherwise; a secret that is not sent stays."""
        path = address("/api/v1/organisations/{code}/pact/partners", code=code)
        return cast("Partner", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def footprint_exchange_show(
        self,
        code: str,
        partner: str,
    ) -> Partner:
        """Show a partner that has not ended."""
        path = address("/api/v1/organisations/{code}/pact/partners/{partner}", code=code, partner=partner)
        return cast("Partner", self.call("GET", path))

    def footprint_exchange_disconnect(
        self,
        code: str,
        partner: str,
        body: Reason,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Partner:
        """Send a partner nothing more, and let it see nothing more."""
        path = address("/api/v1/organisations/{code}/pact/partners/{partner}/end", code=code, partner=partner)
        return cast("Partner", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def footprint_exchange_events(
        self,
        code: str,
        partner: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Event]:
        """List the events from and to a partner, newest first."""
        path = address("/api/v1/organisations/{code}/pact/partners/{partner}/events", code=code, partner=partner)
        return cast("Iterator[Event]", self.rows(path, {"limit": limit}))

    def footprint_exchange_request(
        self,
        code: str,
        partner: str,
        body: Criteria,
        *,
        idempotency_key: str = "",
    ) -> Event:
        """Ask a partner for footprints; its answer comes as an event."""
        path = address("/api/v1/organisations/{code}/pact/partners/{partner}/requests", code=code, partner=partner)
        return cast("Event", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def footprint_exchange_published(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Published]:
        """List what is published."""
        path = address("/api/v1/organisations/{code}/pact/published", code=code)
        return cast("Iterator[Published]", self.rows(path, {"limit": limit}))

    def footprint_exchange_publish(
        self,
        code: str,
        body: Publication,
        *,
        idempotency_key: str = "",
    ) -> Published:
        """Publish a frozen footprint; what was published of the product before is deprecated."""
        path = address("/api/v1/organisations/{code}/pact/published", code=code)
        return cast("Published", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def footprint_exchange_deprecate(
        self,
        code: str,
        identifier: str,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> Published:
        """Withdraw a published footprint, for good."""
        path = address("/api/v1/organisations/{code}/pact/published/{identifier}/deprecation", code=code, identifier=identifier)
        return cast("Published", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def footprint_exchange_received(
        self,
        code: str,
        *,
        limit: int | None = None,
        partner: str | None = None,
        purchase: str | None = None,
    ) -> Iterator[Received]:
        """List the footprints that partners sent, newest first."""
        path = address("/api/v1/organisations/{code}/pact/received", code=code)
        return cast("Iterator[Received]", self.rows(path, {"limit": limit, "partner": partner, "purchase": purchase}))

    def footprint_exchange_take(
        self,
        code: str,
        number: int,
        body: Answers,
        *,
        idempotency_key: str = "",
    ) -> Taken:
        """Take what a partner sent as the answer to a request of one's own."""
        path = address("/api/v1/organisations/{code}/pact/received/{number}/answer", code=code, number=number)
        return cast("Taken", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_periods(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Period]:
        """List the closed periods."""
        path = address("/api/v1/organisations/{code}/periods", code=code)
        return cast("Iterator[Period]", self.rows(path, {"limit": limit}))

    def activities_close_period(
        self,
        code: str,
        body: Period,
        *,
        idempotency_key: str = "",
    ) -> Period:
        """Close a period: nothing in it changes any more."""
        path = address("/api/v1/organisations/{code}/periods", code=code)
        return cast("Period", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_reopen_period(
        self,
        code: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> Period:
        """Open a closed period again."""
        path = address("/api/v1/organisations/{code}/periods/{number}/reopening", code=code, number=number)
        return cast("Period", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_models_products(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[ProductModel]:
        """List the newest version of every product."""
        path = address("/api/v1/organisations/{code}/product-models", code=code)
        return cast("Iterator[ProductModel]", self.rows(path, {"limit": limit}))

    def product_models_put(
        self,
        code: str,
        body: Model,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> ProductModel:
        """Store a model; the same one changes nothing, another becomes the next version with a reason."""
        path = address("/api/v1/organisations/{code}/product-models", code=code)
        return cast("ProductModel", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def product_models_put_file(
        self,
        code: str,
        files: dict[str, SentFile],
        *,
        reason: str | None = None,
        idempotency_key: str = "",
    ) -> ProductModel:
        """Store the model in a workbook, a YAML or a JSON file."""
        path = address("/api/v1/organisations/{code}/product-models/files", code=code)
        return cast("ProductModel", self.call("POST", path, query={"reason": reason}, files=files, headers={"Idempotency-Key": idempotency_key}))

    def product_models_show(
        self,
        code: str,
        product: str,
    ) -> dict[str, Any]:
        """Return the newest model of a product as it was handed in."""
        path = address("/api/v1/organisations/{code}/product-models/{product}", code=code, product=product)
        return cast("dict[str, Any]", self.call("GET", path))

    def product_models_versions(
        self,
        code: str,
        product: str,
        *,
        limit: int | None = None,
    ) -> Iterator[ProductModel]:
        """List the versions of a product's model, oldest first."""
        path = address("/api/v1/organisations/{code}/product-models/{product}/versions", code=code, product=product)
        return cast("Iterator[ProductModel]", self.rows(path, {"limit": limit}))

    def activities_products(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Product]:
        """List what the sites made."""
        path = address("/api/v1/organisations/{code}/products", code=code)
        return cast("Iterator[Product]", self.rows(path, {"limit": limit}))

    def activities_put_product(
        self,
        code: str,
        body: Product,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Product:
        """Record what a site made, or replace it with a reason."""
        path = address("/api/v1/organisations/{code}/products", code=code)
        return cast("Product", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def activities_show_product(
        self,
        code: str,
        number: int,
    ) -> Product:
        """Show what a site made."""
        path = address("/api/v1/organisations/{code}/products/{number}", code=code, number=number)
        return cast("Product", self.call("GET", path))

    def suppliers_compare(
        self,
        code: str,
        purchase: str,
    ) -> Comparison:
        """Set the answers for a bought product side by side, each with what the rules say of it."""
        path = address("/api/v1/organisations/{code}/purchases/{purchase}", code=code, purchase=purchase)
        return cast("Comparison", self.call("GET", path))

    def sector_collections(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Collection]:
        """List all collections, newest first."""
        path = address("/api/v1/organisations/{code}/sector/collections", code=code)
        return cast("Iterator[Collection]", self.rows(path, {"limit": limit}))

    def sector_open_collection(
        self,
        code: str,
        body: NewCollection,
        *,
        idempotency_key: str = "",
    ) -> Collection:
        """Call for footprints of a product."""
        path = address("/api/v1/organisations/{code}/sector/collections", code=code)
        return cast("Collection", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def sector_collection(
        self,
        code: str,
        number: int,
    ) -> Collection:
        """Show a collection."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}", code=code, number=number)
        return cast("Collection", self.call("GET", path))

    def sector_contributions(
        self,
        code: str,
        number: int,
        *,
        limit: int | None = None,
    ) -> Iterator[Seen]:
        """List the contributions: all of them for the curator, one's own for anybody else."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/contributions", code=code, number=number)
        return cast("Iterator[Seen]", self.rows(path, {"limit": limit}))

    def sector_contribute(
        self,
        code: str,
        number: int,
        body: Offer,
        *,
        idempotency_key: str = "",
    ) -> Contribution:
        """Contribute a frozen footprint of one's own."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/contributions", code=code, number=number)
        return cast("Contribution", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def sector_releases(
        self,
        code: str,
        number: int,
        *,
        limit: int | None = None,
    ) -> Iterator[Release]:
        """List the releases, oldest first."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/releases", code=code, number=number)
        return cast("Iterator[Release]", self.rows(path, {"limit": limit}))

    def sector_release(
        self,
        code: str,
        number: int,
        *,
        idempotency_key: str = "",
    ) -> Release:
        """Publish the averages of what is admitted; refused where they would show a company's figures."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/releases", code=code, number=number)
        return cast("Release", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def sector_dataset(
        self,
        code: str,
        number: int,
        version: int,
    ) -> Dataset:
        """Return a release as a data set with its citation."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/releases/{version}", code=code, number=number, version=version)
        return cast("Dataset", self.call("GET", path))

    def sector_adopt(
        self,
        code: str,
        number: int,
        version: int,
        body: SectorUse,
        *,
        idempotency_key: str = "",
    ) -> OwnFactor:
        """Take a released average as a factor of one's own, with its citation as the source."""
        path = address("/api/v1/organisations/{code}/sector/collections/{number}/releases/{version}/own-factor", code=code, number=number, version=version)
        return cast("OwnFactor", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def sector_decide(
        self,
        code: str,
        number: int,
        body: Decide,
        *,
        idempotency_key: str = "",
    ) -> SectorDecision:
        """Admit a contribution or reject it."""
        path = address("/api/v1/organisations/{code}/sector/contributions/{number}/decisions", code=code, number=number)
        return cast("SectorDecision", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def sector_withdraw(
        self,
        code: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> Contribution:
        """Take a contribution back; releases that it is in stay as they are."""
        path = address("/api/v1/organisations/{code}/sector/contributions/{number}/withdraw", code=code, number=number)
        return cast("Contribution", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def activities_sites(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Site]:
        """List the sites."""
        path = address("/api/v1/organisations/{code}/sites", code=code)
        return cast("Iterator[Site]", self.rows(path, {"limit": limit}))

    def activities_put_site(
        self,
        code: str,
        body: Site,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> Site:
        """Add a site, or change one with a reason."""
        path = address("/api/v1/organisations/{code}/sites", code=code)
        return cast("Site", self.call("POST", path, body=body, headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def activities_show_site(
        self,
        code: str,
        site: str,
    ) -> Site:
        """Show a site."""
        path = address("/api/v1/organisations/{code}/sites/{site}", code=code, site=site)
        return cast("Site", self.call("GET", path))

    def suppliers_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Overview]:
        """List suppliers with what is bought of them and how far requests are."""
        path = address("/api/v1/organisations/{code}/suppliers", code=code)
        return cast("Iterator[Overview]", self.rows(path, {"limit": limit}))

    def suppliers_put_supplier(
        self,
        code: str,
        body: Supplier,
        *,
        idempotency_key: str = "",
    ) -> Supplier:
        """Register a supplier, or describe one otherwise with a reason."""
        path = address("/api/v1/organisations/{code}/suppliers", code=code)
        return cast("Supplier", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def suppliers_put_purchase(
        self,
        code: str,
        supplier: str,
        body: Purchase,
        *,
        idempotency_key: str = "",
    ) -> Purchase:
        """Register a product that is bought of a supplier, or describe it otherwise with a reason."""
        path = address("/api/v1/organisations/{code}/suppliers/{supplier}/purchases", code=code, supplier=supplier)
        return cast("Purchase", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def webhooks_listed(
        self,
        code: str,
        *,
        limit: int | None = None,
    ) -> Iterator[Webhook]:
        """List the webhooks."""
        path = address("/api/v1/organisations/{code}/webhooks", code=code)
        return cast("Iterator[Webhook]", self.rows(path, {"limit": limit}))

    def webhooks_create(
        self,
        code: str,
        body: NewWebhook,
        *,
        idempotency_key: str = "",
    ) -> Made:
        """Write an address down; the answer holds its secret, this once."""
        path = address("/api/v1/organisations/{code}/webhooks", code=code)
        return cast("Made", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def webhooks_show(
        self,
        code: str,
        number: int,
    ) -> Webhook:
        """Show a webhook."""
        path = address("/api/v1/organisations/{code}/webhooks/{number}", code=code, number=number)
        return cast("Webhook", self.call("GET", path))

    def webhooks_switch(
        self,
        code: str,
        number: int,
        body: Switch,
        *,
        if_match: str = "",
    ) -> Webhook:
        """Switch a webhook off or on."""
        path = address("/api/v1/organisations/{code}/webhooks/{number}", code=code, number=number)
        return cast("Webhook", self.call("PATCH", path, body=body, headers={"If-Match": if_match}))

    def webhooks_deliveries(
        self,
        code: str,
        number: int,
        *,
        limit: int | None = None,
    ) -> Iterator[Delivery]:
        """List what a webhook was told, newest first."""
        path = address("/api/v1/organisations/{code}/webhooks/{number}/deliveries", code=code, number=number)
        return cast("Iterator[Delivery]", self.rows(path, {"limit": limit}))

    def webhooks_replay(
        self,
        code: str,
        number: int,
        delivery: int,
        *,
        idempotency_key: str = "",
    ) -> Delivery:
        """Tell an event again, under the same id and with a new timestamp."""
        path = address("/api/v1/organisations/{code}/webhooks/{number}/deliveries/{delivery}/replay", code=code, number=number, delivery=delivery)
        return cast("Delivery", self.call("POST", path, headers={"Idempotency-Key": idempotency_key}))

    def activities_withdraw(
        self,
        code: str,
        kind: str,
        number: int,
        body: Reason,
        *,
        idempotency_key: str = "",
    ) -> None:
        """Take an instrument, a product or an exclusion back."""
        path = address("/api/v1/organisations/{code}/{kind}/{number}/withdrawal", code=code, kind=kind, number=number)
        return cast("None", self.call("POST", path, body=body, headers={"Idempotency-Key": idempotency_key}))

    def product_templates_listed(
        self,
        *,
        limit: int | None = None,
    ) -> Iterator[Template]:
        """List the templates; their values are demonstrations."""
        path = address("/api/v1/product-templates")
        return cast("Iterator[Template]", self.rows(path, {"limit": limit}))

    def product_templates_template(
        self,
        identifier: str,
    ) -> dict[str, Any]:
        """Return a template as a product model."""
        path = address("/api/v1/product-templates/{identifier}", identifier=identifier)
        return cast("dict[str, Any]", self.call("GET", path))

    def product_templates_workbook(
        self,
        identifier: str,
    ) -> bytes:
        """Return a template as a workbook."""
        path = address("/api/v1/product-templates/{identifier}/workbook.xlsx", identifier=identifier)
        return cast("bytes", self.call("GET", path))

    def verification_verify(
        self,
        files: dict[str, SentFile],
        *,
        idempotency_key: str = "",
    ) -> Verification:
        """Verify a signed report, step by step; nothing of it is kept."""
        path = address("/api/v1/verify")
        return cast("Verification", self.call("POST", path, files=files, headers={"Idempotency-Key": idempotency_key}))
