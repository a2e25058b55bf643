"""Run by Alembic: with the connection it is given, or with the one the settings name."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from migrations import metadata
from service import config, db


def run(connection: Connection) -> None:
    """Migrate on ``connection``, inside the transaction of the caller."""
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        render_as_batch=True,  # SQLite cannot alter a column; Alembic copies the table instead
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = db.connect(config.load())
    with database.engine.execution_options(tanji_write=True).begin() as own:
        run(own)
    database.dispose()
