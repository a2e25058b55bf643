"""The table of the audit log."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class AuditEntry(SQLModel, table=True):
    """One action that changed something: a leaf of the Merkle log. Never changed, never deleted.

    ``entry`` is the canonical JSON that is hashed; the columns beside it only repeat it for looking up.
    ``nodes`` are the hashes of the perfect subtrees that end with this leaf, smallest (the leaf) first, 32
    bytes each, two on the average; ``root`` is the root of the log with this entry as its last.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (CheckConstraint("id > 0", name="counted_from_one"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    verb: str
    subject: str
    entry: bytes
    nodes: bytes
    root: bytes
