"""The verbs of the audit log: record an action, list, prove, check the log from its entries and every row with it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import rfc8785
from polars.exceptions import PolarsError
from pymerkle import verify_inclusion
from pymerkle.hasher import MerkleHasher
from sqlalchemy import select
from sqlmodel import Session

from service import db
from service.audit.kinds import Kind, RowKind, Standing, payload_digest
from service.audit.models import AuditEntry
from service.audit.tree import DIGEST, AuditTree, nodes_of, root_of
from service.errors import N_, ChangedMeanwhile, NotFound, Wrong
from service.i18n import Text

CHUNK = 5_000
FIELDS = ("actor", "at", "organisation", "payload_sha256", "subject", "verb")
_table = AuditEntry.__table__  # type: ignore[attr-defined]


class Who(Protocol):
    """Somebody who acts: see ``service.accounts.actions.Actor``."""

    @property
    def name(self) -> str:
        """How the person or program is called in the log."""

    @property
    def organisation_id(self) -> int | None:
        """The organisation acted for, None for the house itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log, as it is shown."""

    id: int
    actor: str
    at: str
    organisation: int | None
    verb: str
    subject: str
    payload_sha256: str
    root: str


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the log: to be checked by anyone who holds the root, without the log."""

    entry: str  # the canonical JSON that was hashed
    size: int
    root: str
    proof: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """How long the log is and its root: what to write down elsewhere, to find out later if its end was cut off."""

    size: int
    root: str


def queue_up(session: Session) -> None:
    """Wait for one's turn to record, before anything else is locked that whoever records may want meanwhile."""
    db.lock(session, "audit")


