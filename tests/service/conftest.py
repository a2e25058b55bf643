"""What the tests of commands and of people share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from people_made import fill

from service.app import create_app
from service.cli import main
from service.config import Settings

Run = Callable[..., Result]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """A service with two organisations, three people of the first and a stranger in the second."""
    made = create_app(settings)
    with made.extensions["tanji"].database.session(write=True) as session:
        fill(session)
    yield made
    made.extensions["tanji"].database.dispose()


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a migrated, empty database, in English and in a directory of its own; it ends as it says."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANJI_LANGUAGE", "en")

    def invoke(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == code, (result.output, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke
