"""The table of an organisation's own factors."""

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