def record(session: Session, actor: Who, verb: str, subject: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Append what ``actor`` did to the log, in the transaction of the action itself, and return its number.

    The log keeps the SHA-256 of the canonical JSON of ``payload``, not the payload: it can be shown to anyone
    and proves a recipe or a price without holding it. Call this last: on PostgreSQL others wait from here on.
    """
    queue_up(session)
    entry = {
        "actor": actor.name,
        "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "organisation": actor.organisation_id,
        "payload_sha256": payload_digest(payload),
        "subject": subject,
        "verb": verb,
    }
    tree = AuditTree(session)
    return tree.append(rfc8785.dumps(entry), organisation_id=actor.organisation_id, verb=verb, subject=subject)


def record_row(session: Session, actor: Who, kind: RowKind, verb: str, row: object, now: datetime) -> int:
    """Store ``row`` as ``actor`` made or changed it, and append that to the log.

    The log keeps the digest of all columns as they stand then, with what the database itself fills in.
    """
    session.add(row)
    session.flush()
    payload = kind.read(row)
    return record(session, actor, verb, kind.subject(payload), payload, now)


def head(session: Session) -> Head:
    """Return the length and the root of the log."""
    tree = AuditTree(session)
    return Head(size=tree.get_size(), root=tree.get_root().hex())


def entries(session: Session, actor: Who, *, after: int = 0, limit: int = 100, verb: str = "") -> list[Entry]:
    """Return the entries of the actor's organisation behind ``after``, of one verb if one is named, oldest first."""
    query = (
        select(_table.c.id, _table.c.entry, _table.c.root)
        .where(_table.c.organisation_id == actor.organisation_id, _table.c.id > after)
        .order_by(_table.c.id)
        .limit(limit)
    )
    if verb:
        query = query.where(_table.c.verb == verb)
    return [
        Entry(id=number, root=bytes(root).hex(), **json.loads(entry)) for number, entry, root in session.execute(query)
    ]


def refuse_changed(session: Session, actor: Who, kind: RowKind, row: object, expected: frozenset[str]) -> None:
    """Refuse to change a row that is no longer as it was read; ``expected`` are digests, none where none is said.

    Raises:
        ChangedMeanwhile: it is another one now; the log tells by whom.
    """
    if not expected or kind.digest(row) in expected:
        return
    subject = kind.subject(kind.read(row))
    own = (_table.c.organisation_id == actor.organisation_id, _table.c.subject == subject)
    entry = session.execute(select(_table.c.entry).where(*own).order_by(_table.c.id.desc()).limit(1)).scalar_one()
    last = json.loads(entry)
    raise ChangedMeanwhile(subject=subject, name=last["actor"], at=last["at"], verb=last["verb"])


def said(session: Session, actor: Who, verb: str, subject: str) -> frozenset[str]:
    """Return the payload digests of the actor's organisation's entries of ``verb`` on ``subject``."""
    rows = session.execute(
        select(_table.c.entry).where(
            _table.c.organisation_id == actor.organisation_id, _table.c.verb == verb, _table.c.subject == subject
        )
    )
    return frozenset(str(json.loads(entry)["payload_sha256"]) for (entry,) in rows)


def prove(session: Session, actor: Who, number: int) -> Inclusion:
    """Return the proof that entry ``number`` of the actor's organisation is in the log as it stands.

    Raises:
        NotFound: no such entry of this organisation.
    """
    condition = (_table.c.id == number, _table.c.organisation_id == actor.organisation_id)
    entry = session.scalar(select(_table.c.entry).where(*condition))
    if entry is None:
        raise NotFound(N_("audit entry"), number)
    tree = AuditTree(session)
    proof = tree.prove_inclusion(number)
    root = tree.get_root()
    verify_inclusion(tree.get_leaf(number), root, proof)
    return Inclusion(entry=bytes(entry).decode(), size=tree.get_size(), root=root.hex(), proof=proof.serialize())


def fsck(session: Session, expected: Head | None = None) -> list[Wrong]:
    """Recompute the whole log from its entries and return everything that does not fit, nothing if all does.

    ``expected`` is a head written down earlier: without one, nobody can see that the end was cut off.
    """
    wrong: list[Wrong] = []
    check = _Recomputation()
    seen = ""
    for row in _rows(session):
        wrong += check.row(row)
        if expected is not None and row.id == expected.size:
            seen = bytes(row.root).hex()
    if expected is not None and expected.size and seen != expected.root:
        text = Text(HEAD_DIFFERS, size=expected.size, root=expected.root, found=seen or "-")
        wrong.append(Wrong("audit", "audit-head-differs", text))
    return wrong


@dataclass(slots=True)
class _Said:
    """What the log says of one subject: how often it was made, and what it was after the last entry."""

    made: int
    payload_sha256: str


def compare(session: Session, kinds: Sequence[Kind], acts: Collection[str]) -> Iterator[Wrong]:
    """Yield every row that is not as the log says, every one it does not know, and every one that is gone.

    ``acts`` are verbs that leave no row behind. Takes one pass over the log and one over each table.
    """
    verbs = {verb: kind for kind in kinds for verb in (kind.made, *kind.changed) if verb}
    said: dict[str, dict[tuple[int | None, str], _Said]] = {kind.name: {} for kind in kinds}
    for row in _rows(session):
        if row.verb in acts:
            continue
        kind = verbs.get(row.verb)
        if kind is None or not row.subject.startswith(f"{kind.name} "):
            text = Text(VERB_UNKNOWN, verb=row.verb, subject=row.subject)
            yield Wrong(f"audit entry {row.id}", "audit-verb-unknown", text)
            continue
        one = said[kind.name].setdefault((row.organisation_id, row.subject), _Said(0, ""))
        one.made += row.verb == kind.made
        one.payload_sha256 = _payload_of(row)
    for kind in kinds:
        yield from readable(kind.name, _against(session, kind, said[kind.name]))


def readable(where: str, found: Iterator[Wrong]) -> Iterator[Wrong]:
    """Yield what ``found`` does; where somebody wrote what no program can read, that, instead of failing on it."""
    try:
        yield from found
    except (ValueError, TypeError, KeyError, PolarsError) as error:
        yield Wrong(where, "unreadable", Text(UNREADABLE, error=error))


def _against(session: Session, kind: Kind, said: dict[tuple[int | None, str], _Said]) -> Iterator[Wrong]:
    for standing in kind.standing(session):
        yield from _differs(kind, standing, said.pop((standing.organisation, standing.subject), None))
    for organisation, subject in said:
        yield Wrong(_place(organisation, subject), "row-lost", Text(ROW_LOST))


def _payload_of(row: Any) -> str:
    try:
        return str(json.loads(bytes(row.entry))["payload_sha256"])
    except (ValueError, KeyError, TypeError):
        return ""  # told by ``fsck``: the entry is not canonical


def _differs(kind: Kind, standing: Standing, said: _Said | None) -> Iterator[Wrong]:
    place = _place(standing.organisation, standing.subject)
    if said is None:
        yield Wrong(place, "row-unrecorded", Text(ROW_UNRECORDED))
        return
    if kind.made and said.made != 1:
        yield Wrong(place, "row-not-made-once", Text(NOT_MADE_ONCE, count=said.made))
    if said.payload_sha256 != standing.payload_sha256:
        yield Wrong(place, "row-differs", Text(ROW_DIFFERS))


def _place(organisation: int | None, subject: str) -> str:
    return f"organisation {organisation}: {subject}"


UNREADABLE = N_("it cannot be read: %(error)s")
VERB_UNKNOWN = N_("nothing here does '%(verb)s' to '%(subject)s'")
ROW_LOST = N_("it is in the audit log, but no longer in the database")
ROW_UNRECORDED = N_("it is in the database, but the audit log does not know it")
NOT_MADE_ONCE = N_("the audit log says %(count)s times that it was made, not once")
ROW_DIFFERS = N_("it was changed after the last entry of the audit log about it")
HEAD_DIFFERS = N_("at entry %(size)s the root was %(root)s, now it is %(found)s")
GAP = N_("entry %(expected)s is missing")
NOT_CANONICAL = N_("the entry is not canonical JSON")
COLUMNS_DIFFER = N_("the columns beside the entry say something else than the entry")
LEAF_DIFFERS = N_("the entry does not have the hash it was recorded with")
NODES_DIFFER = N_("the tree above the entry does not fit the entries")
ROOT_DIFFERS = N_("the root recorded with the entry does not fit the entries up to it")


def _rows(session: Session) -> Iterator[Any]:
    after = 0
    while True:
        query = select(_table).where(_table.c.id > after).order_by(_table.c.id).limit(CHUNK)
        chunk = session.execute(query).all()
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].id


