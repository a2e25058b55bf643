"""The tables of collections, what makers contribute to them, what a curator decides of it, and releases."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class SectorCollection(SQLModel, table=True):
    """A call of a curator for footprints of one product, made by one method over one year."""

    __tablename__ = "sector_collection"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        CheckConstraint("name_zh <> '' AND licence <> ''", name="has_name_and_licence"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    code: str
    category: str  # id of the product category
    name_zh: str
    name_en: str
    unit: str
    method: str
    method_version: str
    gwp_set: str
    boundary: str
    year: int
    region: str
    licence: str
    note: str
    closes: date  # last day on which something is contributed
    made_by: str
    created: datetime


class SectorContribution(SQLModel, table=True):
    """A maker's frozen footprint with its production; ``figures`` are its results, the recipe stays where it is."""

    __tablename__ = "sector_contribution"
    __table_args__ = (
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        CheckConstraint("evidence <> ''", name="has_evidence"),
        Index(
            "uq_sector_contribution_current",
            *("collection_id", "organisation_id"),
            unique=True,
            sqlite_where=text("withdrawn IS NULL"),
            postgresql_where=text("withdrawn IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    collection_id: int = Field(foreign_key="sector_collection.id")
    footprint_id: str = Field(foreign_key="footprint.id")
    snapshot_sha: str
    amount: str  # production of the year in the unit of the collection, as submitted
    evidence: str  # what the production is known by, in words
    figures: str  # canonical JSON
    made_by: str
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""


class SectorDecision(SQLModel, table=True):
    """What a curator says of a contribution; the newest one counts."""

    __tablename__ = "sector_decision"
    __table_args__ = (CheckConstraint("is_admitted OR reason <> ''", name="rejected_with_a_reason"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    contribution_id: int = Field(foreign_key="sector_contribution.id", index=True)
    is_admitted: bool
    reason: str
    made_by: str
    created: datetime


class SectorRelease(SQLModel, table=True):
    """A published version of a collection's averages; who is in it is the curator's secret."""

    __tablename__ = "sector_release"
    __table_args__ = (
        UniqueConstraint("collection_id", "version"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("length(snapshot_sha256) = 64", name="sha256_has_64_digits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    collection_id: int = Field(foreign_key="sector_collection.id")
    version: int
    members: str  # canonical JSON: contribution, controlling company, digest of what was stated
    snapshot: str  # canonical JSON, as published
    snapshot_sha256: str
    made_by: str
    created: datetime
