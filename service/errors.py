"""What can go wrong in the service, and which HTTP status and exit code each room's errors become.

One class per case, each with a stable ``code``. Nothing here knows Flask: the command line, the API and the
tests meet the same errors; ``http.py`` only writes down what ``problem_of`` returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from factors.errors import FactorsError, LibraryInvalid
from lca.errors import LcaError, MethodInvalid, ModelInvalid, SnapshotInvalid, Unanswered
from lca.flaws import Flaw
from service.i18n import N_, Text, tell

__all__ = ["N_", "ServiceError", "Wrong", "exit_code", "problem", "status_of"]

# Codes of the other rooms that say "there is no such thing" rather than "this is wrong".
NOT_FOUND = frozenset(
    {
        *("unknown-factor", "factor-not-found", "unknown-method", "unknown-line", "unknown-process", "unknown-product"),
        *("unknown-scenario", "unknown-database"),
    }
)

EXIT_PROBLEM, EXIT_USAGE, EXIT_NOT_FOUND, EXIT_REFUSED = 1, 2, 3, 4

SHOWN = 200
"""Wrong rows that are told one by one; a file may hold a million of them."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong in what was handed in: where it stands, a stable code, what is wrong and how to mend it."""

    where: str
    code: str
    text: str  # a Text where it has parameters

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else str(self.text)

    def told(self) -> dict[str, str]:
        """Return this as the API shows it, in the language in use."""
        return {"field": self.where, "code": self.code, "message": tell(self.text)}


class ServiceError(Exception):
    """Root of everything this room raises; ``wrong`` lists the particulars where there are several."""

    code: ClassVar[str] = "service-error"
    message: ClassVar[str] = N_("the service cannot do this")
    status: ClassVar[int] = 422

    def __init__(self, wrong: Sequence[Wrong] = (), /, **params: object) -> None:
        self.params: dict[str, object] = params
        self.wrong: tuple[Wrong, ...] = tuple(wrong)
        super().__init__("\n".join([self.message % params, *map(str, self.wrong)]))


class ConfigurationInvalid(ServiceError):
    """Settings that cannot be; every wrong variable is named."""

    code = "configuration-invalid"
    message = N_("wrong settings")
    status = 500

    def __init__(self, problems: Sequence[tuple[str, Text]]) -> None:
        super().__init__([Wrong(name, self.code, text) for name, text in problems])


class DatabaseOutdated(ServiceError):
    """The tables are not those this program works with."""

    code = "database-outdated"
    message = N_("the database is at revision '%(found)s', this program needs '%(needed)s': run 'tanji init'")
    status = 503


class DatabaseUnavailable(ServiceError):
    """The database does not answer, or its file cannot be opened."""

    code = "database-unavailable"
    message = N_("the database cannot be used: %(reason)s")
    status = 503

    def __init__(self, reason: object) -> None:
        # Drivers explain at length; the first line says what it is.
        super().__init__(reason=next(iter(str(reason).splitlines()), ""))


class NotAllowed(ServiceError):
    """The actor's roles do not cover the verb."""

    code = "not-allowed"
    message = N_("'%(name)s' may not %(verb)s")
    status = 403

    def __init__(self, name: str, verb: str) -> None:
        super().__init__(name=name, verb=Text(verb))


class NotFound(ServiceError):
    """No such thing, or none that this actor may see: the two must look alike."""

    code = "not-found"
    message = N_("there is no %(kind)s '%(key)s'")
    status = 404

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(kind=Text(kind), key=key)


class AlreadyExists(ServiceError):
    """A key that is taken, by something different from what was handed in."""

    code = "already-exists"
    message = N_("%(kind)s '%(key)s' exists already and is different: give a reason to replace it")
    status = 409

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(kind=Text(kind), key=key)


class CodeTaken(AlreadyExists):
    """A key that is taken and cannot be replaced."""

    code = "code-taken"
    message = N_("%(kind)s '%(key)s' exists already")


class NameUnusable(ServiceError):
    """A name that no list could show."""

    code = "name-unusable"
    message = N_("a name has 1 to %(longest)s printable characters: choose another")

    def __init__(self, longest: int) -> None:
        super().__init__(longest=longest)


class ReasonMissing(ServiceError):
    """A change or a refusal of what was handed in needs a reason that a reader can follow."""

    code = "reason-missing"
    message = N_("this needs a reason: give one (on the command line with --reason)")


class ChangedMeanwhile(ServiceError):
    """Somebody changed what is to be changed after it was read: the second is told, and decides anew."""

    code = "changed-meanwhile"
    message = N_("'%(subject)s' was changed by %(name)s at %(at)s (%(verb)s): read it again, then decide")
    status = 412


class InputInvalid(ServiceError):
    """What was handed in is wrong; every place is named."""

    code = "input-invalid"
    message = N_("what was sent is not valid")


class PeriodClosed(ServiceError):
    """Data in a period that is closed."""

    code = "period-closed"
    message = N_("the period %(start)s to %(end)s is closed: reopen it with a reason first")
    status = 409


