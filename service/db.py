"""The database: engine, transactions, migrations.

A session is opened either for reading or for writing. SQLite gives a writer its lock at once (BEGIN
IMMEDIATE), so that two writers wait for each other instead of failing half-way; a reader takes no
lock and cannot write. Everything a block does is committed at its end, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from service.config import WRONG_DATABASE, Settings
from service.errors import ConfigurationInvalid, DatabaseOutdated, DatabaseUnavailable
from service.i18n import Text

# How long a writer waits for another one, in milliseconds.
BUSY_TIMEOUT_MS = 60_000

PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "journal_mode=WAL",  # readers and a writer do not wait for each other
    "foreign_keys=ON",
    "recursive_triggers=ON",  # INSERT OR REPLACE must not slip past the append-only triggers
    "cache_size=-65536",  # KiB; an import of a million rows touches few pages twice
)

# Set before the first table is declared: constraints need names to be dropped by, on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_current: ContextVar[Session | None] = ContextVar("session", default=None)


class Database:
    """One database and its pool of connections."""

    def __init__(self, url: str) -> None:
        self.url = with_driver(url)
        self.engine = _engine(self.url)
        self._writer = self.engine.execution_options(tanji_write=True)
        # A reader sees one moment of the data, however many questions it asks.
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(**snapshot)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def open(self, *, write: bool) -> Session:
        """Return a session that the caller commits or rolls back, and closes."""
        return Session(self._writer if write else self._reader, expire_on_commit=False)

    @contextmanager
    def session(self, *, write: bool) -> Iterator[Session]:
        """Give a session to a job or command: committed at the end, rolled back when the block fails."""
        with self.open(write=write) as opened, using(opened):
            yield opened
            opened.commit()

    def check(self) -> None:
        """Make sure that the tables are those of this program.

        Raises:
            DatabaseOutdated: ``tanji init`` has not been run since the program changed.
        """
        found, needed = self.revision(), head()
        if found != needed:
            raise DatabaseOutdated(found=found or "-", needed=needed)

    def revision(self) -> str:
        """Return the revision of the tables, '' when there are none."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return ""
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")

    def dispose(self, *, close: bool = True) -> None:
        """Forget the pooled connections; a forked process must not ``close`` those of its parent."""
        self.engine.dispose(close=close)


@contextmanager
def answering() -> Iterator[None]:
    """Say in one sentence, without its address and password, that the database inside the block does not answer.

    Raises:
        DatabaseUnavailable: it cannot be reached, opened or locked, or has no room.
    """
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnavailable(error.orig) from None


def connect(settings: Settings) -> Database:
    """Return the database that the settings name; the directory of an embedded one is made, for its owner alone.

    Raises:
        ConfigurationInvalid: an address that cannot be read, or of a driver that is not installed.
        DatabaseUnavailable: the directory cannot be made.
    """
    database = Database(settings.database_url)
    file = database.engine.url.database
    if database.is_sqlite and file:
        try:
            Path(file).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnavailable(error) from None
    return database


def with_driver(url: str) -> str:
    """Name psycopg 3 as the driver of a PostgreSQL URL that names none (or says ``postgres:``)."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, ValueError, ImportError):
        # What SQLAlchemy says of it repeats parts of the address, which may be parts of the password.
        wrong = Text(WRONG_DATABASE, value=f"{url.partition('://')[0]}://…")
        raise ConfigurationInvalid([("DATABASE_URL", wrong)]) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, too late and never IMMEDIATE; _on_begin does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    write = bool(connection.get_execution_options().get("tanji_write"))
    # By the driver itself: every request begins here, and there is nothing to compile.
    driver: Any = connection.connection.driver_connection
    if connection.info.get("tanji_write") is not write:
        driver.execute(f"PRAGMA query_only={'OFF' if write else 'ON'}")
        connection.info["tanji_write"] = write
    driver.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def using(opened: Session) -> Iterator[Session]:
    """Make ``opened`` the session of this request, job or command inside the block."""
    token = _current.set(opened)
    try:
        yield opened
    finally:
        _current.reset(token)


def session() -> Session:
    """Return the session of this request, job or command.

    Raises:
        RuntimeError: there is none; a programming mistake.
    """
    current = _current.get()
    if current is None:
        raise RuntimeError("no session is open here")
    return current


def lock(opened: Session, name: str) -> None:
    """Let no other writer do ``name`` until this transaction ends.

    SQLite's only writer is alone already. On PostgreSQL this is what keeps two imports from both
    finding that a row is new, and two audit entries from taking the same place.
    """
    if opened.get_bind().dialect.name == "postgresql":
        opened.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"tanji:{name}"})


def aware(moment: datetime) -> datetime:
    """Return a time of the database in UTC; SQLite keeps no time zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def after_commit(opened: Session, call: Callable[[], object]) -> None:
    """Do ``call`` once what this transaction does is there for others to see; never, where it is rolled back."""

    def committed(_: Session) -> None:
        event.remove(opened, "after_rollback", rolled_back)
        call()

    def rolled_back(_: Session) -> None:
        event.remove(opened, "after_commit", committed)

    event.listen(opened, "after_commit", committed, once=True)
    event.listen(opened, "after_rollback", rolled_back, once=True)


def _alembic(connection: Connection | None = None) -> Any:
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest revision that this program carries; migrations are numbered."""
    # Asking Alembic would cost every command a third of a second of imports.
    import migrations

    versions = Path(migrations.__file__).parent / "versions"
    return max(path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py"))


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables of the database at ``url`` up to ``revision``, all of it or nothing."""
    _migrate(url, "upgrade", revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the tables of the database at ``url`` down to ``revision`` (``base`` for none)."""
    _migrate(url, "downgrade", revision)


def _migrate(url: str, verb: str, revision: str) -> None:
    from alembic import command

    database = Database(url)
    try:
        with database.engine.execution_options(tanji_write=True).begin() as connection:
            getattr(command, verb)(_alembic(connection), revision)
    finally:
        database.dispose()
