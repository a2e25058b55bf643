"""Answers of requests that may be sent again under their keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import numbers, refuse_where, texts, times

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        *texts("holder", "key", "request_sha256", "headers"),
        *numbers("status"),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        *times("created"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_answer"),
        sa.UniqueConstraint("holder", "key", name="uq_kept_answer_holder_key"),
    )
    op.create_index("ix_kept_answer_created", "kept_answer", ["created"])
    # It is forgotten after a day, and never said otherwise before.
    refuse_where("kept_answer", ["1 = 1"])


def downgrade() -> None:
    op.drop_table("kept_answer")
