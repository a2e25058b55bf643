"""A buyer asks, a supplier answers by a link, rules admit; what rests on it is found again and flagged."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html as lxml_html
from make import NOW, bo, chen, ling, organisation, product, tampering
from sqlmodel import Session

from factors.library import Library
from factors.library import load as load_library
from lca import admission
from lca.errors import ModelInvalid
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.accounts.rights import OWNER, READER
from service.activities.refusals import Limits
from service.calculations import footprint_runs
from service.errors import InputInvalid, NotAllowed, NotFound, ReasonMissing
from service.exchange import tracing
from service.fsck import fsck
from service.products import accepted
from service.products import actions as products
from service.products.refusals import ModelFileInvalid
from service.suppliers import actions, answers, comparison, overview, requests, told
from service.suppliers.actions import NewPurchase, NewSupplier
from service.suppliers.answers import (
    AdmissionDoubted,
    AdmissionRefused,
    AnswersTooMany,
    AnswerUnreadable,
    OneFootprintNeeded,
)
from service.suppliers.models import FootprintRequest
from service.suppliers.requests import LinkEnded, NewRequest

KEY = "k" * 64
STATED = {
    "zh": "铝锭", "unit": "kg", "kgco2e": "1.5", "method": "pact.3.0", "gwp_set": "AR6", "boundary": "cradle_to_gate",
    "period_end": "2025-12-31", "primary_data_share": "60",
}  # fmt: skip
ASKED = NewRequest("ingot", "pact.3.0", "2025-01-01", "2025-12-31", "2026-06-30")


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def buying(session: Session, library: Library) -> Actor:
    """Ling, who buys ingots of Hong."""
    actor = ling(session)
    actions.put_supplier(session, actor, NewSupplier("hong", "弘图", "Hong", "hong@s.example"), NOW)
    bought = NewPurchase("ingot", "铝锭", "Ingot", material="aluminium_secondary")
    actions.put_purchase(session, actor, "hong", bought, library, NOW)
    return actor


def ask(session: Session, actor: Actor, **more: Any) -> tuple[FootprintRequest, str]:
    return requests.ask(session, actor, replace(ASKED, **more), KEY, NOW)


def answer(session: Session, request: FootprintRequest, **more: str) -> int:
    sent = answers.of_form({**STATED, **more})
    row = answers.receive(session, answers.holder(session, request), request, sent, NOW)
    return row.id or 0


def door(code: str, **more: Any) -> dict[str, Any]:
    """1 kg of casting of 1 / 0.8 kg of ingot."""
    made = product("door", suppliers=[], **more)
    made["parts"][0]["from"] = {"supplier": code}
    return made


def study(method: str = "pact.3.0", reason: str = "") -> footprint_runs.Study:
    return footprint_runs.Study("door", method, reason)


def test_an_accepted_footprint_is_used_found_again_and_flagged(
    database: db.Database, library: Library, tmp_path: Path
) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, token = ask(session, actor)
        assert requests.find(session, token, NOW).id == request.id
        number = answer(session, request)
        _, first = answers.accept(session, actor, number, library, NOW)
        assert first.code == "hong.ingot.1"

        products.put_model(session, actor, door("hong.ingot.1"), "door.yaml", NOW)
        row = footprint_runs.run(session, actor, study(), library, NOW)
        # 1 kg / 0.8 x 1.5 kg CO2e/kg = 1.875 kg CO2e.
        assert float(row.total_kgco2e) == pytest.approx(1.875)
        found = tracing.impact(session, actor, "hong.ingot.1")
        assert found["models"] == [{"product": "door", "version": 1}]
        assert [(one["id"], float(one["of_it_kgco2e"])) for one in found["studies"]] == [(row.id, 1.875)]
        assert footprint_runs.flags(session, actor, row.id) == []

        second_request, _ = ask(session, actor)
        _, second = answers.accept(session, actor, answer(session, second_request, kgco2e="1.6"), library, NOW)
        assert (first.end_kind, first.superseded_by, second.code) == ("corrected", second.id, "hong.ingot.2")
        flag = {"supplier": "hong.ingot.1", "kind": "corrected", "reason": "hong.ingot.2"}
        assert footprint_runs.flags(session, actor, row.id) == [flag]
        with pytest.raises(ModelInvalid, match=r"hong\.ingot\.2"):
            footprint_runs.run(session, actor, study(reason="again"), library, NOW)

        products.put_model(session, actor, door("hong.ingot.2"), "door.yaml", NOW, reason="corrected")
        later = footprint_runs.run(session, actor, study(reason="corrected"), library, NOW)
        # 1.6 / 0.8 = 2.
        assert float(later.total_kgco2e) == pytest.approx(2.0)
        traced = tracing.trace(session, actor, later.id)
        (line,) = traced["lines"]
        assert line["supplier"]["document_sha256"] == second.document_sha256
        assert traced["flags"] == []
    with database.session(write=False) as session:
        assert fsck(session, tmp_path) == []


def test_a_note_of_use_that_the_snapshot_does_not_bear_out_is_found(
    database: db.Database, library: Library, tmp_path: Path
) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        for number in ("1.5", "1.55"):
            request, _ = ask(session, actor)
            answers.accept(session, actor, answer(session, request, kgco2e=number), library, NOW)
        products.put_model(session, actor, door("hong.ingot.2"), "door.yaml", NOW)
        footprint_runs.run(session, actor, study(), library, NOW)
    with tampering(database) as session:
        from sqlalchemy import text

        session.execute(text("UPDATE footprint_use SET accepted_id = (SELECT min(id) FROM accepted_footprint)"))
    with database.session(write=False) as session:
        assert [one.code for one in fsck(session, tmp_path)] == ["use-differs"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "pcf.iso14067_2018"}, "method"),
        ({"boundary": "cradle_to_grave"}, "boundary"),
        ({"gwp_set": "AR5"}, "gwp-set"),
        ({"unit": "m3"}, "unit"),
        ({"period_end": "2022-12-31"}, "expired"),
    ],
)
def test_what_breaks_a_rule_is_never_accepted(
    database: db.Database, library: Library, change: dict[str, str], code: str
) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        number = answer(session, request, **change)
        with pytest.raises(AdmissionRefused) as refused:
            answers.accept(session, actor, number, library, NOW, reason="please")
        assert [one.code for one in refused.value.wrong] == [code]
        assert accepted.accepted(session, actor) == []
        row = answers.reject(session, actor, number, library, NOW, reason="not as asked")
        assert (row.state, row.reason) == ("rejected", "not as asked")
        with pytest.raises(NotFound):
            answers.accept(session, actor, number, library, NOW)


def test_of_two_who_decide_at_once_the_later_finds_it_decided(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        number = answer(session, request)

    def reject() -> None:
        with database.session(write=True) as later:
            answers.reject(later, actor, number, library, NOW, reason="no")

    with ThreadPoolExecutor(1) as pool:
        with database.session(write=True) as session:
            answers.accept(session, actor, number, library, NOW)
            rejected = pool.submit(reject)
            with pytest.raises(TimeoutError):
                rejected.result(0.5)
        with pytest.raises(NotFound):
            rejected.result(10)


@pytest.mark.parametrize("is_corrected", [True, False])
def test_who_withdraws_what_another_ends_at_once_finds_it_ended(
    database: db.Database, library: Library, tmp_path: Path, is_corrected: bool
) -> None:
    """One is corrected by an answer, or withdrawn, while another withdraws it."""
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        answers.accept(session, actor, answer(session, request), library, NOW)
        number = answer(session, request, kgco2e="1.51")

    def withdraw() -> None:
        with database.session(write=True) as later:
            accepted.withdraw(later, actor, "hong.ingot.1", "no", NOW)

    with ThreadPoolExecutor(1) as pool:
        with database.session(write=True) as session:
            if is_corrected:
                answers.accept(session, actor, number, library, NOW, reason="as before")
            else:
                accepted.withdraw(session, actor, "hong.ingot.1", "first", NOW)
            withdrawn = pool.submit(withdraw)
            with pytest.raises(TimeoutError):
                withdrawn.result(0.5)
        with pytest.raises(NotFound):
            withdrawn.result(10)
    with database.session(write=False) as session:
        kind = "corrected" if is_corrected else "withdrawn"
        assert accepted.show(session, actor, "hong.ingot.1").end_kind == kind
        assert fsck(session, tmp_path) == []


def test_a_doubt_is_answered_by_a_reason_that_stays(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        number = answer(session, request, kgco2e="5")
        with pytest.raises(AdmissionDoubted) as doubted:
            answers.accept(session, actor, number, library, NOW)
        assert [one.code for one in doubted.value.wrong] == ["range-outside"]
        row, _ = answers.accept(session, actor, number, library, NOW, reason="small furnace, bills seen")
        assert row.reason == "small furnace, bills seen"
        kept = {one["id"]: one["verdict"] for one in json.loads(row.checks)}
        assert kept["range-outside"] == "doubted"


def test_a_link_is_good_for_one_request_until_it_ends(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, token = ask(session, actor)
        assert token not in json.dumps([row.model_dump(mode="json") for row in requests.requests(session, actor)])
        for wrong in ("", token[:-1], token + "x", "x" * 43):
            with pytest.raises(LinkEnded):
                requests.find(session, wrong, NOW)
        late = NOW + timedelta(days=150 + 31)
        with pytest.raises(LinkEnded):
            requests.find(session, token, late)
        _, other = requests.renew(session, actor, request.id or 0, KEY, NOW)
        with pytest.raises(LinkEnded):
            requests.find(session, token, NOW)
        assert requests.find(session, other, NOW).id == request.id
        with pytest.raises(ReasonMissing):
            requests.close(session, actor, request.id or 0, " ", NOW)
        requests.close(session, actor, request.id or 0, "bought elsewhere", NOW)
        with pytest.raises(LinkEnded):
            requests.find(session, other, NOW)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("boundary", {"boundary": "gate_to_nowhere"}),
        ("method", {"method": "none.1"}),
        ("method", {"method": "cbam.2025_2547"}),  # it is computed from data of an installation, not of a product
    ],
)
def test_everything_wrong_with_a_request_is_told_at_once(
    database: db.Database, library: Library, place: str, wrong: dict[str, str]
) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        with pytest.raises(InputInvalid) as told:
            ask(
                session, actor, **wrong, period_start="2025", period_end="x", deadline="2026-01-31",
                least_primary_percent="101",
            )  # fmt: skip
        places = [one.where for one in told.value.wrong]
        assert places == [place, "period_start", "period_end", "deadline", "least_primary_percent"]


def test_what_no_letter_and_no_database_holds_is_no_name_and_no_note(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        for odd in ("a\nBcc: b", "a\x00b"):
            with pytest.raises(InputInvalid) as refused:
                actions.put_supplier(session, actor, NewSupplier("odd", odd, contact=odd), NOW)
            assert [(one.where, one.code) for one in refused.value.wrong] == [
                ("name_zh", "invalid"), ("contact", "invalid"),
            ]  # fmt: skip
            with pytest.raises(InputInvalid):
                actions.put_purchase(session, actor, "hong", NewPurchase("odd", odd), library, NOW)
        with pytest.raises(InputInvalid):
            ask(session, actor, note="a\x00b")
        assert ask(session, actor, note="one\r\ntwo")[0].note == "one\r\ntwo"


def test_an_answer_nobody_has_decided_on_is_replaced(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        first, second = answer(session, request), answer(session, request, kgco2e="1.4")
        states = {row.id: row.state for row in answers.answers(session, actor)}
        assert states == {first: "replaced", second: "received"}
        (row,) = overview.rows(session, actor, NOW)
        assert (row["waiting"], row["open_requests"]) == (1, 0)
        for _ in range(answers.MOST_OPEN - 2):
            answer(session, request)
        with pytest.raises(AnswersTooMany):
            answer(session, request)


def test_three_organisations_see_no_more_than_is_theirs(database: db.Database, library: Library) -> None:
    """Chen supplies Ling by a link; Dan has nothing to do with either."""
    with database.session(write=True) as session:
        buyer, seller = buying(session, library), chen(session)
        row = accounts.create(session, accounts.HOUSE, organisation("dan", name_zh="丹"), NOW)
        stranger = Actor(row.id, "Dan", frozenset({OWNER}))
        secret = product("ingot", parts=[], processes=[_melting()], main="melting", suppliers=[_scrap()])
        products.put_model(session, seller, secret, "secret.yaml", NOW)
        own = footprint_runs.run(session, seller, footprint_runs.Study("ingot", "pact.3.0"), library, NOW)
        request, token = ask(session, buyer)
        given = answers.give(session, seller, token, own.id, NOW)

        # What reaches the buyer names nothing that goes into the supplier's furnace.
        sent = answers.document(session, buyer, given.id or 0).decode()
        told = json.dumps(comparison.compared(session, buyer, "ingot", library, NOW.date()), default=str)
        _, made = answers.accept(session, buyer, given.id or 0, library, NOW, reason="looked at")
        rest = json.dumps(tracing.impact(session, buyer, made.code), default=str)
        for text in (sent, told, rest, made.record):
            assert not {one for one in ("scrap-of-the-secret-trader", "melting", "1.07", "秘密") if one in text}

        for other in (stranger, seller):
            for look in (
                lambda who: answers.show(session, who, given.id or 0),
                lambda who: answers.document(session, who, given.id or 0),
                lambda who: answers.accept(session, who, given.id or 0, library, NOW),
                lambda who: answers.reject(session, who, given.id or 0, library, NOW, reason="no"),
                lambda who: requests.show(session, who, request.id or 0),
                lambda who: requests.renew(session, who, request.id or 0, KEY, NOW),
                lambda who: requests.close(session, who, request.id or 0, "no", NOW),
                lambda who: answers.receive(session, who, request, answers.of_form(STATED), NOW),
                lambda who: comparison.compared(session, who, "ingot", library, NOW.date()),
                lambda who: accepted.show(session, who, made.code),
                lambda who: accepted.withdraw(session, who, made.code, "no", NOW),
                lambda who: tracing.impact(session, who, made.code),
                lambda who: requests.ask(session, who, ASKED, KEY, NOW),
            ):
                with pytest.raises(NotFound):
                    look(other)
            assert overview.rows(session, other, NOW) == []
            assert accepted.accepted(session, other) == []
        with pytest.raises(NotFound):
            answers.give(session, stranger, token, own.id, NOW)
        for look in (lambda: tracing.trace(session, buyer, own.id), lambda: tracing.impact(session, buyer, own.id)):
            with pytest.raises(NotFound):
                look()
        # The supplier sees to whom it handed its footprint, and what became of it.
        (seen,) = tracing.impact(session, seller, own.id)["given_to"]
        assert (seen["buyer_en"], seen["state"]) == ("Ling Recycling", "accepted")
        # A model cannot take another organisation's accepted footprint by its code.
        with pytest.raises(ModelInvalid, match=r"hong\.ingot\.1"):
            products.put_model(session, stranger, door("hong.ingot.1"), "door.yaml", NOW)


def _melting() -> dict[str, Any]:
    scrap = {"id": "scrap-of-the-secret-trader", "zh": "秘密废料", "amount": "1.07", "unit": "kg",
             "stage": "raw_materials", "from": {"supplier": "scrap"}}  # fmt: skip
    return {"id": "melting", "zh": "熔炼", "stage": "production", "output": "1", "unit": "kg", "inputs": [scrap]}


def _scrap() -> dict[str, str]:
    return {"id": "scrap", "zh": "废料", "unit": "kg", "kgco2e": "1.2", "method": "pact.3.0", "gwp_set": "AR6"}


def test_readers_look_and_change_nothing(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        number = answer(session, request)
        reader = bo(actor, READER)
        assert len(answers.answers(session, reader)) == 1
        for change in (
            lambda: actions.put_supplier(session, reader, NewSupplier("x", "x"), NOW),
            lambda: ask(session, reader),
            lambda: requests.close(session, reader, request.id or 0, "x", NOW),
            lambda: answers.accept(session, reader, number, library, NOW),
            lambda: answers.receive(session, reader, request, answers.of_form(STATED), NOW),
        ):
            with pytest.raises(NotAllowed):
                change()


def test_who_holds_a_link_does_nothing_but_answer(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        number = answer(session, request)
        holder = answers.holder(session, request)
        for look in (
            lambda: answers.answers(session, holder),
            lambda: answers.accept(session, holder, number, library, NOW),
            lambda: actions.suppliers(session, holder),
            lambda: accepted.accepted(session, holder),
            lambda: footprint_runs.footprints(session, holder),
            lambda: products.products(session, holder),
        ):
            with pytest.raises(NotAllowed):
                look()


def test_a_record_under_the_code_of_an_accepted_footprint_is_that_footprint(
    database: db.Database, library: Library
) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        request, _ = ask(session, actor)
        answers.accept(session, actor, answer(session, request), library, NOW)
        forged = {**accepted.value_of(accepted.show(session, actor, "hong.ingot.1")), "kgco2e": "0.1"}
        model = door("hong.ingot.1") | {"suppliers": [forged]}
        with pytest.raises(ModelInvalid, match=r"hong\.ingot\.1"):
            products.put_model(session, actor, model, "door.yaml", NOW)


def test_a_record_of_ones_own_is_not_taken_for_what_is_accepted_later(database: db.Database, library: Library) -> None:
    with database.session(write=True) as session:
        actor = buying(session, library)
        own = {"id": "hong.ingot.1", "unit": "kg", "kgco2e": "0.1"}
        products.put_model(session, actor, door("hong.ingot.1") | {"suppliers": [own]}, "door.yaml", NOW)
        request, _ = ask(session, actor)
        answers.accept(session, actor, answer(session, request), library, NOW)
        with pytest.raises(ModelInvalid, match=r"hong\.ingot\.1"):
            footprint_runs.run(session, actor, study(), library, NOW)


# --- files ---------------------------------------------------------------------------------------


def sheet(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_is_read_like_the_form(tmp_path: Path) -> None:
    path = sheet(tmp_path, "a.csv", "Unit,kg CO2e per unit,Method,GWP set,Boundary,End of its period\n"
                                    "kg,1.50,pact.3.0,AR6,cradle_to_gate,2025-12-31\n")  # fmt: skip
    sent = answers.of_file(path, "a.csv", NOW.date(), Limits())
    of_form = answers.of_form({key: text for key, text in STATED.items() if key not in ("zh", "primary_data_share")})
    assert replace(sent.offered.footprint, name=of_form.offered.footprint.name, id="") == replace(
        of_form.offered.footprint, kgco2e="1.50", id=""
    )


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", "Unit,kg CO2e per unit\n", ModelFileInvalid),
        ("a.csv", "Unit,kg CO2e per unit\nkg,abc\n", ModelFileInvalid),
        ("a.csv", "Unit,kg CO2e per unit\nkg,1\nkg,2\n", OneFootprintNeeded),
        ("a.xlsx", "this is no workbook", ModelFileInvalid),
        ("a.xlsx", "PK\x03\x04 cut off", ModelFileInvalid),
        ("a.pdf", "%PDF-1.7", AnswerUnreadable),
        ("a.json", "{}", AnswerUnreadable),
    ],
)
def test_a_file_that_states_no_footprint_is_refused(
    tmp_path: Path, name: str, content: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        answers.of_file(sheet(tmp_path, name, content), name, NOW.date(), Limits())


def codes_of(error: InputInvalid) -> list[str]:
    return sorted(one.code for one in error.wrong)


def test_everything_wrong_with_a_form_is_told_at_once() -> None:
    """A cell that is no number, one with a control character; a unit and a set that nobody knows."""
    cells = {**STATED, "kgco2e": "abc", "supplier": "Hong\x07", "unit": "furlong", "gwp_set": "AR99"}
    with pytest.raises(ModelFileInvalid) as refused:
        answers.of_form(cells)
    assert codes_of(refused.value) == ["gwp-set-unknown", "not-a-number", "text-odd", "unit-unknown"]
    with pytest.raises(ModelFileInvalid) as refused:
        answers.of_form({**STATED, "dqr": "abc", "kgco2e": "", "unit": ""})
    missing = [str(one) for one in refused.value.wrong if one.code == "key-missing"]
    assert sorted(missing) == ["'kgco2e' is missing", "'unit' is missing"]
    assert len(refused.value.wrong) == 3


def test_everything_wrong_with_a_table_is_told_at_once(tmp_path: Path) -> None:
    """A column without its header and a cell that is no number are told once each, beside what the rest states."""
    path = sheet(tmp_path, "a.csv", "Unit,GWP set,Data quality rating\nfurlong,AR99,abc\n")
    with pytest.raises(ModelFileInvalid) as refused:
        answers.of_file(path, "a.csv", NOW.date(), Limits())
    assert codes_of(refused.value) == ["column-missing", "gwp-set-unknown", "not-a-number", "unit-unknown"]


def test_the_sheet_of_a_request_is_read_again(tmp_path: Path) -> None:
    from service.products import supplier_sheet

    cells = {**STATED, "zh": "=1+1", "statement": "+cmd|' /C calc'!A0"}
    path = tmp_path / "a.xlsx"
    supplier_sheet.xlsx(path, cells, [("说明", "note")], "zh")
    stated, warnings = supplier_sheet.of_file(path, Limits())
    assert [(one.name.zh, one.kgco2e, one.statement) for one in stated] == [("=1+1", "1.5", "+cmd|' /C calc'!A0")]
    assert list(warnings) == []
    text = supplier_sheet.as_csv(cells, "en").decode("utf-8-sig")
    assert "'=1+1" in text
    assert "'+cmd" in text
    assert BytesIO(path.read_bytes()).read(2) == b"PK"


# --- the pages ---------------------------------------------------------------------------------

SUPPLIERS = "/organisations/ling/suppliers"
INGOT = "/organisations/ling/purchases/ingot"


@pytest.fixture
def buyer(client: FlaskClient, library: Library) -> FlaskClient:
    """The pages of Ling, who buys ingots of Hong."""
    with client.application.extensions["tanji"].database.session(write=True) as session:
        buying(session, library)
    return client


def alert(text: str) -> str:
    """What a page says went wrong."""
    return " ".join(" ".join(lxml_html.fromstring(text).xpath("//*[@role='alert']//text()")).split())


def field(text: str, name: str, kind: str = "value") -> str:
    """What stands in a field of a page."""
    (found,) = lxml_html.fromstring(text).xpath(f"//input[@name='{name}']")
    return str(found.get(kind, ""))


def test_a_page_tells_an_error_by_the_names_of_its_fields(buyer: FlaskClient) -> None:
    bad = {"do": "supplier", "code": "no code", "email": "x@"}
    for language, words in (("zh", ("代码", "中文名称", "电子邮箱")), ("en", ("Code", "Name in Chinese", "E-mail"))):
        told = alert(buyer.post(f"{SUPPLIERS}?language={language}", data=bad).text)
        assert all(word in told for word in words)
        assert "name_zh" not in told
    answered = buyer.post(_link(buyer) + "?language=zh", data={**STATED, "kgco2e": "", "primary_data_share": "130"})
    assert "缺少“碳足迹（kg CO2e/单位）”" in alert(answered.text)
    assert "初级数据占比（%）：“130”大于 100%" in alert(answered.text)
    assert field(answered.text, "primary_data_share") == "130"


def _link(buyer: FlaskClient) -> str:
    """Ask for the footprint of ingots; the address of the answer."""
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    asked = {
        "method": "pact.3.0|cradle_to_gate", "period_start": "2025-01-01", "period_end": "2025-12-31",
        "deadline": until,
    }  # fmt: skip
    page = buyer.post(f"{INGOT}/requests?language=en", data=asked)
    assert page.status_code == 201
    (link,) = lxml_html.fromstring(page.text).xpath("//div[@class='panel']//code/text()")
    return f"/answer/{link.rpartition('/')[2]}"


def test_a_supplier_is_described_otherwise_with_a_reason(buyer: FlaskClient) -> None:
    other = {"do": "supplier", "code": "hong", "name_zh": "弘图再生铝"}
    refused = buyer.post(f"{SUPPLIERS}?language=en", data=other)
    assert refused.status_code == 422
    assert "needs a reason" in alert(refused.text)
    assert buyer.post(SUPPLIERS, data={**other, "reason": "renamed"}).status_code == 303
    assert "弘图再生铝" in buyer.get(f"{SUPPLIERS}?language=zh").text
    bought = {"do": "purchase", "supplier": "hong", "code": "ingot", "name_zh": "再生铝锭", "unit": "kg"}
    assert buyer.post(SUPPLIERS, data=bought).status_code == 422
    assert buyer.post(SUPPLIERS, data={**bought, "reason": "renamed"}).status_code == 303


def test_a_form_keeps_what_was_ticked_and_its_page_changes_language(buyer: FlaskClient) -> None:
    late = {"method": "pact.3.0|cradle_to_gate", "deadline": "2020-01-01", "must_be_verified": "yes"}
    page = buyer.post(f"{INGOT}/requests?language=en", data=late)
    assert page.status_code == 422
    assert field(page.text, "must_be_verified", "checked") == "checked"
    assert "Deadline" in alert(page.text)
    for address in lxml_html.fromstring(page.text).xpath("//nav[@class='languages']/a/@href"):
        assert buyer.get(address).status_code == 200


def test_nobody_is_offered_a_letter_that_is_not_sent(buyer: FlaskClient) -> None:
    page = buyer.get(f"{INGOT}?language=en").text
    assert "This service sends no mail" in page
    assert 'name="send"' not in page


def test_rules_call_methods_and_boundaries_by_name(buyer: FlaskClient) -> None:
    assert buyer.post(_link(buyer), data={**STATED, "method": "", "primary_data_share": ""}).status_code == 303
    page = buyer.get(f"{INGOT}?language=zh").text
    assert "核算方法：未写明（要求 PACT 3.0 产品碳足迹（供应链数据交换））" in page
    assert "系统边界：从摇篮到大门（部分碳足迹）（要求 从摇篮到大门（部分碳足迹））" in page


def test_the_way_from_the_first_page_to_suppliers_and_sector_data(buyer: FlaskClient) -> None:
    page = lxml_html.fromstring(buyer.get("/").text)
    addresses = set(page.xpath("//main//a/@href"))
    assert {SUPPLIERS, "/organisations/ling/sector"} <= addresses


def test_a_doubt_is_told_with_what_mends_it(buyer: FlaskClient) -> None:
    assert buyer.post(_link(buyer), data={**STATED, "kgco2e": "900"}).status_code == 303
    (decision,) = lxml_html.fromstring(buyer.get(INGOT).text).xpath("//form[contains(@action, '/decision')]/@action")
    refused = buyer.post(f"{decision}?language=en", data={"do": "accept"})
    assert refused.status_code == 422
    assert "say why it is accepted all the same" in alert(refused.text)
    assert "outside the published range" in alert(refused.text)
    assert buyer.post(decision, data={"do": "accept", "reason": "the scale was looked at"}).status_code == 303


def test_links_are_renewed_requests_closed_and_footprints_withdrawn_by_pages(buyer: FlaskClient) -> None:
    link = _link(buyer)
    request = "/organisations/ling/footprint-requests/1"
    page = buyer.post(f"{request}/link?language=en")
    again = str(re.search(r"/answer/[\w-]+", page.text)[0])  # type: ignore[index]
    assert (page.status_code, buyer.get(link).status_code, again == link) == (200, 404, False)
    assert buyer.post(again, data=STATED).status_code == 303
    decision = "/organisations/ling/footprint-answers/1/decision"
    assert buyer.post(decision, data={"do": "accept", "reason": "seen"}).status_code == 303
    place = "/organisations/ling/accepted-footprints/hong.ingot.1/withdraw"
    for address, said in ((place, "a mistake"), (f"{request}/close", "enough")):
        refused = buyer.post(f"{address}?language=en", data={"reason": " "})
        assert (refused.status_code, "reason" in alert(refused.text)) == (422, True)
        assert buyer.post(address, data={"reason": said}).status_code == 303
    text = buyer.get(f"{INGOT}?language=en").text
    assert "a mistake" in text
    assert buyer.get(again).status_code == 404


def test_the_share_of_primary_data_is_shown_in_percent(buyer: FlaskClient) -> None:
    """The one input states 60 %, so that 60 % of the footprint are primary."""
    made = product("door")
    made["suppliers"][0]["primary_data_share"] = "60"
    with buyer.application.extensions["tanji"].database.session(write=True) as session:
        actor = ling(session)
        products.put_model(session, actor, made, "door.json", NOW)
        identifier = footprint_runs.run(session, actor, study(), load_library(), NOW).id
    page = lxml_html.fromstring(buyer.get(f"/organisations/ling/footprints/{identifier}?language=en").text)
    (cell,) = page.xpath("//td[text()='Primary data, of the footprint']/following-sibling::td")
    assert cell.text_content() == "60.0 %"


def test_every_rule_has_its_words_and_none_is_left_over() -> None:
    text = Path(admission.__file__).read_text(encoding="utf-8")
    rules = set(re.findall(r'Check\(\s*"([a-z-]+)"', text))
    for kept, broken in re.findall(r'Check\("([a-z-]+)" if \w+ else "([a-z-]+)"', text):
        rules |= {kept, broken}
    assert set(told.table()) == rules
    for said in told.table().values():
        zh, en = (set(re.findall(r"{(\w+)}", said[name])) for name in ("zh", "en"))
        assert zh == en
