"""What migrations are written with: columns, constraints, and the triggers that keep what is recorded as it was."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op


def numbers(*names: str) -> list[sa.Column[int]]:
    """Return columns of whole numbers that always say something."""
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def texts(*names: str) -> list[sa.Column[str]]:
    """Return columns of text that may be empty but never null."""
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def times(*names: str, nullable: bool = False) -> list[sa.Column[sa.DateTime]]:
    """Return columns of times in UTC."""
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """Return a condition that every row keeps, under the name that the models give it."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a column that names a row of another table by its id."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def changed(columns: Iterable[str]) -> list[str]:
    """Return, for a trigger, that one of these columns would say something else."""
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"  # SQLite knows the standard's words since 3.39 only
    return [f'OLD."{name}" {differs} NEW."{name}"' for name in columns]


def refuse(table: str, verb: str) -> None:
    """Refuse ``verb`` (UPDATE, DELETE, TRUNCATE) for all rows of ``table``."""
    if is_postgresql():
        body = "FOR EACH STATEMENT EXECUTE FUNCTION tanji_append_only()"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {body}")


def refuse_where(table: str, conditions: Iterable[str]) -> None:
    """Refuse to change rows of ``table`` where one of the conditions holds."""
    condition = " OR ".join(conditions)
    if is_postgresql():
        body = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION tanji_append_only()"
    else:
        body = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {body}")


def refuse_to_forget(table: str) -> None:
    """Refuse to delete rows of ``table``, one by one or all together."""
    refuse(table, "DELETE")
    if is_postgresql():
        refuse(table, "TRUNCATE")


def freeze(table: str, conditions: Iterable[str]) -> None:
    """Refuse to delete rows of ``table``, and to change them where one of the conditions holds; always, without any."""
    refuse_where(table, [*conditions] or ["1 = 1"])
    refuse_to_forget(table)


def is_postgresql() -> bool:
    """Tell which of the two databases is migrated."""
    return op.get_bind().dialect.name == "postgresql"
