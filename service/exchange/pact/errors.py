"""What can go wrong between hosts, and the object that PACT has for it: ``{"code": …, "message": …}``.

Codes and statuses: OpenAPI 3.0.4 and 2.3.3, schema ``Error``. What a host does not filter by is ``NotImplemented`` with
400, as version 2 says; of version 3 no list answers 501 either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.errors import N_, ServiceError, Wrong, particulars, status_of
from service.i18n import tell

VERSIONS = ("3", "2")

CODES: Mapping[int, str] = {
    401: "TokenExpired",
    403: "AccessDenied",
    404: "NotFound",
    500: "InternalError",
    503: "InternalError",
}
"""Status -> code; every other status below 500 is a ``BadRequest``."""

UNSUPPORTED = "NotImplemented"

LONGEST = 4_000


class QueryInvalid(ServiceError):
    """Criteria that cannot be read; every one is named."""

    code = "pact-query-invalid"
    message = N_("the criteria of the request cannot be read")


class QueryUnsupported(ServiceError):
    """Criteria that can be read and that this host does not offer."""

    code = "pact-query-unsupported"
    message = N_("this host does not filter by: %(what)s")


class EventInvalid(ServiceError):
    """An event that is none of PACT's, or lacks something; everything wrong is named."""

    code = "pact-event-invalid"
    message = N_("this is no valid event")


class FootprintRefused(ServiceError):
    """A footprint that does not keep the specification; everything wrong is named."""

    code = "pact-footprint-refused"
    message = N_("this footprint does not keep the PACT specification")


class PartnerUnreachable(ServiceError):
    """A partner's host that does not answer, or not as the specification says."""

    code = "pact-partner-unreachable"
    message = N_("'%(host)s' does not answer as a PACT host: %(reason)s")
    status = 503


class AddressRefused(ServiceError):
    """An address that nothing is sent to: not https, private, or of another host than the partner's."""

    code = "pact-address-refused"
    message = N_("nothing is sent to '%(url)s': %(reason)s")
    status = 403


class StateFinal(ServiceError):
    """A footprint that was withdrawn stays so."""

    code = "pact-deprecated"
    message = N_("footprint '%(key)s' is deprecated, which is final")
    status = 409


def status_for(error: Exception) -> int:
    """Return the status with which a host answers an error of any room."""
    status = status_of(error)
    return status if status in CODES else 400


def told(error: Exception) -> str:
    """Return an error with all of its particulars in one text."""
    return message(tell(error), particulars(error))


def message(sentence: str, wrong: Sequence[Wrong] = ()) -> str:
    """Return a sentence with what is wrong behind it."""
    items = (item.told() for item in wrong)
    lines = (f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in items)
    listed = "; ".join(lines)
    return (f"{sentence}: {listed}" if listed else sentence)[:LONGEST]


def body(status: int, sentence: str, error: Exception | None = None) -> dict[str, str]:
    """Return PACT's error object for a status; what a host does not offer is called so with every status."""
    code = CODES.get(status, "BadRequest" if status < 500 else "InternalError")
    if isinstance(error, QueryUnsupported):
        code = UNSUPPORTED
    return {"code": code, "message": sentence}
