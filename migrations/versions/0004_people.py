"""People, their roles and sessions, API clients and tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, foreign, freeze, numbers, texts, times

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Children before parents, for the way down.
TABLES = (
    *("access_token", "api_client", "failed_sign_in", "sign_in", "membership", "recovery_code", "person", "capacity"),
)


def upgrade() -> None:
    op.create_table(
        "capacity",
        *numbers("id", "organisation_id"),
        *texts("capacity"),
        *times("created"),
        foreign("capacity", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity"),
        sa.UniqueConstraint("organisation_id", "capacity", name="uq_capacity_organisation_id_capacity"),
    )
    op.create_table(
        "person",
        *numbers("id"),
        *texts("email", "name", "password_hash"),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        *texts("totp_secret"),
        *numbers("totp_step"),
        *times("totp_confirmed", nullable=True),
        *times("created"),
        *times("disabled", nullable=True),
        sa.CheckConstraint("email = lower(email) AND email <> ''", name=op.f("ck_person_email_is_folded")),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
    )
    op.create_table(
        "recovery_code",
        *numbers("id", "person_id"),
        *texts("code_sha256"),
        *times("used", nullable=True),
        foreign("recovery_code", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
    )
    op.create_table(
        "membership",
        *numbers("id", "organisation_id", "person_id"),
        *texts("role"),
        *times("created"),
        *times("ended", nullable=True),
        foreign("membership", "organisation_id", "organisation"),
        foreign("membership", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_table(
        "sign_in",
        *numbers("id"),
        *texts("token_sha256"),
        *numbers("person_id"),
        *texts("browser", "address"),
        *times("created", "expires"),
        *times("ended", nullable=True),
        foreign("sign_in", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_in_token_sha256"),
    )
    op.create_table(
        "failed_sign_in",
        *numbers("id"),
        *texts("email_sha256"),
        *times("at"),
        sa.PrimaryKeyConstraint("id", name="pk_failed_sign_in"),
    )
    op.create_table(
        "api_client",
        *texts("id"),
        *numbers("organisation_id"),
        *texts("name", "scopes", "secret_sha256", "earlier_sha256"),
        *times("earlier_until", nullable=True),
        *times("created"),
        *times("revoked", nullable=True),
        foreign("api_client", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_api_client"),
    )
    op.create_table(
        "access_token",
        *numbers("id"),
        *texts("token_sha256"),
        sa.Column("api_client_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        *texts("name", "scopes"),
        *times("created", "expires"),
        *times("revoked", nullable=True),
        sa.CheckConstraint(
            "(api_client_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_access_token_is_of_one_holder")
        ),
        foreign("access_token", "api_client_id", "api_client"),
        foreign("access_token", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("token_sha256", name="uq_access_token_token_sha256"),
    )
    for table, column in (
        *(("recovery_code", "person_id"), ("membership", "person_id"), ("sign_in", "person_id")),
        *(("api_client", "organisation_id"), ("access_token", "api_client_id"), ("access_token", "person_id")),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_failed_sign_in_email_sha256_at", "failed_sign_in", ["email_sha256", "at"])
    current = sa.text("ended IS NULL")
    op.create_index(
        "uq_membership_current",
        "membership",
        ["organisation_id", "person_id", "role"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    freeze("capacity", [])
    freeze("membership", [*changed(("organisation_id", "person_id", "role", "created")), "OLD.ended IS NOT NULL"])
    freeze("api_client", changed(("id", "organisation_id", "name", "scopes", "created")))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
