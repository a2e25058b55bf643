"""Suppliers, requests for footprints, answers, and the accepted footprints that models use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, check, foreign, freeze, numbers, texts, times

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What is never said otherwise of each, and when nothing more may be said of it.
FROZEN: dict[str, tuple[tuple[str, ...], str]] = {
    "supplier": (("id", "organisation_id", "code", "created"), ""),
    "purchase": (("id", "organisation_id", "supplier_id", "code", "unit", "created"), ""),
    "footprint_request": (
        (
            *("id", "organisation_id", "purchase_id", "method", "method_version", "boundary", "unit"),
            *("period_start", "period_end"),
            *("must_be_verified", "least_primary_percent", "note", "language", "created"),
        ),
        "OLD.closed IS NOT NULL",
    ),
    "footprint_answer": (
        (
            *("id", "organisation_id", "request_id", "way", "answered_by", "file_name", "document_sha256", "offered"),
            *("findings", "from_organisation_id", "from_footprint", "from_snapshot_sha", "created"),
        ),
        "OLD.decided IS NOT NULL",
    ),
    "accepted_footprint": (
        (
            *("id", "organisation_id", "code", "purchase", "version", "record", "record_sha256", "document_sha256"),
            *("valid_until", "created"),
        ),
        "OLD.ended IS NOT NULL",
    ),
}


def upgrade() -> None:
    op.create_table(
        "accepted_footprint",
        *numbers("id", "organisation_id"),
        *texts("code", "purchase"),
        *numbers("version"),
        *texts("record", "record_sha256", "document_sha256", "valid_until"),
        *times("created"),
        *times("ended", nullable=True),
        *texts("end_kind", "end_reason"),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        check("accepted_footprint", "sha256_has_64_digits", "length(record_sha256) = 64"),
        check("accepted_footprint", "version_counts_from_one", "version > 0"),
        check("accepted_footprint", "end_kind_is_known", "end_kind IN ('', 'corrected', 'withdrawn')"),
        check("accepted_footprint", "ended_has_a_kind", "(ended IS NULL) = (end_kind = '')"),
        check("accepted_footprint", "does_not_supersede_itself", "superseded_by <> id"),
        foreign("accepted_footprint", "organisation_id", "organisation"),
        foreign("accepted_footprint", "superseded_by", "accepted_footprint"),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_footprint"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_accepted_footprint_organisation_id_code"),
    )
    op.create_table(
        "footprint_use",
        *numbers("id", "organisation_id"),
        *texts("footprint_id"),
        *numbers("accepted_id"),
        foreign("footprint_use", "organisation_id", "organisation"),
        foreign("footprint_use", "footprint_id", "footprint"),
        foreign("footprint_use", "accepted_id", "accepted_footprint"),
        sa.PrimaryKeyConstraint("id", name="pk_footprint_use"),
        sa.UniqueConstraint("footprint_id", "accepted_id", name="uq_footprint_use_footprint_id_accepted_id"),
    )
    op.create_index("ix_footprint_use_accepted_id", "footprint_use", ["accepted_id"])
    _suppliers()
    _requests()
    for table, (columns, settled) in FROZEN.items():
        freeze(table, [*changed(columns), *([settled] if settled else [])])
    freeze("footprint_use", [])


def _suppliers() -> None:
    op.create_table(
        "supplier",
        *numbers("id", "organisation_id"),
        *texts("code", "name_zh", "name_en", "email", "contact"),
        *texts("partner"),
        *times("created"),
        *times("ended", nullable=True),
        *texts("reason"),
        foreign("supplier", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_supplier"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_supplier_organisation_id_code"),
    )
    op.create_table(
        "purchase",
        *numbers("id", "organisation_id", "supplier_id"),
        *texts("code", "name_zh", "name_en", "unit", "material", "their_id", "yearly_amount"),
        *times("created"),
        *times("ended", nullable=True),
        *texts("reason"),
        foreign("purchase", "organisation_id", "organisation"),
        foreign("purchase", "supplier_id", "supplier"),
        sa.PrimaryKeyConstraint("id", name="pk_purchase"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_purchase_organisation_id_code"),
    )
    op.create_index("ix_purchase_supplier_id", "purchase", ["supplier_id"])


def _requests() -> None:
    op.create_table(
        "footprint_request",
        *numbers("id", "organisation_id", "purchase_id"),
        *texts("method", "method_version", "boundary", "unit", "period_start", "period_end"),
        sa.Column("must_be_verified", sa.Boolean(), nullable=False),
        *texts("least_primary_percent", "note", "language"),
        *times("deadline", "expires"),
        *numbers("link"),
        *texts("token_sha256"),
        *numbers("reminders"),
        *times("reminded", nullable=True),
        *times("created"),
        *times("closed", nullable=True),
        *texts("reason"),
        check("footprint_request", "sha256_has_64_digits", "length(token_sha256) = 64"),
        check("footprint_request", "language_is_known", "language IN ('zh', 'en')"),
        foreign("footprint_request", "organisation_id", "organisation"),
        foreign("footprint_request", "purchase_id", "purchase"),
        sa.PrimaryKeyConstraint("id", name="pk_footprint_request"),
        sa.UniqueConstraint("token_sha256", name="uq_footprint_request_token_sha256"),
    )
    op.create_index("ix_footprint_request_organisation_id", "footprint_request", ["organisation_id"])
    op.create_index("ix_footprint_request_purchase_id", "footprint_request", ["purchase_id"])
    op.create_table(
        "footprint_answer",
        *numbers("id", "organisation_id", "request_id"),
        *texts("way", "answered_by", "file_name", "document_sha256", "offered", "findings"),
        sa.Column("from_organisation_id", sa.Integer(), nullable=True),
        *texts("from_footprint", "from_snapshot_sha"),
        *times("created"),
        *texts("state"),
        *times("decided", nullable=True),
        *texts("decided_by", "reason", "checks"),
        sa.Column("accepted_id", sa.Integer(), nullable=True),
        check("footprint_answer", "way_is_known", "way IN ('form', 'file', 'member', 'pact')"),
        check("footprint_answer", "state_is_known", "state IN ('received', 'accepted', 'rejected', 'replaced')"),
        check("footprint_answer", "decided_has_a_time", "(state = 'received') = (decided IS NULL)"),
        check("footprint_answer", "accepted_has_a_footprint", "(state = 'accepted') = (accepted_id IS NOT NULL)"),
        check("footprint_answer", "rejected_has_a_reason", "state <> 'rejected' OR reason <> ''"),
        check("footprint_answer", "sha256_has_64_digits", "length(document_sha256) = 64"),
        foreign("footprint_answer", "organisation_id", "organisation"),
        foreign("footprint_answer", "request_id", "footprint_request"),
        foreign("footprint_answer", "from_organisation_id", "organisation"),
        foreign("footprint_answer", "accepted_id", "accepted_footprint"),
        sa.PrimaryKeyConstraint("id", name="pk_footprint_answer"),
    )
    op.create_index("ix_footprint_answer_request_id", "footprint_answer", ["request_id"])
    op.create_index("ix_footprint_answer_from_organisation_id", "footprint_answer", ["from_organisation_id"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("footprint_answer", "footprint_request", "purchase", "supplier", "footprint_use"):
        op.drop_table(table)
    op.drop_table("accepted_footprint")
