"""Who people are at providers of single sign-on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, foreign, freeze, numbers, texts, times

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        *numbers("id", "person_id"),
        *texts("issuer", "subject"),
        *times("created"),
        *times("ended", nullable=True),
        foreign("identity", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
    )
    current = sa.text("ended IS NULL")
    for name, columns in (("subject", ["issuer", "subject"]), ("person", ["person_id", "issuer"])):
        op.create_index(
            f"uq_identity_{name}", "identity", columns, unique=True, sqlite_where=current, postgresql_where=current
        )
    freeze("identity", [*changed(("id", "person_id", "issuer", "subject", "created")), "OLD.ended IS NOT NULL"])


def downgrade() -> None:
    op.drop_table("identity")
