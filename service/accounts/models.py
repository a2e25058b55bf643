"""The table of organisations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class Organisation(SQLModel, table=True):
    """A reporting entity. A group is an organisation whose companies name it as their parent."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "approach IN ('operational_control', 'financial_control', 'equity_share')", name="approach_is_known"
        ),
        CheckConstraint("parent_id <> id", name="is_not_its_own_parent"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    credit_code: str = ""
    legal_person: str = ""
    address: str = ""
    industry: str = ""
    contact: str = ""
    electricity_equivalent_kgce_per_kwh: str = ""
    electricity_equivalent_source: str = ""
    approach: str = "operational_control"
    base_year: str = ""
    parent_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    created: datetime
    reason: str = ""  # why it was changed last
