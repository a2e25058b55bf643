"""Models of products and their frozen footprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, check, foreign, freeze, texts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What is frozen but for the column that says, once, what took its place.
FROZEN = {
    "product_model": (
        *("organisation_id", "product", "name_zh", "name_en", "version", "reason", "content", "content_sha256"),
        *("file_name", "created"),
    ),
    "footprint": (
        *("organisation_id", "product", "product_model_id", "method", "version", "reason", "state", "snapshot_sha"),
        *("total_kgco2e", "unit", "created"),
    ),
}


def upgrade() -> None:
    op.create_table(
        "product_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("product", "name_zh", "name_en"),
        sa.Column("version", sa.Integer(), nullable=False),
        *texts("reason", "content", "content_sha256", "file_name"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        check("product_model", "sha256_has_64_digits", "length(content_sha256) = 64"),
        check("product_model", "version_counts_from_one", "version > 0"),
        check("product_model", "new_version_has_a_reason", "version = 1 OR reason <> ''"),
        foreign("product_model", "organisation_id", "organisation"),
        foreign("product_model", "superseded_by", "product_model"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_model")),
        sa.UniqueConstraint(
            "organisation_id", "product", "version", name="uq_product_model_organisation_id_product_version"
        ),
    )
    op.create_table(
        "footprint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("product"),
        sa.Column("product_model_id", sa.Integer(), nullable=False),
        *texts("method"),
        sa.Column("version", sa.Integer(), nullable=False),
        *texts("reason", "state", "snapshot_sha", "total_kgco2e", "unit"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=True),
        check("footprint", "version_counts_from_one", "version > 0"),
        check("footprint", "new_version_has_a_reason", "version = 1 OR reason <> ''"),
        check("footprint", "does_not_supersede_itself", "superseded_by <> id"),
        foreign("footprint", "organisation_id", "organisation"),
        foreign("footprint", "product_model_id", "product_model"),
        foreign("footprint", "superseded_by", "footprint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footprint")),
        sa.UniqueConstraint(
            "organisation_id",
            "product",
            "method",
            "version",
            name="uq_footprint_organisation_id_product_method_version",
        ),
    )
    for table, columns in FROZEN.items():
        freeze(table, [*changed(columns), "OLD.superseded_by IS NOT NULL"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("footprint", "product_model"):
        op.drop_table(table)
