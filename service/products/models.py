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
