"""Databases for the tests: SQLite always, PostgreSQL whenever it answers, and in CI it must."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient

from service import config, db, i18n
from service.config import Settings
from service.translations import catalogue

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/{}"


def _answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", 5432), timeout=1):
            return True
    except OSError:
        return False


def _databases() -> list[str]:
    # CI without PostgreSQL must fail, not pass on half of the promise.
    return ["sqlite", "postgresql"] if _answers() or os.environ.get("CI") == "true" else ["sqlite"]


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    """Compile the translations, as `make setup` does."""
    catalogue.compile_all()


@pytest.fixture(autouse=True)
def _english() -> None:
    """Every test begins in English, whatever language the one before it spoke."""
    i18n.set_language("en")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "tanji.sqlite3"
    db.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgresql_template() -> Iterator[str]:
    name = f"tanji_test_{os.getpid()}_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name}")
    db.upgrade(POSTGRESQL.format(name))
    yield name
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=_databases())
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, on each database in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    name = f"tanji_test_{os.getpid()}_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name}")
    yield POSTGRESQL.format(name)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=_databases())
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, a new one for each test, on each database in turn."""
    if request.param == "sqlite":
        path = tmp_path / "tanji.sqlite3"
        shutil.copy(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("_postgresql_template")
    name = f"{template}_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield POSTGRESQL.format(name)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[db.Database]:
    """A migrated, empty database."""
    opened = db.Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[db.Database]:
    """A migrated, empty database for tests that do not depend on which one it is."""
    path = tmp_path / "tanji.sqlite3"
    shutil.copy(_sqlite_template, path)
    opened = db.Database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


def _administer(statement: str) -> None:
    with psycopg.connect(POSTGRESQL.format("postgres"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a service on a migrated, empty database."""
    given = {"DATABASE_URL": database_url, "TANJI_DATA": str(tmp_path / "data"), "TANJI_LANGUAGE": "en"}
    return config.load({**given, "TANJI_MAX_UPLOAD_MB": "1", "TANJI_LOG_LEVEL": "error"})


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    """A client whose requests this machine's operator makes, on each database in turn."""
    from tests.machine import application

    app = application(settings)
    yield app.test_client()
    app.extensions["tanji"].database.dispose()
