"""Life-cycle inventory databases, their contents and unit impacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, freeze

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CURRENT_OWN = "withdrawn IS NULL AND organisation_id IS NOT NULL"
CURRENT_HOUSE = "withdrawn IS NULL AND organisation_id IS NULL"
TEXTS = ("name", "content_sha256", "format", "publisher_version", "source", "licence", "file_name", "file_sha256")
FROZEN = ("organisation_id", *TEXTS, "processes", "exchanges", "created")


def upgrade() -> None:
    op.create_table(
        "lci_database",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS[:6]),
        sa.Column("processes", sa.Integer(), nullable=False),
        sa.Column("exchanges", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS[6:]),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal", sa.String(), nullable=False),
        sa.CheckConstraint("length(content_sha256) = 64", name=op.f("ck_lci_database_sha256_has_64_digits")),
        sa.CheckConstraint(
            "(withdrawn IS NULL) = (withdrawal = '')", name=op.f("ck_lci_database_withdrawn_with_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lci_database_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lci_database")),
    )
    for name, columns, where in (
        ("uq_lci_database_current", ["organisation_id", "name"], CURRENT_OWN),
        ("uq_lci_database_house", ["name"], CURRENT_HOUSE),
    ):
        op.create_index(
            name, "lci_database", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "lci_content",
        sa.Column("lci_database_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lci_content_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["lci_database_id"], ["lci_database.id"], name=op.f("fk_lci_content_lci_database_id_lci_database")
        ),
        sa.PrimaryKeyConstraint("lci_database_id", name=op.f("pk_lci_content")),
    )
    op.create_table(
        "unit_impact",
        sa.Column("lci_database_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("gas", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("impacts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lci_database_id"], ["lci_database.id"], name=op.f("fk_unit_impact_lci_database_id_lci_database")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_unit_impact_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("lci_database_id", "version", "gas", name=op.f("pk_unit_impact")),
    )
    _refuse_changes()


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("unit_impact", "lci_content", "lci_database"):
        op.drop_table(table)


def _refuse_changes() -> None:
    """Contents never change; of a database only what became of it may be said, once."""
    freeze("lci_content", [])
    freeze("lci_database", [*changed(FROZEN), "OLD.withdrawn IS NOT NULL"])
