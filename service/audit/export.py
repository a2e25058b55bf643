"""The entries of one organisation as a file, each with the proof that it is in the log, for somebody who has no log.

JSON Lines: the first line says which log it is, its length and root; every other one is an entry, word for word as it
was hashed, with the hashes of its path. CSV: the same in columns. How to check one by hand (RFC 9162, 2.1.3.2, with
SHA-256): the leaf is the hash of a byte 0 and the entry; going along the path, two hashes become the hash of a byte 1
and both of them, and in the end stands the root. ``check`` does it for a whole file. That the root is that of the log
says whoever wrote it down elsewhere (``tanji audit head``).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pymerkle.hasher import MerkleHasher
from sqlalchemy import func, select
from sqlmodel import Session

from lca.inert import inert
from service.audit import actions
from service.audit.actions import Who
from service.audit.models import AuditEntry
from service.audit.tree import DIGEST, perfect_parts, siblings
from service.errors import N_, InputInvalid, Wrong
from service.i18n import Text

JSON_LINES, CSV = "jsonl", "csv"
FORMATS = {JSON_LINES: "application/jsonl", CSV: "text/csv"}
CHUNK = 500
KIND = "tanji audit log, RFC 9162, SHA-256"
SHOWN = ("at", "actor", "verb", "subject", "payload_sha256")
COLUMNS = ("id", *SHOWN, "entry", "path", "size", "root")

NO_EXPORT = N_("this is no export of an audit log in JSON Lines")
CUT_OFF = N_("the file says that it holds %(said)s entries; there are %(found)s")
NOT_PROVED = N_("the entry is not the one that was recorded, or its path does not lead to the root")

_table = AuditEntry.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry with the path from it to the root of the log."""

    id: int
    entry: str
    path: Sequence[str]


def export(session: Session, actor: Who, name: str) -> Iterator[str]:
    """Yield the entries of the actor's organisation as a file of ``FORMATS``, in portions."""
    head = actions.head(session)
    rows = _proved(session, actor, head.size)
    if name == CSV:
        yield from _csv(rows, head)
        return
    counted = select(func.count()).where(_table.c.organisation_id == actor.organisation_id, _table.c.id <= head.size)
    entries = session.scalar(counted)
    first = {"log": KIND, "organisation": actor.organisation_id, "entries": entries, **asdict(head)}
    yield json.dumps(first) + "\n"
    for row in rows:
        yield json.dumps(asdict(row), ensure_ascii=False) + "\n"


def check(lines: Iterable[str]) -> tuple[actions.Head, int, list[Wrong]]:
    """Return head and number of the entries of an export in JSON Lines, and everything in it that does not fit.

    Raises:
        InputInvalid: it is none.
    """
    every = iter(lines)
    said = _read(next(every, ""))
    head = actions.Head(said.get("size", 0), said.get("root", ""))
    if said.get("log") != KIND or not isinstance(head.size, int) or not isinstance(head.root, str):
        raise InputInvalid([Wrong("", "no-export", NO_EXPORT)])
    wrong, count = [], 0
    for line in every:
        found, count = _read(line), count + 1
        if not _leads_to(found, head):
            wrong.append(Wrong(f"audit entry {found.get('id', '?')}", "audit-entry-unproved", Text(NOT_PROVED)))
    if count != said.get("entries"):
        wrong.append(Wrong("", "audit-export-cut-off", Text(CUT_OFF, said=said.get("entries"), found=count)))
    return head, count, wrong


def _proved(session: Session, actor: Who, size: int) -> Iterator[Proved]:
    hasher, after = MerkleHasher("sha256"), 0
    while True:
        query = (
            select(_table.c.id, _table.c.entry)
            .where(_table.c.organisation_id == actor.organisation_id, _table.c.id > after, _table.c.id <= size)
            .order_by(_table.c.id)
            .limit(CHUNK)
        )
        chunk = [(number, bytes(entry).decode()) for number, entry in session.execute(query)]
        roots = _roots(session, {one for number, _ in chunk for one in siblings(number, size)}, hasher)
        for number, entry in chunk:
            yield Proved(number, entry, [roots[one].hex() for one in siblings(number, size)])
        if len(chunk) < CHUNK:
            return
        after = chunk[-1][0]


def _roots(session: Session, ranges: set[tuple[int, int]], hasher: MerkleHasher) -> Mapping[tuple[int, int], bytes]:
    """Return the roots of ranges of leaves; each row of the table holds those of the perfect ones that end with it."""
    parts = {one: perfect_parts(*one) for one in ranges}
    ends = sorted({end for listed in parts.values() for end, _ in listed})
    nodes: dict[int, bytes] = {}
    for at in range(0, len(ends), CHUNK):
        query = select(_table.c.id, _table.c.nodes).where(_table.c.id.in_(ends[at : at + CHUNK]))
        nodes |= {number: bytes(found) for number, found in session.execute(query)}
    return {
        one: hasher.hash_fold([nodes[end][level * DIGEST : (level + 1) * DIGEST] for end, level in listed])
        for one, listed in parts.items()
    }


def _csv(rows: Iterable[Proved], head: actions.Head) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        said = json.loads(row.entry)
        writer.writerow(
            [row.id, *(inert(said[name]) for name in SHOWN), row.entry, " ".join(row.path), head.size, head.root]
        )
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _read(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputInvalid([Wrong("", "no-export", NO_EXPORT)])
    return found


def _leads_to(found: Mapping[str, Any], head: actions.Head) -> bool:
    """Tell whether a path leads from an entry to the root (RFC 9162, 2.1.3.2)."""
    try:
        place, last = int(found["id"]) - 1, head.size - 1
        node = hashlib.sha256(b"\x00" + found["entry"].encode()).digest()
        path = [bytes.fromhex(one) for one in found["path"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    if not 0 <= place <= last:
        return False
    for other in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = hashlib.sha256(b"\x01" + other + node).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + other).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and node.hex() == head.root
