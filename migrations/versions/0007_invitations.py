"""Invitations, and the secrets by which a password is set anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        *_texts("email", "role", "token_sha256", "made_by"),
        *_times("created", "expires"),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("person_id IS NULL OR ended IS NOT NULL", name=op.f("ck_invitation_taken_is_ended")),
        _foreign("invitation", "organisation_id", "organisation"),
        _foreign("invitation", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_sha256", name="uq_invitation_token_sha256"),
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"])
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        *_texts("token_sha256"),
        *_times("created", "expires"),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        _foreign("password_reset", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_password_reset"),
        sa.UniqueConstraint("token_sha256", name="uq_password_reset_token_sha256"),
    )
    op.create_index("ix_password_reset_person_id", "password_reset", ["person_id"])
    _freeze("invitation")


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    op.drop_table("password_reset")
    op.drop_table("invitation")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _freeze(table: str) -> None:
    differs = "IS DISTINCT FROM" if _is_postgresql() else "IS NOT"
    changed = [f'OLD."{name}" {differs} NEW."{name}"' for name in FROZEN]
    condition = " OR ".join([*changed, "OLD.ended IS NOT NULL"])
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
