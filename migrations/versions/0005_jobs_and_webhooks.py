"""Long work, what happened, and who is told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, check, foreign, freeze, texts, times

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Columns that never change; of an event all but the time at which it was dispatched, which is said once.
FROZEN = {
    "event": ("organisation_id", "kind", "subject", "payload", "payload_sha256", "created"),
    "job": (*("organisation_id", "kind", "arguments", "arguments_sha256", "key", "made_by", "roles", "created"),),
    "webhook": ("organisation_id", "url", "made_by", "created"),
    "delivery": ("organisation_id", "webhook_id", "event_id", "message", "created"),
}
# When nothing may change any more.
ENDED = {"event": ["OLD.dispatched IS NOT NULL"], "job": ["OLD.state IN ('done', 'failed', 'cancelled')"]}


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("kind", "subject", "payload", "payload_sha256"),
        *times("created"),
        *times("dispatched", nullable=True),
        check("event", "sha256_has_64_digits", "length(payload_sha256) = 64"),
        foreign("event", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("kind", "arguments", "arguments_sha256"),
        sa.Column("key", sa.String(), nullable=True),
        *texts("made_by", "roles"),
        *times("created"),
        *texts("state"),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *texts("worker"),
        *times("heartbeat", nullable=True),
        *times("started", nullable=True),
        *texts("step"),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        *texts("result", "error"),
        *times("ended", nullable=True),
        check("job", "state_is_known", "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"),
        check("job", "done_has_a_result", "(state = 'done') = (result <> '')"),
        check("job", "failed_has_a_reason", "(state = 'failed') = (error <> '')"),
        check("job", "sha256_has_64_digits", "length(arguments_sha256) = 64"),
        foreign("job", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("organisation_id", "key", name="uq_job_organisation_id_key"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *texts("url", "secret", "kinds"),
        sa.Column("active", sa.Boolean(), nullable=False),
        *texts("made_by"),
        *times("created"),
        check("webhook", "wants_something", "kinds <> ''"),
        foreign("webhook", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        *texts("message"),
        *times("created"),
        *texts("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        *times("next_try", nullable=True),
        *times("last_try", nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        *texts("last_answer"),
        check("delivery", "state_is_known", "state IN ('pending', 'delivered', 'given_up')"),
        check("delivery", "pending_is_due", "(state = 'pending') = (next_try IS NOT NULL)"),
        foreign("delivery", "organisation_id", "organisation"),
        foreign("delivery", "webhook_id", "webhook"),
        foreign("delivery", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_delivery_webhook_id_event_id"),
        sa.UniqueConstraint("message", name="uq_delivery_message"),
    )
    for table, columns in FROZEN.items():
        op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
        freeze(table, [*changed(columns), *ENDED.get(table, ())])
    for table in ("job", "delivery"):
        op.create_index(op.f(f"ix_{table}_state"), table, ["state"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("delivery", "webhook", "job", "event"):
        op.drop_table(table)
