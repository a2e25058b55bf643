"""The tables of frozen inventories and of the parts they are made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class Inventory(SQLModel, table=True):
    """One version of an organisation's inventory of a year by a method, frozen in a snapshot."""

    __tablename__ = "inventory"
    __table_args__ = (
        UniqueConstraint("organisation_id", "year", "method", "is_group", "version"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("version = 1 OR reason <> ''", name="new_version_has_a_reason"),
        CheckConstraint("superseded_by <> id", name="does_not_supersede_itself"),
    )

    id: str = Field(primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    year: int
    method: str
    is_group: bool = False  # with the companies of the group
    recalculates_base_year: bool = False  # takes in the changes noted until then
    version: int
    reason: str = ""
    state: str
    snapshot_sha: str
    total_kgco2e: str
    total_location_kgco2e: str
    total_market_kgco2e: str
    total_method_kgco2e: str
    created: datetime
    superseded_by: str | None = Field(default=None, foreign_key="inventory.id")


class FootprintStudy(SQLModel, table=True):
    """One version of a product's footprint by a method, frozen in a snapshot."""

    __tablename__ = "footprint"
    __table_args__ = (
        UniqueConstraint("organisation_id", "product", "method", "version"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("version = 1 OR reason <> ''", name="new_version_has_a_reason"),
        CheckConstraint("superseded_by <> id", name="does_not_supersede_itself"),
    )

    id: str = Field(primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    product: str
    product_model_id: int = Field(foreign_key="product_model.id")
    method: str
    version: int
    reason: str = ""
    state: str
    snapshot_sha: str
    total_kgco2e: str
    unit: str
    created: datetime
    superseded_by: str | None = Field(default=None, foreign_key="footprint.id")


class FootprintUse(SQLModel, table=True):
    """That a frozen footprint contains an accepted footprint of a supplier."""

    __tablename__ = "footprint_use"
    __table_args__ = (UniqueConstraint("footprint_id", "accepted_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    footprint_id: str = Field(foreign_key="footprint.id")
    accepted_id: int = Field(foreign_key="accepted_footprint.id", index=True)


class SnapshotPart(SQLModel, table=True):
    """Canonical bytes under their own SHA-256: a snapshot, or the rows of one site and month."""

    __tablename__ = "snapshot_part"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256_has_64_digits"),)

    organisation_id: int = Field(primary_key=True, foreign_key="organisation.id")
    sha256: str = Field(primary_key=True)
    kind: str
    content: bytes  # compressed


class PartCache(SQLModel, table=True):
    """What one site and month came to, so that a changed row costs its own month only. May be emptied at any time."""

    __tablename__ = "part_cache"

    organisation_id: int = Field(primary_key=True, foreign_key="organisation.id")
    site: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    mark: str  # how far the activity data had come, see service.activities.store.changes
    part_sha: str
    results: str  # JSON
    created: datetime


class BaseYearChange(SQLModel, table=True):
    """Something that would have made the base year differ; open for a method until it is recalculated for it."""

    __tablename__ = "base_year_change"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('structure', 'outsourcing', 'method', 'error', 'growth', 'grid_year')", name="kind_is_known"
        ),
        CheckConstraint("reason <> ''", name="has_a_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    year: int  # the base year it bears on
    kind: str
    kgco2e: str
    reason: str
    actor: str
    created: datetime
