"""Long work, what happened, and who is told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
ENDED = {"event": "OLD.dispatched IS NOT NULL", "job": "OLD.state IN ('done', 'failed', 'cancelled')"}


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("kind", "subject", "payload", "payload_sha256"),
        _time("created", nullable=False),
        _time("dispatched"),
        _check("event", "sha256_has_64_digits", "length(payload_sha256) = 64"),
        _foreign("event", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("kind", "arguments", "arguments_sha256"),
        sa.Column("key", sa.String(), nullable=True),
        *_texts("made_by", "roles"),
        _time("created", nullable=False),
        *_texts("state"),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_texts("worker"),
        _time("heartbeat"),
        _time("started"),
        *_texts("step"),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        *_texts("result", "error"),
        _time("ended"),
        _check("job", "state_is_known", "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"),
        _check("job", "done_has_a_result", "(state = 'done') = (result <> '')"),
        _check("job", "failed_has_a_reason", "(state = 'failed') = (error <> '')"),
        _check("job", "sha256_has_64_digits", "length(arguments_sha256) = 64"),
        _foreign("job", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("organisation_id", "key", name="uq_job_organisation_id_key"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        *_texts("url", "secret", "kinds"),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_texts("made_by"),
        _time("created", nullable=False),
        _check("webhook", "wants_something", "kinds <> ''"),
        _foreign("webhook", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        *_texts("message"),
        _time("created", nullable=False),
        *_texts("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("next_try"),
        _time("last_try"),
        sa.Column("last_status", sa.Integer(), nullable=True),
        *_texts("last_answer"),
        _check("delivery", "state_is_known", "state IN ('pending', 'delivered', 'given_up')"),
        _check("delivery", "pending_is_due", "(state = 'pending') = (next_try IS NOT NULL)"),
        _foreign("delivery", "organisation_id", "organisation"),
        _foreign("delivery", "webhook_id", "webhook"),
        _foreign("delivery", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_delivery_webhook_id_event_id"),
        sa.UniqueConstraint("message", name="uq_delivery_message"),
    )
    for table in FROZEN:
        op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
        _freeze(table)
    for table in ("job", "delivery"):
        op.create_index(op.f(f"ix_{table}_state"), table, ["state"])


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in ("delivery", "webhook", "job", "event"):
        op.drop_table(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _freeze(table: str) -> None:
    differs = "IS DISTINCT FROM" if _is_postgresql() else "IS NOT"
    changed = [f'OLD."{name}" {differs} NEW."{name}"' for name in FROZEN[table]]
    condition = " OR ".join([*changed, *([ENDED[table]] if table in ENDED else [])])
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
