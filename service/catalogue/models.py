"""The tables of an organisation's own factors, and of life-cycle inventory databases with their unit impacts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class OwnFactor(SQLModel, table=True):
    """A factor that an organisation brings itself: a record of the library's form, with the document it stands in.

    Withdrawn with a reason, never deleted; an inventory that used it keeps its own copy.
    """

    __tablename__ = "own_factor"
    __table_args__ = (
        CheckConstraint("value <> '' AND unit <> ''", name="has_value_and_unit"),
        CheckConstraint("kind IN ('own_factor', 'supplier')", name="kind_is_known"),
        CheckConstraint("source <> '' AND licence <> ''", name="has_source_and_licence"),
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        Index(
            "uq_own_factor_current",
            *("organisation_id", "factor_id"),
            unique=True,
            sqlite_where=text("withdrawn IS NULL"),
            postgresql_where=text("withdrawn IS NULL"),
        ),
        ForeignKeyConstraint(["organisation_id", "site"], ["site.organisation_id", "site.code"]),
        ForeignKeyConstraint(["organisation_id", "document"], ["evidence.organisation_id", "evidence.sha256"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    factor_id: str
    activity: str  # which activity of the library it answers
    kind: str = "own_factor"  # | supplier
    site: str | None = None  # of this site only
    counterparty: str = ""  # of this supplier only
    name_en: str
    name_zh: str
    category: str
    scope_hint: str = ""
    value: str
    unit: str
    gas: str
    year: int
    valid_from: date
    valid_to: date | None = None
    region: str
    source: str
    page: str = ""
    licence: str
    confidence: str
    uncertainty_percent: str = ""
    gwp_set: str = ""
    note: str = ""
    fuel: str = ""
    parameter_set: str = ""
    material: str = ""
    boundary: str = ""
    value_kind: str = ""
    range_low: str = ""
    range_high: str = ""
    document: str | None = None  # sha256 of the evidence file it stands in
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""  # why


_CURRENT_OWN = "withdrawn IS NULL AND organisation_id IS NOT NULL"
_CURRENT_HOUSE = "withdrawn IS NULL AND organisation_id IS NULL"


class LciDatabase(SQLModel, table=True):
    """A life-cycle inventory database as imported: of one organisation, or (without one) of the house, for everyone.

    Withdrawn with a reason when another version takes its place, never deleted; a footprint that used it says which.
    """

    __tablename__ = "lci_database"
    __table_args__ = (
        CheckConstraint("length(content_sha256) = 64", name="sha256_has_64_digits"),
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        Index(
            "uq_lci_database_current",
            *("organisation_id", "name"),
            unique=True,
            sqlite_where=text(_CURRENT_OWN),
            postgresql_where=text(_CURRENT_OWN),
        ),
        Index(
            "uq_lci_database_house",
            "name",
            unique=True,
            sqlite_where=text(_CURRENT_HOUSE),
            postgresql_where=text(_CURRENT_HOUSE),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    name: str
    content_sha256: str  # of the canonical content, lca.lci_store
    format: str
    publisher_version: str
    source: str
    licence: str
    processes: int
    exchanges: int
    file_name: str
    file_sha256: str
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""  # why


class LciContent(SQLModel, table=True):
    """The processes and flows of a database, packed."""

    __tablename__ = "lci_content"

    lci_database_id: int = Field(primary_key=True, foreign_key="lci_database.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    content: bytes


class UnitImpact(SQLModel, table=True):
    """kg of one gas per unit of every product of a database, computed once. May be emptied at any time."""

    __tablename__ = "unit_impact"

    lci_database_id: int = Field(primary_key=True, foreign_key="lci_database.id")
    version: str = Field(primary_key=True)  # of the compiled background
    gas: str = Field(primary_key=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    impacts: bytes  # float64, little-endian, in the order of the products
