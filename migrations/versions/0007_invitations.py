"""Invitations, and the secrets by which a password is set anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, foreign, freeze, texts, times

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What of an invitation is never said otherwise; that it has ended, and by whom it was taken, is said once.
FROZEN = ("id", "organisation_id", "email", "role", "token_sha256", "made_by", "created", "expires")


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("email", "role", "token_sha256", "made_by"),
        *times("created", "expires"),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("person_id IS NULL OR ended IS NOT NULL", name=op.f("ck_invitation_taken_is_ended")),
        foreign("invitation", "organisation_id", "organisation"),
        foreign("invitation", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_sha256", name="uq_invitation_token_sha256"),
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"])
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        *texts("token_sha256"),
        *times("created", "expires"),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        foreign("password_reset", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_password_reset"),
        sa.UniqueConstraint("token_sha256", name="uq_password_reset_token_sha256"),
    )
    op.create_index("ix_password_reset_person_id", "password_reset", ["person_id"])
    freeze("invitation", [*changed(FROZEN), "OLD.ended IS NOT NULL"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    op.drop_table("password_reset")
    op.drop_table("invitation")
