"""Models of products and their frozen footprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        *_texts("product", "name_zh", "name_en"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("reason", "content", "content_sha256", "file_name"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        _check("product_model", "sha256_has_64_digits", "length(content_sha256) = 64"),
        _check("product_model", "version_counts_from_one", "version > 0"),
        _check("product_model", "new_version_has_a_reason", "version = 1 OR reason <> ''"),
        _foreign("product_model", "organisation_id", "organisation"),
        _foreign("product_model", "superseded_by", "product_model"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_model")),
        sa.UniqueConstraint(
            "organisation_id", "product", "version", name="uq_product_model_organisation_id_product_version"
        ),
    )
    op.create_table(
        "footprint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("product"),
        sa.Column("product_model_id", sa.Integer(), nullable=False),
        *_texts("method"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("reason", "state", "snapshot_sha", "total_kgco2e", "unit"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=True),
        _check("footprint", "version_counts_from_one", "version > 0"),
        _check("footprint", "new_version_has_a_reason", "version = 1 OR reason <> ''"),
        _check("footprint", "does_not_supersede_itself", "superseded_by <> id"),
        _foreign("footprint", "organisation_id", "organisation"),
        _foreign("footprint", "product_model_id", "product_model"),
        _foreign("footprint", "superseded_by", "footprint"),
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
        _freeze(table, columns)


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("footprint", "product_model"):
        op.drop_table(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _freeze(table: str, columns: tuple[str, ...]) -> None:
    differs = "IS DISTINCT FROM" if _is_postgresql() else "IS NOT"
    changed = [*(f'OLD."{name}" {differs} NEW."{name}"' for name in columns), "OLD.superseded_by IS NOT NULL"]
    condition = " OR ".join(changed)
    if _is_postgresql():
        update = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION tanji_append_only()"
        other = "FOR EACH STATEMENT EXECUTE FUNCTION tanji_append_only()"
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {other}")
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        update, other = f"WHEN {condition} {body}", body
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {update}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {other}")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
