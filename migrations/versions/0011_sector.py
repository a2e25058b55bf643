"""The sector database: collections, contributions, decisions, releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, check, foreign, freeze, numbers, texts, times

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What of a contribution is never said otherwise; that it is withdrawn is said once.
FROZEN = (
    *("id", "organisation_id", "collection_id", "footprint_id", "snapshot_sha", "amount", "evidence", "figures"),
    *("made_by", "created"),
)


def upgrade() -> None:
    op.create_table(
        "sector_collection",
        *numbers("id", "organisation_id"),
        *texts("code", "category", "name_zh", "name_en", "unit", "method", "method_version", "gwp_set", "boundary"),
        *numbers("year"),
        *texts("region", "licence", "note"),
        sa.Column("closes", sa.Date(), nullable=False),
        *texts("made_by"),
        *times("created"),
        check("sector_collection", "has_name_and_licence", "name_zh <> '' AND licence <> ''"),
        foreign("sector_collection", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_sector_collection"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_sector_collection_organisation_id_code"),
    )
    op.create_table(
        "sector_contribution",
        *numbers("id", "organisation_id", "collection_id"),
        *texts("footprint_id", "snapshot_sha", "amount", "evidence", "figures", "made_by"),
        *times("created"),
        *times("withdrawn", nullable=True),
        *texts("withdrawal"),
        check("sector_contribution", "withdrawn_with_a_reason", "(withdrawn IS NULL) = (withdrawal = '')"),
        check("sector_contribution", "has_evidence", "evidence <> ''"),
        foreign("sector_contribution", "organisation_id", "organisation"),
        foreign("sector_contribution", "collection_id", "sector_collection"),
        foreign("sector_contribution", "footprint_id", "footprint"),
        sa.PrimaryKeyConstraint("id", name="pk_sector_contribution"),
    )
    op.create_index("ix_sector_contribution_organisation_id", "sector_contribution", ["organisation_id"])
    op.create_index(
        "uq_sector_contribution_current",
        "sector_contribution",
        ["collection_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn IS NULL"),
        postgresql_where=sa.text("withdrawn IS NULL"),
    )
    op.create_table(
        "sector_decision",
        *numbers("id", "organisation_id", "contribution_id"),
        sa.Column("is_admitted", sa.Boolean(), nullable=False),
        *texts("reason", "made_by"),
        *times("created"),
        check("sector_decision", "rejected_with_a_reason", "is_admitted OR reason <> ''"),
        foreign("sector_decision", "organisation_id", "organisation"),
        foreign("sector_decision", "contribution_id", "sector_contribution"),
        sa.PrimaryKeyConstraint("id", name="pk_sector_decision"),
    )
    op.create_index("ix_sector_decision_organisation_id", "sector_decision", ["organisation_id"])
    op.create_index("ix_sector_decision_contribution_id", "sector_decision", ["contribution_id"])
    op.create_table(
        "sector_release",
        *numbers("id", "organisation_id", "collection_id", "version"),
        *texts("members", "snapshot", "snapshot_sha256", "made_by"),
        *times("created"),
        check("sector_release", "version_counts_from_one", "version > 0"),
        check("sector_release", "sha256_has_64_digits", "length(snapshot_sha256) = 64"),
        foreign("sector_release", "organisation_id", "organisation"),
        foreign("sector_release", "collection_id", "sector_collection"),
        sa.PrimaryKeyConstraint("id", name="pk_sector_release"),
        sa.UniqueConstraint("collection_id", "version", name="uq_sector_release_collection_id_version"),
    )
    op.create_index("ix_sector_release_organisation_id", "sector_release", ["organisation_id"])
    for table in ("sector_collection", "sector_decision", "sector_release"):
        freeze(table, [])
    freeze("sector_contribution", [*changed(FROZEN), "OLD.withdrawn IS NOT NULL"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("sector_release", "sector_decision", "sector_contribution", "sector_collection"):
        op.drop_table(table)