class _Recomputation:
    """Builds the tree again from the entries; keeps log2(n) hashes."""

    def __init__(self) -> None:
        self.size = 0
        self.hasher = MerkleHasher("sha256")
        self.peaks: dict[int, bytes] = {}  # nodes of the last leaf of each perfect subtree still needed
        self.broken = False

    def row(self, row: Any) -> list[Wrong]:
        place = f"audit entry {row.id}"
        wrong = [
            Wrong(place, "audit-entry-missing", Text(GAP, expected=missing))
            for missing in range(self.size + 1, min(row.id, self.size + 11))
        ]
        self.broken = self.broken or row.id != self.size + 1
        self.size = row.id
        entry, recorded = bytes(row.entry), bytes(row.nodes)[:DIGEST]
        found = _content(row, entry)
        if self.hasher.hash_buff(entry) != recorded:
            found.append(("audit-leaf-differs", LEAF_DIFFERS))
        # The tree stands on the recorded leaves: a changed entry shows at its own place and nowhere else.
        # Behind a missing entry there is no tree to compare with.
        if not self.broken:
            found += self._tree(row, recorded)
        return [*wrong, *(Wrong(place, code, Text(message)) for code, message in found)]

    def _tree(self, row: Any, leaf: bytes) -> list[tuple[str, str]]:
        nodes = nodes_of(self.size, leaf, self._known, self.hasher.hash_pair)
        root = root_of(self.size, nodes, self._known, self.hasher.hash_fold)
        width = 1 << (len(nodes) // DIGEST - 1)
        for place in [place for place in self.peaks if place > self.size - width]:
            del self.peaks[place]
        self.peaks[self.size] = nodes
        found = []
        if nodes != bytes(row.nodes):
            found.append(("audit-nodes-differ", NODES_DIFFER))
        if root != bytes(row.root):
            found.append(("audit-root-differs", ROOT_DIFFERS))
        return found

    def _known(self, places: Sequence[int]) -> Mapping[int, bytes]:
        return {place: self.peaks[place] for place in places}


def _content(row: Any, entry: bytes) -> list[tuple[str, str]]:
    try:
        said = json.loads(entry)
        canonical = isinstance(said, dict) and sorted(said) == list(FIELDS) and rfc8785.dumps(said) == entry
    except ValueError:
        canonical = False
    if not canonical:
        return [("audit-not-canonical", NOT_CANONICAL)]
    beside = {"organisation": row.organisation_id, "verb": row.verb, "subject": row.subject}
    if any(said[name] != value for name, value in beside.items()):
        return [("audit-columns-differ", COLUMNS_DIFFER)]
    return []
