"""The table of product models."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class ProductModel(SQLModel, table=True):
    """One version of what an organisation says of a product; never changed, another version takes its place."""

    __tablename__ = "product_model"
    __table_args__ = (
        UniqueConstraint("organisation_id", "product", "version"),
        CheckConstraint("length(content_sha256) = 64", name="sha256_has_64_digits"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("version = 1 OR reason <> ''", name="new_version_has_a_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    product: str  # code of the product, unique within the organisation
    name_zh: str
    name_en: str
    version: int
    reason: str = ""
    content: str  # canonical JSON of the model as submitted
    content_sha256: str
    file_name: str
    created: datetime
    superseded_by: int | None = Field(default=None, foreign_key="product_model.id")


class AcceptedFootprint(SQLModel, table=True):
    """A supplier's footprint that an organisation has accepted: models of its products may name it by its code."""

    __tablename__ = "accepted_footprint"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        CheckConstraint("length(record_sha256) = 64", name="sha256_has_64_digits"),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("end_kind IN ('', 'corrected', 'withdrawn')", name="end_kind_is_known"),
        CheckConstraint("(ended IS NULL) = (end_kind = '')", name="ended_has_a_kind"),
        CheckConstraint("superseded_by <> id", name="does_not_supersede_itself"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    code: str  # supplier.purchase.version
    purchase: str
    version: int
    record: str  # canonical JSON, as it stands under 'suppliers' in a model
    record_sha256: str
    document_sha256: str  # of what the supplier sent
    valid_until: str
    created: datetime
    ended: datetime | None = None
    end_kind: str = ""
    end_reason: str = ""
    superseded_by: int | None = Field(default=None, foreign_key="accepted_footprint.id")
