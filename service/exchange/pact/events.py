"""The four events of PACT as CloudEvents 1.0 in structured mode (``application/cloudevents+json``), versions 2 and 3.

A request is answered by exactly one event, fulfilled or rejected; published tells that footprints are new, changed or
withdrawn. Source: OpenAPI 3.0.4 and 2.3.3, path ``/events``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lca.days import stamp
from lca.pact_check import moment
from service.errors import N_, Wrong
from service.exchange.pact.errors import EventInvalid
from service.exchange.pact.filters import of_data
from service.i18n import Text

MEDIA_TYPE = "application/cloudevents+json"
CLOUDEVENTS = "1.0"
REQUESTED, FULFILLED, REJECTED, PUBLISHED = "requested", "fulfilled", "rejected", "published"

TYPES: Mapping[str, Mapping[str, str]] = {
    "3": {
        REQUESTED: "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3",
        FULFILLED: "org.wbcsd.pact.ProductFootprint.RequestFulfilledEvent.3",
        REJECTED: "org.wbcsd.pact.ProductFootprint.RequestRejectedEvent.3",
        PUBLISHED: "org.wbcsd.pact.ProductFootprint.PublishedEvent.3",
    },
    "2": {
        REQUESTED: "org.wbcsd.pathfinder.ProductFootprintRequest.Created.v1",
        FULFILLED: "org.wbcsd.pathfinder.ProductFootprintRequest.Fulfilled.v1",
        REJECTED: "org.wbcsd.pathfinder.ProductFootprintRequest.Rejected.v1",
        PUBLISHED: "org.wbcsd.pathfinder.ProductFootprint.Published.v1",
    },
}
LONGEST_ID = 300
MOST_FOOTPRINTS = 1_000
DEEPEST = 30

MISSING = N_("is missing")
NOT_AN_OBJECT = N_("is no object")
NOT_A_NAME = N_("is no text of 1 to %(longest)s characters")
NOT_VERSION = N_("'%(value)s' is not %(wanted)s")
NOT_A_TIME = N_("is no time with its zone, such as 2026-01-31T00:00:00Z")
NOT_A_TYPE = N_("'%(value)s' is none of: %(known)s")
NOT_A_LIST = N_("is no list of 1 to %(most)s")
NOT_A_UUID = N_("is no UUID")
TOO_DEEP = N_("nested deeper than %(most)s levels")


@dataclass(frozen=True, slots=True)
class Event:
    """An event that keeps the specification."""

    kind: str
    version: str
    id: str
    source: str
    time: datetime
    data: Mapping[str, Any]


def parse(body: object, version: str) -> Event:
    """Return the event that a document is, for the endpoint of ``version``.

    Raises:
        EventInvalid: it is none; everything wrong is named.
    """
    if not isinstance(body, Mapping):
        raise EventInvalid([_wrong("", NOT_AN_OBJECT)])
    if _is_deeper(body, DEEPEST):
        raise EventInvalid([_wrong("", TOO_DEEP, most=DEEPEST)])
    wrong: list[Wrong] = []
    kind = _envelope(body, version, wrong)
    data = body.get("data")
    if not isinstance(data, Mapping):
        wrong.append(_wrong("data", NOT_AN_OBJECT if "data" in body else MISSING))
    elif kind:
        _CHECKS[kind](data, version, wrong)
    time = moment(body.get("time"))
    if wrong or time is None or not isinstance(data, Mapping):
        raise EventInvalid(wrong)
    return Event(kind, version, str(body["id"]), str(body["source"]), time, data)


def build(kind: str, version: str, identifier: str, source: str, time: datetime, data: Mapping[str, Any]) -> Any:
    """Return an event as plain JSON."""
    return {
        "type": TYPES[version][kind],
        "specversion": CLOUDEVENTS,
        "id": identifier,
        "source": source,
        "time": stamp(time),
        "data": dict(data),
    }


def _wrong(where: str, message: str, **params: object) -> Wrong:
    return Wrong(where, "pact-event-invalid", Text(message, **params) if params else message)


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _envelope(body: Mapping[str, Any], version: str, wrong: list[Wrong]) -> str:
    """Check the attributes of the envelope and return the kind, '' where it is none."""
    for key in ("id", "source"):
        _name(body, key, key, wrong)
    if body.get("specversion") != CLOUDEVENTS:
        value = str(body.get("specversion", ""))[:80]
        wrong.append(_wrong("specversion", NOT_VERSION, value=value, wanted=CLOUDEVENTS))
    if moment(body.get("time")) is None:
        wrong.append(_wrong("time", NOT_A_TIME if "time" in body else MISSING))
    kinds = {name: kind for kind, name in TYPES[version].items()}
    kind = kinds.get(str(body.get("type", "")), "")
    if not kind:
        wrong.append(_wrong("type", NOT_A_TYPE, value=str(body.get("type", ""))[:200], known=", ".join(kinds)))
    return kind


def _name(record: Mapping[str, Any], key: str, where: str, wrong: list[Wrong]) -> None:
    if key not in record:
        wrong.append(_wrong(where, MISSING))
    elif not isinstance(record[key], str) or not _is_name(record[key]):
        wrong.append(_wrong(where, NOT_A_NAME, longest=LONGEST_ID))


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= len(text) <= LONGEST_ID and text.isprintable()


def _requested(data: Mapping[str, Any], version: str, wrong: list[Wrong]) -> None:
    if version == "3":
        of_data(data, wrong)
    elif not isinstance(data.get("pf"), Mapping):
        wrong.append(_wrong("data.pf", NOT_AN_OBJECT if "pf" in data else MISSING))
    if not isinstance(data.get("comment", ""), str):
        wrong.append(_wrong("data.comment", NOT_A_NAME, longest=LONGEST_ID))


def _fulfilled(data: Mapping[str, Any], _: str, wrong: list[Wrong]) -> None:
    _name(data, "requestEventId", "data.requestEventId", wrong)
    for place, one in enumerate(_listed(data, "pfs", wrong)):
        where = f"data.pfs.{place}"
        if not isinstance(one, Mapping):
            wrong.append(_wrong(where, NOT_AN_OBJECT))
            continue
        if not is_uuid(one.get("id")):
            wrong.append(_wrong(f"{where}.id", NOT_A_UUID))
        if not isinstance(one.get("pcf"), Mapping):
            wrong.append(_wrong(f"{where}.pcf", NOT_AN_OBJECT if "pcf" in one else MISSING))


def _rejected(data: Mapping[str, Any], _: str, wrong: list[Wrong]) -> None:
    _name(data, "requestEventId", "data.requestEventId", wrong)
    error = data.get("error")
    if not isinstance(error, Mapping):
        wrong.append(_wrong("data.error", NOT_AN_OBJECT if "error" in data else MISSING))
        return
    for key in ("code", "message"):
        if not isinstance(error.get(key), str):
            wrong.append(_wrong(f"data.error.{key}", NOT_A_NAME if key in error else MISSING, longest=LONGEST_ID))


def _published(data: Mapping[str, Any], _: str, wrong: list[Wrong]) -> None:
    for place, one in enumerate(_listed(data, "pfIds", wrong)):
        if not is_uuid(one):
            wrong.append(_wrong(f"data.pfIds.{place}", NOT_A_UUID))


def _listed(data: Mapping[str, Any], key: str, wrong: list[Wrong]) -> list[Any]:
    found = data.get(key)
    if isinstance(found, list) and 0 < len(found) <= MOST_FOOTPRINTS:
        return found
    wrong.append(_wrong(f"data.{key}", NOT_A_LIST, most=MOST_FOOTPRINTS))
    return []


def is_uuid(value: object) -> bool:
    """Tell whether a value is the text of a UUID."""
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


_CHECKS = {REQUESTED: _requested, FULFILLED: _fulfilled, REJECTED: _rejected, PUBLISHED: _published}
