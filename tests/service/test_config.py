"""Settings: read once, checked at start, the wrong variable named."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import config
from service.errors import ConfigurationInvalid, exit_code


def wrong(environ: dict[str, str]) -> set[str]:
    with pytest.raises(ConfigurationInvalid) as caught:
        config.load(environ)
    return {item.where for item in caught.value.wrong}


def test_without_any_variable_there_is_a_default_for_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = config.load({})
    assert found.data == tmp_path / "var"
    assert found.database_url == f"sqlite:///{tmp_path}/var/tanji.sqlite3"
    assert (found.language, found.bind, found.workers, found.max_upload_bytes) == (
        "zh_Hans",
        "127.0.0.1:8000",
        2,
        50 * 1024 * 1024,
    )
    assert found.signing_key is None
    assert not (tmp_path / "var").exists()  # reading settings makes nothing


def test_every_wrong_variable_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environ = {
        "DATABASE_URL": "mysql://u:secret@h/db",
        "TANJI_DATA": str(tmp_path / "file"),
        "TANJI_LANGUAGE": "fr",
        "TANJI_BIND": "0.0.0.0:8000",
        "TANJI_WORKERS": "0",
        "TANJI_BASE_URL": "ftp://example.org",
        "TANJI_MAX_UPLOAD_MB": "many",
        "TANJI_SIGNING_KEY": str(tmp_path / "none.p12"),
        "TANJI_LOG_LEVEL": "loud",
    }
    assert wrong(environ) == set(environ)
    with pytest.raises(ConfigurationInvalid) as caught:
        config.load(environ)
    assert "secret" not in str(caught.value)
    assert exit_code(caught.value) == 2


@pytest.mark.parametrize(
    "bind", ["0.0.0.0:8000", "192.168.1.5:80", "::", "localhost", "127.0.0.1:99999", "example.org:80"]
)
def test_only_loopback_is_served(bind: str) -> None:
    assert wrong({"TANJI_BIND": bind}) == {"TANJI_BIND"}


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "localhost:80", "[::1]:8080", "127.0.0.9:1"])
def test_every_loopback_address_is(bind: str) -> None:
    assert config.load({"TANJI_BIND": bind}).bind == bind


def test_a_scheduler_is_an_address() -> None:
    assert config.load({}).dask_scheduler == ""
    assert config.load({"DASK_SCHEDULER": "tcp://127.0.0.1:8786"}).dask_scheduler == "tcp://127.0.0.1:8786"
    assert wrong({"DASK_SCHEDULER": "127.0.0.1:8786"}) == {"DASK_SCHEDULER"}


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    assert config.load({"TANJI_SIGNING_PASSWORD_FILE": str(tmp_path / "password")}).signing_password == "hush"
    assert wrong({"TANJI_SIGNING_PASSWORD_FILE": str(tmp_path / "none")}) == {"TANJI_SIGNING_PASSWORD_FILE"}
    both = {"TANJI_SIGNING_PASSWORD": "a", "TANJI_SIGNING_PASSWORD_FILE": str(tmp_path / "password")}
    assert wrong(both) == {"TANJI_SIGNING_PASSWORD"}


def test_secrets_are_not_shown() -> None:
    found = config.load({"TANJI_SIGNING_PASSWORD": "hush", "DATABASE_URL": "postgresql://u:hush@h/db"})
    assert "hush" not in repr(found)


def test_the_table_in_the_docstring_lists_every_variable() -> None:
    assert config.__doc__ is not None
    assert [
        line.split()[0]
        for line in config.__doc__.splitlines()
        if line.startswith(("TANJI_", "DATABASE_", "DASK_", "REDIS_"))
    ] == list(config.VARIABLES)


def test_a_queue_has_an_address_and_its_password_is_not_repeated() -> None:
    assert config.load({}).redis_url == ""
    found = config.load({"REDIS_URL": "rediss://:secret@queue:6379/0", "TANJI_JOB_WORKERS": "3"})
    assert found.redis_url.startswith("rediss://")
    assert found.job_workers == 3
    assert "secret" not in repr(found)
    with pytest.raises(ConfigurationInvalid) as caught:
        config.load({"REDIS_URL": "amqp://:secret@queue"})
    assert "secret" not in str(caught.value)
    assert "amqp://…" in str(caught.value)


def test_webhooks_stay_outside_unless_the_settings_say_otherwise() -> None:
    assert config.load({}).webhook_loopback is False
    assert config.load({"TANJI_WEBHOOK_LOOPBACK": "yes"}).webhook_loopback is True
    assert wrong({"TANJI_WEBHOOK_LOOPBACK": "perhaps"}) == {"TANJI_WEBHOOK_LOOPBACK"}