class DuplicatesDiffer(ServiceError):
    """Rows whose source and period are held already, with another amount."""

    code = "duplicates-differ"
    message = N_("%(count)s rows are held already with other values: give a reason to replace them")
    status = 409


class AlreadyCorrected(ServiceError):
    """A row that another row has replaced: the newest one must be corrected."""

    code = "already-corrected"
    message = N_("D%(number)s was replaced by D%(newer)s: correct that one")
    status = 409


class RowsCrossPeriod(ServiceError):
    """Rows that lie on both sides of the edge of a period, so that no year can own them."""

    code = "rows-cross-period"
    message = N_("%(count)s rows cross the edge of the period %(start)s to %(end)s: split them at that day")
    status = 409


class InstrumentClaimed(ServiceError):
    """Certificates that are held already."""

    code = "instrument-claimed"
    message = N_("the certificates %(number_from)s to %(number_to)s overlap %(held_from)s to %(held_to)s, held already")
    status = 409


class PartDamaged(ServiceError):
    """What is stored under a digest does not have it: the store was changed behind the program's back."""

    code = "part-damaged"
    message = N_("what is stored under %(sha256)s is not what was kept; restore it from a backup")

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256=sha256)


class RawRefused(ServiceError):
    """The processes of a database whose licence keeps them from being passed on."""

    code = "raw-refused"
    message = N_("database '%(name)s' is licensed ('%(licence)s'): its processes are neither shown nor exported")
    status = 403

    def __init__(self, name: str, licence: str) -> None:
        super().__init__(name=name, licence=licence)


class LibraryDiffers(ServiceError):
    """A worker whose factor library is not that of the program that asks: its numbers would not be comparable."""

    code = "library-differs"
    message = N_(
        "a worker has factor library %(found)s, this program has %(wanted)s: install the same version everywhere"
    )
    status = 409

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(found=found, wanted=wanted)


class EvidenceTooLarge(ServiceError):
    """A file beyond the limit of TANJI_MAX_UPLOAD_MB."""

    code = "too-large"
    message = N_("'%(name)s' is larger than %(limit)s MB")
    status = 413


class EvidenceDamaged(ServiceError):
    """An evidence file that is gone or no longer has the content its name promises."""

    code = "evidence-damaged"
    message = N_("the evidence file %(sha256)s is missing or was changed")
    status = 500


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error of any room; 500 for what nobody expected."""
    if isinstance(error, ServiceError):
        return getattr(error, "answered", error.status)  # by a service elsewhere
    if isinstance(error, LibraryInvalid | MethodInvalid):
        return 500
    if isinstance(error, FactorsError | LcaError):
        return 404 if error.code in NOT_FOUND else 422
    return 500


def exit_code(error: Exception) -> int:
    """Return what the command line ends with: 1 wrong, 2 settings, 3 not found, 4 refused in this state."""
    if isinstance(error, ConfigurationInvalid):
        return EXIT_USAGE
    return {403: EXIT_REFUSED, 404: EXIT_NOT_FOUND, 409: EXIT_REFUSED}.get(status_of(error), EXIT_PROBLEM)


def problem(code: str, status: int, detail: str, wrong: Sequence[Wrong] = ()) -> dict[str, object]:
    """Return the one JSON shape of an error (RFC 9457), in the language in use."""
    shape: dict[str, object] = {
        "type": f"urn:tanji:problem:{code}",
        "title": code.replace("-", " "),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if wrong:
        shape["errors"] = [item.told() for item in wrong]
    return shape


def particulars(error: Exception) -> Sequence[Wrong]:
    """Return the single things that an error of any room tells."""
    if isinstance(error, Unanswered):
        return [Wrong(where, asked.code, Text(asked.message, **asked.params)) for where, asked in error.questions]
    if isinstance(error, ModelInvalid):
        return list(map(of_flaw, error.problems))
    return getattr(error, "wrong", ())


def of_flaw(flaw: Flaw) -> Wrong:
    """Return a flaw of a model or a snapshot as the service tells it."""
    return Wrong(flaw.where, flaw.code, Text(flaw.message, **flaw.params))


def _flaws(error: Exception) -> Sequence[Wrong]:
    """Return what does not fit in a snapshot, for a program: the sentence of the error names all of it already."""
    if not isinstance(error, SnapshotInvalid):
        return ()
    return list(map(of_flaw, error.flaws[:SHOWN]))


def as_wrong(error: ServiceError | LcaError | FactorsError) -> Sequence[Wrong]:
    """Return an error as its particulars, or as the one thing that it says."""
    return particulars(error) or [Wrong("", error.code, Text(error.message, **error.params))]


def problem_of(error: Exception) -> dict[str, object]:
    """Return the JSON shape of an error of any room."""
    code = str(getattr(error, "code", "internal"))
    shape = problem(code, status_of(error), tell(error), particulars(error) or _flaws(error))
    candidates = getattr(error, "candidates", ())
    if candidates:
        shape["candidates"] = [{"factor_id": factor_id, "reason": reason} for factor_id, reason in candidates]
    return shape
