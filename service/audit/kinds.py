"""What the log holds of a row: the digest of the whole row as an action left it, so that no change goes unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from sqlalchemy import Table, select
from sqlmodel import Session

from lca.snapshot import canonical_bytes
from service.db import aware

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the database now under a subject of the log."""

    organisation: int
    subject: str
    payload_sha256: str


class Kind(Protocol):
    """A kind of thing that the log vouches for."""

    @property
    def made(self) -> str:
        """The verb that makes one, once; '' where it comes about bit by bit."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The verbs that change one."""

    @property
    def name(self) -> str:
        """The first word of its subjects."""

    def standing(self, session: Session) -> Iterator[Standing]:
        """Yield all there are."""


@dataclass(frozen=True, slots=True)
class RowKind:
    """The rows of ``table``, each under its name and ``key``: ``site works``.

    ``restless`` columns say how far something is; they change by themselves and the log does not vouch for them.
    """

    name: str
    table: Table
    key: tuple[str, ...]
    made: str
    changed: tuple[str, ...] = ()
    owner: str = "organisation_id"
    restless: frozenset[str] = frozenset()

    def subject(self, row: Mapping[str, Any]) -> str:
        """Return what a row is called in the log."""
        return " ".join((self.name, *(str(row[column]) for column in self.key)))

    def standing(self, session: Session) -> Iterator[Standing]:
        """Yield every row, read in portions."""
        for found in session.execute(select(self.table)).yield_per(CHUNK).mappings():
            row = dict(found)
            yield Standing(row[self.owner], self.subject(row), payload_digest(self._lasting(row)))

    def read(self, row: object) -> dict[str, Any]:
        """Return an object of the table as a plain payload: all of its lasting columns that say something."""
        return self._lasting({column.name: getattr(row, column.name) for column in self.table.columns})

    def digest(self, row: object) -> str:
        """Return the digest that the log holds of an object of the table as it stands."""
        return payload_digest(self.read(row))

    def _lasting(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return recorded({name: value for name, value in row.items() if name not in self.restless})


def recorded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row as a plain payload."""
    # What is empty, no or zero is left out: a column that a later migration adds says nothing in older rows, and
    # must not make the log disagree with all of them.
    return {name: plain(value) for name, value in row.items() if value not in (None, "", False)}


def payload_digest(payload: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) of ``payload``."""
    return hashlib.sha256(canonical_bytes(dict(payload))).hexdigest()


def plain(value: Any) -> Any:
    """Return a value of a column as JSON says it; a time is the same text whichever database gave it."""
    if isinstance(value, datetime):
        return aware(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value
