"""Many activity data in one request: all or none, every wrong field by its row, one question for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from service.activities.many import MOST

BASE = "/api/v1/organisations"
LING = f"{BASE}/ling"
BULK = f"{LING}/activities/bulk"


def row(month: int = 1, **more: Any) -> dict[str, Any]:
    last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    period = {"start": f"2025-{month:02}-01", "end": f"2025-{month:02}-{last}"}
    return {"site": "works", "activity": "electricity", "amount": "1200.50", "unit": "kWh", **period, **more}


WRONG = [row(2, amount=1), row(3, activity="electricty", unit="kWq"), "nothing", row(4, site="none", colour="red")]
PLACES = {"rows.1.amount", "rows.2.activity", "rows.2.unit", "rows.3", "rows.4.site", "rows.4.colour"}


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    for code in ("ling", "chen"):
        assert client.post(BASE, json={"code": code, "name_zh": code}).status_code == 201
        site = {"code": "works", "name_zh": "一厂", "region": "广东"}
        assert client.post(f"{BASE}/{code}/sites", json=site).status_code == 201
    return client


def held(client: FlaskClient) -> list[tuple[int, str]]:
    return [(one["id"], one["amount"]) for one in client.get(f"{LING}/activities").json]


def test_one_wrong_row_keeps_all_out_and_every_wrong_field_is_named(ling: FlaskClient) -> None:
    answer = ling.post(BULK, json={"rows": [row(), *WRONG, row(6, end="2024-01-01")]})
    assert (answer.status_code, answer.json["code"]) == (422, "input-invalid")
    named = {one["field"] for one in answer.json["errors"]}
    assert "rows.5.end" in named  # an order of dates, too, though others are wrong
    named -= {"rows.5.end"}
    assert named == PLACES - {"rows.4.site"}  # a row that has not the form of one is not looked up
    assert held(ling) == []


def test_the_rows_without_errors_are_stored_where_that_is_asked_for(ling: FlaskClient) -> None:
    answer = ling.post(BULK, json={"rows": [row(), *WRONG, row(5, name="合计")], "skip_errors": True})
    assert answer.status_code == 201, answer.json
    results = answer.json["results"]
    assert [answer.json[state] for state in ("stored", "held", "refused")] == [2, 0, 4]
    assert [one["row"] for one in results] == list(range(6))
    assert [one["state"] for one in results] == ["stored", *["refused"] * 4, "stored"]
    assert {item["field"] for one in results for item in one["errors"]} == PLACES - {"rows.4.site"}
    assert [one["code"] for one in results[5]["warnings"]] == ["row-is-sum"]
    assert held(ling) == [(results[0]["id"], "1200.50"), (results[5]["id"], "1200.50")]


def test_what_is_held_already_is_told_with_its_id_and_replaced_with_a_reason_alone(ling: FlaskClient) -> None:
    first = ling.post(BULK, json={"rows": [row(1), row(2)]}).json["results"]
    again = ling.post(BULK, json={"rows": [row(2), row(3)]}).json["results"]
    assert [(one["state"], one["id"]) for one in again] == [("held", first[1]["id"]), ("stored", 3)]
    other = {"rows": [row(4), row(1, amount="7")]}
    refused = ling.post(BULK, json=other)
    assert (refused.status_code, refused.json["code"]) == (409, "duplicates-differ")
    assert [one["field"] for one in refused.json["errors"]] == ["rows.1"]
    assert len(held(ling)) == 3
    replaced = ling.post(BULK, json={**other, "reason": "the meter was read again"}).json["results"]
    assert [one["state"] for one in replaced] == ["stored", "stored"]
    assert ling.get(f"{LING}/activities/{first[0]['id']}").json["replaced_by"] == replaced[1]["id"]


def test_rows_that_contradict_each_other_are_refused(ling: FlaskClient) -> None:
    answer = ling.post(BULK, json={"rows": [row(), row()]})
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, ["rows.1"])
    assert "the same as row 0" in answer.json["errors"][0]["message"]


def test_a_closed_period_and_another_organisations_site_are_refused(ling: FlaskClient) -> None:
    ling.post(f"{LING}/periods", json={"start": "2025-01-01", "end": "2025-12-31"})
    assert ling.post(BULK, json={"rows": [row()]}).json["code"] == "period-closed"
    ling.post(f"{BASE}/chen/sites", json={"code": "kiln", "name_zh": "二厂", "region": "广东"})
    answer = ling.post(BULK, json={"rows": [row(site="kiln")]})
    assert [one["code"] for one in answer.json["errors"]] == ["site-unknown"]


@pytest.mark.parametrize("rows", [[], "rows", None, [{}] * (MOST + 1)])
def test_nothing_and_too_much_are_refused(ling: FlaskClient, rows: Any) -> None:
    answer = ling.post(BULK, json={"rows": rows})
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, ["rows"])


@contextmanager
def statements(client: FlaskClient) -> Iterator[list[str]]:
    engine = client.application.extensions["tanji"].database.engine
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_a_thousand_rows_cost_no_more_questions_than_ten(ling: FlaskClient) -> None:
    counts = []
    for year, number in ((2020, 10), (2015, 1000)):
        days = [str(date(year, 1, 1) + timedelta(days)) for days in range(number)]
        rows = [row(start=day, end=day, name=f"meter {year}") for day in days]
        with statements(ling) as asked:
            assert ling.post(BULK, json={"rows": rows}).json["stored"] == number
        # How many nodes of the log's tree are read depends on its length alone.
        counts.append([one.split()[0] for one in asked if "FROM audit_entry" not in one])
    assert counts[0] == counts[1]
