"""What there are reports of: each kind of snapshot, known by its schema, with the documents drawn of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from service.reports import of_footprints, of_inventories
from service.reports.cited import Cited
from service.reports.content.context import Context
from service.reports.errors import SnapshotUnreadable
from service.reports.face import About, Face, number_of, squeezed
from service.reports.layout import Layout
from service.reports.words import Words

Snapshot = Mapping[str, Any]


class Kind(Protocol):
    """What a module says of the snapshots of one schema."""

    SCHEMA: str
    UNIT: str  # of the figures on first pages
    DOCUMENTS: Mapping[str, str]  # the usual one first, each with the mark that ends its number

    def about(self, snapshot: Snapshot) -> About:
        """What the snapshot is of."""

    def check(self, snapshot: Snapshot, document: str) -> None:
        """Refuse a document that cannot be drawn of this snapshot."""

    def context(self, snapshot: Snapshot, words: Words, digest: str) -> Context:
        """What every part of a document is written from."""

    def face(self, c: Any, document: str) -> Face:
        """The first page."""

    def figures(self, snapshot: Snapshot) -> list[str]:
        """Every figure that a first page shows, in order, the total first."""

    def charts(self, snapshot: Snapshot, words: Words) -> dict[str, Any]:
        """The charts by name."""

    def layout(self, c: Any, document: str) -> Layout:
        """The template of a document and what it mentions."""

    def recompute(self, snapshot: Snapshot, lines: Mapping[str, bytes]) -> Mapping[str, Any]:
        """Redo the snapshot from its own operands."""

    def cited(self, snapshot: Snapshot) -> Cited:
        """Hold the factors and methods of a snapshot against those of this program."""


KINDS: tuple[Kind, ...] = (of_inventories, of_footprints)
SCHEMAS = tuple(kind.SCHEMA for kind in KINDS)


def find(snapshot: Snapshot) -> Kind | None:
    """Return the kind of a snapshot, None for a schema that this program does not know."""
    return next((kind for kind in KINDS if snapshot.get("schema") == kind.SCHEMA), None)


def kind_of(snapshot: Mapping[str, Any]) -> Kind:
    """Return the kind of a snapshot.

    Raises:
        SnapshotUnreadable: it is of no schema that this program writes.
    """
    kind = find(snapshot)
    if kind is None:
        known = ", ".join(SCHEMAS)
        raise SnapshotUnreadable(reason=f"schema {snapshot.get('schema')!r}, not one of {known}")
    return kind


def number(kind: Kind, snapshot: Snapshot, digest: str, document: str) -> str:
    """Return the number of a document of a snapshot."""
    return number_of(kind.about(snapshot).identifier, digest, kind.DOCUMENTS[document])


def document_on(kind: Kind, snapshot: Snapshot, digest: str, page: str) -> str:
    """Return which document a squeezed first page says it is by its number; the usual one where it says none."""
    marked = sorted(kind.DOCUMENTS, key=lambda document: -len(kind.DOCUMENTS[document]))
    held = (document for document in marked if squeezed(number(kind, snapshot, digest, document)) in page)
    return next(held, next(iter(kind.DOCUMENTS)))
