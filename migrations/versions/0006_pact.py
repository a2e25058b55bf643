"""Published footprints, partners, their events, and what they sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What of a row is never said otherwise.
FROZEN = {
    "pact_footprint": (
        *("id", "organisation_id", "footprint_id", "product", "said", "document", "preceding", "created"),
    ),
    "pact_partner": ("organisation_id", "code", "created"),
    "pact_event": (
        *("organisation_id", "partner_id", "direction", "kind", "version", "source", "event_id", "content", "created"),
    ),
    "pact_received": (),  # all of it
}
# What may not be said a second time.
FINAL = {
    "pact_footprint": "OLD.status = 'Deprecated'",
    "pact_partner": "OLD.ended IS NOT NULL",
}


def upgrade() -> None:
    op.create_table(
        "pact_footprint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("footprint_id", "product", "said", "document", "preceding", "status"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deprecated", sa.DateTime(timezone=True), nullable=True),
        *_texts("reason"),
        _check("pact_footprint", "status_is_known", "status IN ('Active', 'Deprecated')"),
        _check("pact_footprint", "deprecated_has_a_reason", "status = 'Active' OR reason <> ''"),
        _foreign("pact_footprint", "organisation_id", "organisation"),
        _foreign("pact_footprint", "footprint_id", "footprint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_footprint")),
    )
    op.create_index(
        "ix_pact_footprint_organisation_id_created_id", "pact_footprint", ["organisation_id", "created", "id"]
    )
    op.create_table(
        "pact_partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("code", "name", "version", "base_url", "auth_url", "client_id", "client_secret"),
        sa.Column("api_client_id", sa.String(), nullable=True),
        *_texts("sees"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        *_texts("reason"),
        _check("pact_partner", "version_is_known", "version IN ('2', '3')"),
        _foreign("pact_partner", "organisation_id", "organisation"),
        _foreign("pact_partner", "api_client_id", "api_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_partner")),
        sa.UniqueConstraint("organisation_id", "code", name="uq_pact_partner_organisation_id_code"),
        sa.UniqueConstraint("api_client_id", name=op.f("uq_pact_partner_api_client_id")),
    )
    op.create_table(
        "pact_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        *_texts("direction", "kind", "version", "source", "event_id", "content", "state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        *_texts("problem"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        _check("pact_event", "direction_is_known", "direction IN ('in', 'out')"),
        _check(
            "pact_event",
            "state_is_known",
            "state IN ('waiting', 'done', 'answered', 'rejected', 'refused', 'abandoned')",
        ),
        _check("pact_event", "waiting_has_a_time", "(state = 'waiting') = (next_try IS NOT NULL)"),
        _foreign("pact_event", "organisation_id", "organisation"),
        _foreign("pact_event", "partner_id", "pact_partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_event")),
        sa.UniqueConstraint(
            "partner_id", "direction", "source", "event_id", name="uq_pact_event_partner_id_direction_source_event_id"
        ),
    )
    op.create_index("ix_pact_event_next_try", "pact_event", ["next_try"])
    op.create_table(
        "pact_received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        *_texts("pf_id", "version", "status", "document", "sha256", "problems"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        _check("pact_received", "sha256_has_64_digits", "length(sha256) = 64"),
        _foreign("pact_received", "organisation_id", "organisation"),
        _foreign("pact_received", "partner_id", "pact_partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_received")),
        sa.UniqueConstraint("partner_id", "pf_id", "sha256", name="uq_pact_received_partner_id_pf_id_sha256"),
    )
    for table, columns in FROZEN.items():
        _freeze(table, columns)


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("pact_received", "pact_event", "pact_partner", "pact_footprint"):
        op.drop_table(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _freeze(table: str, columns: tuple[str, ...]) -> None:
    differs = "IS DISTINCT FROM" if _is_postgresql() else "IS NOT"
    changed = [f'OLD."{name}" {differs} NEW."{name}"' for name in columns]
    condition = " OR ".join([*changed, *([FINAL[table]] if table in FINAL else [])]) or "1 = 1"
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
