"""The audit log: a Merkle tree as the standard has it, cheap to append to, and every change of it found."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import rfc8785
from make import NOW, chen, ling, tampering
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion
from pymerkle.proof import InvalidProof
from sqlalchemy import event, select, text
from sqlmodel import Session

from service import db
from service.accounts.actions import HOUSE
from service.audit import actions as audit
from service.audit.models import AuditEntry
from service.audit.tree import trailing_zeros
from service.errors import NotFound


def record(session: Session, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        audit.record(session, HOUSE, "test", f"thing {number}", {"n": number}, NOW)


def codes(session: Session, expected: audit.Head | None = None) -> list[tuple[str, str]]:
    return [(item.where, item.code) for item in audit.fsck(session, expected)]


def test_the_root_is_that_of_rfc_9162_at_every_size(sqlite_database: db.Database) -> None:
    """An independent tree over the same entries, hashed again from nothing, has the same root at each of 70 sizes."""
    with sqlite_database.session(write=True) as session:
        other = InmemoryTree(algorithm="sha256")
        for number in range(70):
            record(session, 1, number)
            row = session.get(AuditEntry, number + 1)
            assert row is not None
            other.append_entry(row.entry)
            assert row.root == other.get_root()
        assert audit.head(session) == audit.Head(70, other.get_root().hex())


def test_an_empty_log_has_the_root_of_nothing(database: db.Database) -> None:
    """SHA-256 of the empty text (FIPS 180-4 test vector)."""
    with database.session(write=False) as session:
        head = audit.head(session)
    assert head == audit.Head(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def test_an_entry_is_canonical_json_that_holds_the_digest_of_its_payload(database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = ling(session, with_site=False)
        audit.record(session, actor, "verb", "subject", {"secret": "recipe"}, NOW)
        row = session.get(AuditEntry, 2)
        assert row is not None
        said = json.loads(row.entry)
    assert row.entry == rfc8785.dumps(said)
    assert b"recipe" not in row.entry
    # sha256 of {"secret":"recipe"}, by `printf '{"secret":"recipe"}' | sha256sum`
    assert said == {
        "actor": "Ling",
        "at": "2026-01-31T08:00:00.000000Z",
        "organisation": actor.organisation_id,
        "payload_sha256": "12600c4833e1c3cf5811a09d578d82cec5f8441b72515e62f2803e3810af4552",
        "subject": "subject",
        "verb": "verb",
    }


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
def test_every_entry_can_be_proved_to_be_in_the_log(size: int, sqlite_database: db.Database) -> None:
    with sqlite_database.session(write=True) as session:
        record(session, size)
    with sqlite_database.session(write=False) as session:
        for number in range(1, size + 1):
            shown = audit.prove(session, HOUSE, number)
            proof = InclusionProof.deserialize(shown.proof)
            tree = InmemoryTree(algorithm="sha256")
            verify_inclusion(tree.hash_buff(shown.entry.encode()), bytes.fromhex(shown.root), proof)


def test_a_proof_of_another_entry_does_not_hold(sqlite_database: db.Database) -> None:
    with sqlite_database.session(write=True) as session:
        record(session, 5)
        shown = audit.prove(session, HOUSE, 2)
    proof = InclusionProof.deserialize(shown.proof)
    other = InmemoryTree(algorithm="sha256").hash_buff(shown.entry.replace("thing 1", "thing 9").encode())
    with pytest.raises(InvalidProof):
        verify_inclusion(other, bytes.fromhex(shown.root), proof)


def test_appending_reads_no_more_than_the_logarithm(sqlite_database: db.Database) -> None:
    """Counted, not timed: entry n reads the rows of its siblings (trailing zeros) and of the peaks (ones of n)."""
    read: list[int] = []

    def count(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if "audit_entry.nodes" in statement and " IN " in statement:
            read.append(len(parameters))

    with sqlite_database.session(write=True) as session:
        record(session, 63)
        event.listen(sqlite_database.engine, "before_cursor_execute", count)
        record(session, 1)
        # 64 = 0b1000000: six siblings below it, and it is its own only peak.
        assert trailing_zeros(64) == 6
        assert read == [6]
        read.clear()
        record(session, 1)
        # 65 = 0b1000001: no sibling; the peak of the 64 before it.
        assert read == [1]


def test_a_log_as_it_was_written_is_whole(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 20)
    with database.session(write=False) as session:
        assert codes(session) == []
        assert codes(session, audit.head(session)) == []


def test_a_changed_entry_is_found_at_its_place(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 9)
    with tampering(database) as session:
        row = session.get(AuditEntry, 4)
        assert row is not None
        row.entry = row.entry.replace(b"operator", b"somebody")
        session.add(row)
    with database.session(write=False) as session:
        assert codes(session) == [("audit entry 4", "audit-leaf-differs")]


def test_columns_that_say_something_else_are_found(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 3)
    with tampering(database) as session:
        session.execute(text("UPDATE audit_entry SET verb = 'other' WHERE id = 2"))
    with database.session(write=False) as session:
        assert codes(session) == [("audit entry 2", "audit-columns-differ")]


def test_an_entry_that_is_not_canonical_is_found(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 1)
    with tampering(database) as session:
        row = session.get(AuditEntry, 1)
        assert row is not None
        row.entry = row.entry.replace(b'","', b'", "')
        session.add(row)
    with database.session(write=False) as session:
        assert codes(session) == [("audit entry 1", "audit-not-canonical"), ("audit entry 1", "audit-leaf-differs")]


@pytest.mark.parametrize("column", ["nodes", "root"])
def test_a_changed_tree_is_found(column: str, database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 8)
    with tampering(database) as session:
        row = session.get(AuditEntry, 8)
        assert row is not None
        kept: bytes = getattr(row, column)
        setattr(row, column, kept[:-1] + bytes([kept[-1] ^ 1]))
        session.add(row)
    with database.session(write=False) as session:
        name = "audit-nodes-differ" if column == "nodes" else "audit-root-differs"
        assert codes(session) == [("audit entry 8", name)]


def test_an_entry_that_is_gone_is_found(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 6)
    with tampering(database) as session:
        session.execute(text("DELETE FROM audit_entry WHERE id IN (3, 4)"))
    with database.session(write=False) as session:
        assert codes(session) == [("audit entry 5", "audit-entry-missing"), ("audit entry 5", "audit-entry-missing")]


def test_an_end_that_was_cut_off_is_found_with_a_head_written_down(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 6)
        head = audit.head(session)
    with tampering(database) as session:
        session.execute(text("DELETE FROM audit_entry WHERE id > 4"))
    with database.session(write=False) as session:
        assert codes(session) == []  # nothing inside the log can tell
        assert codes(session, head) == [("audit", "audit-head-differs")]


def test_a_log_made_anew_is_found_with_a_head_written_down(database: db.Database) -> None:
    with database.session(write=True) as session:
        record(session, 4)
        head = audit.head(session)
    with tampering(database) as session:
        session.execute(text("DELETE FROM audit_entry"))
        record(session, 4, start=10)
    with database.session(write=False) as session:
        assert codes(session) == []
        assert codes(session, head) == [("audit", "audit-head-differs")]


def test_an_organisation_sees_its_own_entries_only(database: db.Database) -> None:
    with database.session(write=True) as session:
        own, other = ling(session), chen(session)
        seen = audit.entries(session, own)
        assert [entry.verb for entry in seen] == ["organisation.create", "site.add"]
        assert [entry.verb for entry in audit.entries(session, own, after=seen[0].id, limit=1)] == ["site.add"]
        with pytest.raises(NotFound):
            audit.prove(session, other, seen[0].id)


def test_two_who_append_at_once_both_find_a_place(database: db.Database) -> None:
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for number in range(5):
                with database.session(write=True) as session:
                    record(session, 1, start + number)
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.session(write=False) as session:
        assert codes(session) == []
        assert session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all() == list(range(1, 11))  # type: ignore[arg-type]
