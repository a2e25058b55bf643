"""The application as a whole: pages, health, security, transactions, languages, logs."""

from __future__ import annotations

import json
import logging

import pytest
from flask.testing import FlaskClient
from make import NOW
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service import config, db, logs
from service.app import create_app
from service.config import Settings
from service.errors import DatabaseOutdated
from service.http import MESSAGES, house

ORGANISATION = {"code": "ling", "name_zh": "灵铝再生", "name_en": "Ling Recycling"}


def test_it_is_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}
    ready = client.get("/ready")
    assert ready.status_code == 200
    assert ready.json == {"status": "ok", "library": client.application.extensions["tanji"].library.version}


def test_it_is_not_ready_without_its_tables(client: FlaskClient, settings: Settings) -> None:
    db.downgrade(settings.database_url, "base")
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200


def test_it_is_not_ready_while_a_migration_is_missing(client: FlaskClient, settings: Settings) -> None:
    """All tables are there; only the number says that they are those of an older program."""
    database = db.connect(settings)
    with database.session(write=True) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    database.dispose()
    answer = client.get("/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "database outdated"})
    assert client.get("/health").status_code == 200


def test_it_does_not_start_on_an_old_database(empty_url: str) -> None:
    with pytest.raises(DatabaseOutdated):
        create_app(config.load({"DATABASE_URL": empty_url}))


def test_the_first_page_lists_what_there_is(client: FlaskClient) -> None:
    assert "tanji demo" in client.get("/?language=en").text
    client.post("/api/v1/organisations", json=ORGANISATION)
    english, chinese = client.get("/?language=en").text, client.get("/?language=zh").text
    assert "Ling Recycling" in english
    assert "No inventory has been computed yet." in english
    assert "灵铝再生" in chinese
    assert "No inventory" not in chinese


def test_the_language_follows_the_reader(client: FlaskClient) -> None:
    english = client.get("/api/v1/organisations/nobody", headers={"Accept-Language": "en-GB"}).json
    chinese = client.get("/api/v1/organisations/nobody", headers={"Accept-Language": "zh-TW, en;q=0.5"}).json
    assert english["detail"] == "there is no organisation 'nobody'"
    assert chinese["detail"] == "没有这个组织：“nobody”"
    assert english["code"] == chinese["code"] == "not-found"


def test_security_headers_stand_on_every_answer(client: FlaskClient) -> None:
    for path in ("/", "/health", "/static/tanji.css", "/api/openapi.json", "/api/v1/nothing", "/nothing"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/api/v1/organisations").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_page_of_another_site_changes_nothing(headers: dict[str, str], client: FlaskClient) -> None:
    answer = client.post("/api/v1/organisations", json=ORGANISATION, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "cross-site")
    assert client.get("/api/v1/organisations").json == []


def test_the_own_page_may(client: FlaskClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/organisations", json=ORGANISATION, headers=headers).status_code == 201


def test_another_name_for_this_machine_is_refused(client: FlaskClient) -> None:
    """DNS rebinding: a page elsewhere makes its own name point to 127.0.0.1."""
    for path in ("/", "/api/v1/organisations"):
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/health", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_what_is_too_large_is_refused(client: FlaskClient) -> None:
    client.post("/api/v1/organisations", json=ORGANISATION)
    body = b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n" + b"x" * 1_200_000 + b"\r\n--x--\r\n"
    path, kind = "/api/v1/organisations/ling/evidence", "multipart/form-data; boundary=x"
    answer = client.post(path, data=body, content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_an_answer_of_400_and_more_leaves_nothing(client: FlaskClient) -> None:
    """The second statement of the request fails; the first is rolled back with it."""
    app = client.application

    @app.post("/api/v1/test/half")
    def half() -> tuple[str, int]:
        from make import organisation

        from service.accounts import actions

        actions.create(db.session(), actions.HOUSE, organisation(), NOW)
        return "no", 400

    assert client.post("/api/v1/test/half").status_code == 400
    assert client.get("/api/v1/organisations").json == []


def test_what_nobody_expected_is_told_without_details(client: FlaskClient) -> None:
    app = client.application
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/api/v1/test/boom")
    def boom() -> str:
        raise ZeroDivisionError("the secret recipe")

    answer = client.get("/api/v1/test/boom")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "recipe" not in answer.text


def test_a_database_that_does_not_answer_is_503(client: FlaskClient) -> None:
    app = client.application

    @app.get("/api/v1/test/gone")
    def gone() -> str:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    answer = client.get("/api/v1/test/gone")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


def test_a_wrong_address_is_a_page_for_people_and_a_problem_for_programs(client: FlaskClient) -> None:
    page, problem = client.get("/nothing"), client.get("/api/v1/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert MESSAGES[404][1] in page.text
    assert (problem.status_code, problem.mimetype, problem.json["code"]) == (
        404,
        "application/problem+json",
        "not-found",
    )


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/organisations")
    assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_reading_takes_no_lock(client: FlaskClient) -> None:
    """While somebody writes, pages and lists still answer."""
    with client.application.app_context():
        database = house().database
    with database.session(write=True) as session:
        session.execute(text("SELECT 1"))
        assert client.get("/").status_code == 200
        assert client.get("/api/v1/organisations").json == []


# --- logs ----------------------------------------------------------------------------------------


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> object:
    logs.configure("info")

    def read() -> list[dict[str, object]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return read


def test_a_request_is_one_line_of_json_without_its_query(client: FlaskClient, log_lines) -> None:  # type: ignore[no-untyped-def]
    client.get("/api/v1/factors?q=secret-word")
    (line,) = [line for line in log_lines() if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/api/v1/factors", 200, "info")
    assert "secret-word" not in json.dumps(line)


def test_secrets_do_not_reach_the_log(log_lines) -> None:  # type: ignore[no-untyped-def]
    logs.get("test").info(
        "start",
        url="postgresql://ling:hush@db/tanji",
        signing_password="hush",
        nested={"token": "hush", "n": ["hush?"]},
    )
    logging.getLogger("foreign").warning("connecting to postgresql://ling:%s@db/tanji", "hush")
    first, second = log_lines()
    assert first["url"] == "postgresql://ling:***@db/tanji"
    assert (first["signing_password"], first["nested"]) == ("***", {"token": "***", "n": ["hush?"]})
    assert "hush" not in json.dumps(second)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("postgresql://ling:hu/sh@db/tanji", "postgresql://ling:***@db/tanji"),
        ("postgresql+psycopg://ling:hu@sh@db/tanji", "postgresql+psycopg://ling:***@db/tanji"),
        ("postgresql://ling:hu%2Fs%40h@db/tanji", "postgresql://ling:***@db/tanji"),
        ("postgresql://ling:hu sh:@/@db:5432/tanji failed", "postgresql://ling:***@db:5432/tanji failed"),
        ("postgresql://ling@works:hush@db/tanji", "postgresql://ling@works:***@db/tanji"),
        ("postgresql://:hush@db/tanji", "postgresql://:***@db/tanji"),
        ("postgresql://db/tanji?user=ling&password=hu%40sh&sslmode=require", None),
        ("host=db user=ling password='hu sh' dbname=tanji", "host=db user=ling password=*** dbname=tanji"),
        ("sqlite:////data/tanji.sqlite3", "sqlite:////data/tanji.sqlite3"),
        ("http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8000/api/v1"),
    ],
)
def test_a_password_in_an_address_is_hidden_whatever_it_holds(said: str, told: str | None) -> None:
    expected = told or "postgresql://db/tanji?user=ling&password=***&sslmode=require"
    assert logs.hidden([said]) == [expected]


def test_a_password_in_a_traceback_is_hidden(log_lines) -> None:  # type: ignore[no-untyped-def]
    try:
        raise ValueError("cannot reach postgresql://ling:hu/s@h@db/tanji")
    except ValueError:
        logs.get("test").exception("failed")
    (line,) = log_lines()
    assert "ling:***@db" in line["exception"]
    assert "hu/s" not in json.dumps(line)
