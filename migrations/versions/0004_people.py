"""People, their roles and sessions, API clients and tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        *_number("id", "organisation_id"),
        *_texts("capacity"),
        *_times("created"),
        _foreign("capacity", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity"),
        sa.UniqueConstraint("organisation_id", "capacity", name="uq_capacity_organisation_id_capacity"),
    )
    op.create_table(
        "person",
        *_number("id"),
        *_texts("email", "name", "password_hash"),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        *_texts("totp_secret"),
        *_number("totp_step"),
        *_times("totp_confirmed", nullable=True),
        *_times("created"),
        *_times("disabled", nullable=True),
        sa.CheckConstraint("email = lower(email) AND email <> ''", name=op.f("ck_person_email_is_folded")),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
    )
    op.create_table(
        "recovery_code",
        *_number("id", "person_id"),
        *_texts("code_sha256"),
        *_times("used", nullable=True),
        _foreign("recovery_code", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
    )
    op.create_table(
        "membership",
        *_number("id", "organisation_id", "person_id"),
        *_texts("role"),
        *_times("created"),
        *_times("ended", nullable=True),
        _foreign("membership", "organisation_id", "organisation"),
        _foreign("membership", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_table(
        "sign_in",
        *_number("id"),
        *_texts("token_sha256"),
        *_number("person_id"),
        *_texts("browser", "address"),
        *_times("created", "expires"),
        *_times("ended", nullable=True),
        _foreign("sign_in", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_in_token_sha256"),
    )
    op.create_table(
        "failed_sign_in",
        *_number("id"),
        *_texts("email_sha256"),
        *_times("at"),
        sa.PrimaryKeyConstraint("id", name="pk_failed_sign_in"),
    )
    op.create_table(
        "api_client",
        *_texts("id"),
        *_number("organisation_id"),
        *_texts("name", "scopes", "secret_sha256", "earlier_sha256"),
        *_times("earlier_until", nullable=True),
        *_times("created"),
        *_times("revoked", nullable=True),
        _foreign("api_client", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_api_client"),
    )
    op.create_table(
        "access_token",
        *_number("id"),
        *_texts("token_sha256"),
        sa.Column("api_client_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        *_texts("name", "scopes"),
        *_times("created", "expires"),
        *_times("revoked", nullable=True),
        sa.CheckConstraint(
            "(api_client_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_access_token_is_of_one_holder")
        ),
        _foreign("access_token", "api_client_id", "api_client"),
        _foreign("access_token", "person_id", "person"),
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
    _freeze("capacity", "1 = 1")
    _freeze("membership", f"{_changed('organisation_id', 'person_id', 'role', 'created')} OR OLD.ended IS NOT NULL")
    _freeze("api_client", _changed("id", "organisation_id", "name", "scopes", "created"))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _changed(*columns: str) -> str:
    differs = "IS DISTINCT FROM" if _is_postgresql() else "IS NOT"
    return " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns)


def _freeze(table: str, condition: str) -> None:
    """Refuse to delete rows of ``table``, and to change them where ``condition`` holds."""
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


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
