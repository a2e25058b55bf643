"""Published footprints, partners, their events, and what they sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, check, foreign, freeze, texts

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
    "pact_footprint": ["OLD.status = 'Deprecated'"],
    "pact_partner": ["OLD.ended IS NOT NULL"],
}


def upgrade() -> None:
    op.create_table(
        "pact_footprint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("footprint_id", "product", "said", "document", "preceding", "status"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deprecated", sa.DateTime(timezone=True), nullable=True),
        *texts("reason"),
        check("pact_footprint", "status_is_known", "status IN ('Active', 'Deprecated')"),
        check("pact_footprint", "deprecated_has_a_reason", "status = 'Active' OR reason <> ''"),
        foreign("pact_footprint", "organisation_id", "organisation"),
        foreign("pact_footprint", "footprint_id", "footprint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_footprint")),
    )
    op.create_index(
        "ix_pact_footprint_organisation_id_created_id", "pact_footprint", ["organisation_id", "created", "id"]
    )
    op.create_table(
        "pact_partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("code", "name", "version", "base_url", "auth_url", "client_id", "client_secret"),
        sa.Column("api_client_id", sa.String(), nullable=True),
        *texts("sees"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        *texts("reason"),
        check("pact_partner", "version_is_known", "version IN ('2', '3')"),
        foreign("pact_partner", "organisation_id", "organisation"),
        foreign("pact_partner", "api_client_id", "api_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_partner")),
        sa.UniqueConstraint("organisation_id", "code", name="uq_pact_partner_organisation_id_code"),
        sa.UniqueConstraint("api_client_id", name=op.f("uq_pact_partner_api_client_id")),
    )
    op.create_table(
        "pact_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        *texts("direction", "kind", "version", "source", "event_id", "content", "state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        *texts("problem"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        check("pact_event", "direction_is_known", "direction IN ('in', 'out')"),
        check(
            "pact_event",
            "state_is_known",
            "state IN ('waiting', 'done', 'answered', 'rejected', 'refused', 'abandoned')",
        ),
        check("pact_event", "waiting_has_a_time", "(state = 'waiting') = (next_try IS NOT NULL)"),
        foreign("pact_event", "organisation_id", "organisation"),
        foreign("pact_event", "partner_id", "pact_partner"),
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
        *texts("pf_id", "version", "status", "document", "sha256", "problems"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        check("pact_received", "sha256_has_64_digits", "length(sha256) = 64"),
        foreign("pact_received", "organisation_id", "organisation"),
        foreign("pact_received", "partner_id", "pact_partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_received")),
        sa.UniqueConstraint("partner_id", "pf_id", "sha256", name="uq_pact_received_partner_id_pf_id_sha256"),
    )
    for table, columns in FROZEN.items():
        freeze(table, [*changed(columns), *FINAL.get(table, ())])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("pact_received", "pact_event", "pact_partner", "pact_footprint"):
        op.drop_table(table)
