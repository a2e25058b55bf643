"""The page that a link opens, for whoever has no account; letters and reminders; footprints that came by PACT."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from make import organisation
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from factors.library import load as load_library
from service import db, mail
from service.accounts import actions as accounts
from service.accounts.actions import Actor
from service.app import create_app
from service.audit import actions as audit
from service.config import Settings
from service.exchange import taking
from service.exchange.pact import events, host, outbox, received
from service.exchange.pact.models import Partner, ReceivedFootprint
from service.products import accepted
from service.secret_files import signing_secret
from service.suppliers import actions, answers, letters, requests
from service.suppliers.actions import NewPurchase, NewSupplier
from tests.service.test_mail import Box, free_port

NOW = datetime.now(UTC)
DEADLINE = NOW.date() + timedelta(days=60)
STATED = {
    "zh": "铝锭", "unit": "kg", "kgco2e": "1.5", "method": "pact.3.0", "gwp_set": "AR6", "boundary": "cradle_to_gate",
    "period_end": "2025-12-31",
}  # fmt: skip


def buyer(session: Session) -> Actor:
    accounts.create(session, accounts.HOUSE, organisation("buyer", name_zh="<b>买方</b>", name_en="Buyer"), NOW)
    actor = accounts.operator(session, "buyer")
    actions.put_supplier(session, actor, NewSupplier("hong", "弘图", "Hong", "hong@s.example"), NOW)
    actions.put_purchase(session, actor, "hong", NewPurchase("ingot", "铝锭", "Ingot"), load_library(), NOW)
    return actor


def asked(session: Session, settings: Settings, actor: Actor, **more: Any) -> tuple[int, str]:
    given = requests.NewRequest("ingot", "pact.3.0", "2025-01-01", "2025-12-31", DEADLINE.isoformat())
    row, token = requests.ask(session, actor, replace(given, **more), signing_secret(settings), NOW)
    return row.id or 0, token


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["tanji"].database.dispose()


@pytest.fixture
def token(app: Flask, settings: Settings) -> str:
    with app.extensions["tanji"].database.session(write=True) as session:
        return asked(session, settings, buyer(session))[1]


def states(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["tanji"].database.session(write=False) as session:
        rows = answers.answers(session, accounts.operator(session, "buyer"))
        return [(row.way, row.state, answers.offered_of(row).footprint.kgco2e) for row in rows]


def form(client: FlaskClient, address: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found
    return {"csrf_token": found[1]}


def test_a_supplier_without_an_account_answers_by_form(app: Flask, token: str) -> None:
    client, address = app.test_client(), f"/answer/{token}"
    shown = client.get(f"{address}?language=en").text
    assert "&lt;b&gt;买方&lt;/b&gt;" in client.get(f"{address}?language=zh").text
    assert "Buyer asks for the carbon footprint of Ingot" in shown
    assert client.post(address, data=STATED).status_code == 400  # without the form's own token
    wrong = client.post(address, data={**form(client, address), **STATED, "kgco2e": "abc", "unit": ""})
    assert wrong.status_code == 422
    assert 'value="abc"' in wrong.text  # nothing that was typed is lost
    told = html.fromstring(wrong.text).xpath("//div[@role='alert']//li")
    assert [one.text_content() for one in told][1:] == ["'Unit' is missing"]
    assert "abc" in told[0].text_content()
    assert states(app) == []
    assert client.post(address, data={**form(client, address), **STATED}).status_code == 303
    assert states(app) == [("form", "received", "1.5")]
    assert client.get("/organisations/buyer/suppliers").status_code == 303  # to the sign-in


def test_a_broken_rule_is_told_at_once(app: Flask, token: str) -> None:
    client, address = app.test_client(), f"/answer/{token}?language=en"
    client.post(address, data={**form(client, address), **STATED, "gwp_set": "AR5"})
    page = client.get(address).text
    assert "GWP set: AR5 (asked: AR6)" in page
    assert "published range" not in page


def test_the_sheet_comes_back_filled_in(app: Flask, token: str) -> None:
    client, address = app.test_client(), f"/answer/{token}"
    table = client.get(f"{address}/footprint.csv?language=en").data.decode("utf-8-sig").splitlines()
    heads, cells = table[0].split(","), table[1].split(",")
    cells[heads.index("kg CO2e per unit")] = "1.7"
    sent = f"{table[0]}\n{','.join(cells)}\n".encode()
    data = {**form(client, address), "file": (BytesIO(sent), "../../etc/passwd.csv")}
    assert client.post(address, data=data).status_code == 303
    assert states(app) == [("file", "received", "1.7")]
    assert client.get(f"{address}/footprint.xlsx").data[:2] == b"PK"
    pretending = {**form(client, address), "file": (BytesIO(b"MZ\x90 no workbook"), "a.xlsx")}
    assert client.post(address, data=pretending).status_code == 422


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PART = "xl/worksheets/sheet2.xml"


def lists_of(book: bytes) -> dict[str, list[str]]:
    """What every cell below a header of the sheet offers, as a spreadsheet program finds it."""
    loaded = CalamineWorkbook.from_filelike(BytesIO(book))
    sheet, lists = (loaded.get_sheet_by_index(number).to_python() for number in (1, 2))
    with ZipFile(BytesIO(book)) as packed:
        rules = ElementTree.fromstring(packed.read(PART)).iter(f"{MAIN}dataValidation")
    found = {}
    for rule in rules:
        (column,) = {ord(one[0]) - ord("A") for one in rule.attrib["sqref"].split(":")}
        name, letter, first, last = re.fullmatch(r"'(.+)'!\$([A-Z])\$(\d+):\$[A-Z]\$(\d+)", rule[0].text or "").groups()
        assert name == loaded.sheet_names[2]
        found[sheet[0][column]] = [row[ord(letter) - ord("A")] for row in lists[int(first) - 1 : int(last)]]
    return found


def filled(book: bytes, **said: str) -> bytes:
    """The workbook with cells of its first row written by somebody, by their column."""
    out = BytesIO()
    with ZipFile(BytesIO(book)) as packed, ZipFile(out, "w") as made:
        for name in packed.namelist():
            content = packed.read(name)
            if name == PART:
                tree = ElementTree.fromstring(content)
                row = next(one for one in tree.iter(f"{MAIN}row") if one.attrib["r"] == "2")
                cells = {one.attrib["r"].rstrip("2"): one for one in row} | {
                    column: ElementTree.Element(f"{MAIN}c", r=f"{column}2") for column in said
                }
                for column, text in said.items():
                    cells[column].set("t", "inlineStr")
                    cells[column][:] = []
                    ElementTree.SubElement(ElementTree.SubElement(cells[column], f"{MAIN}is"), f"{MAIN}t").text = text
                row[:] = [cells[column] for column in sorted(cells)]
                content = ElementTree.tostring(tree)
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Method", "GWP set", "Boundary", "Verified", "PACT 3.0 product footprint for exchange along the "
                "supply chain", "cradle to gate, a partial footprint", ["yes", "no"])),
        ("zh", ("核算方法", "GWP 取值", "系统边界", "已核查", "PACT 3.0 产品碳足迹（供应链数据交换）",
                "从摇篮到大门（部分碳足迹）", ["是", "否"])),
    ],
)  # fmt: skip
def test_the_workbook_offers_what_may_be_chosen_and_reads_it(
    app: Flask, token: str, language: str, names: tuple[Any, ...]
) -> None:
    client, address = app.test_client(), f"/answer/{token}"
    book = client.get(f"{address}/footprint.xlsx?language={language}").data
    method, gwp_set, boundary, verified, pact, gate, yes_no = names
    offered = lists_of(book)
    assert f"pact.3.0 {pact}" in offered[method]
    assert not any(one.startswith("cbam") for one in offered[method])  # a method of installations
    assert f"cradle_to_gate {gate}" in offered[boundary]
    assert offered[gwp_set][2:5] == ["AR4", "AR5", "AR6"]
    assert offered[verified] == yes_no
    heads, begun = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(1).to_python()
    heads = [one.rstrip("*") for one in heads]
    assert begun[heads.index(method)] == f"pact.3.0 {pact}"
    said = {method: f"pact.3.0 {pact}", boundary: gate, gwp_set: "AR5", verified: yes_no[0]}
    cells = {chr(ord("A") + heads.index(name)): text for name, text in said.items()}
    cells["D"] = "1.7"
    assert heads[3] in ("kg CO2e per unit", "碳足迹（kg CO2e/单位）")
    data = {**form(client, address), "file": (BytesIO(filled(book, **cells)), "footprint.xlsx")}
    sent = client.post(address, data=data)
    assert sent.status_code == 303, sent.text
    with app.extensions["tanji"].database.session(write=False) as session:
        (row,) = answers.answers(session, accounts.operator(session, "buyer"))
        stated = answers.offered_of(row).footprint
    assert (stated.kgco2e, stated.method, stated.boundary) == ("1.7", "pact.3.0", "cradle_to_gate")
    assert (stated.gwp_set, stated.is_verified) == ("AR5", True)


@pytest.mark.parametrize(("name", "code"), [("a.zip", "lci-parts-too-many"), ("a.xlsx", "model-file-invalid")])
def test_a_file_of_very_many_parts_is_refused_unopened(
    app: Flask, token: str, monkeypatch: pytest.MonkeyPatch, name: str, code: str
) -> None:
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for number in range(5_001):
            packed.writestr(str(number), "")
    monkeypatch.setattr("zipfile.ZipFile", None)
    sent = app.test_client().post(f"/api/v1/answers/{token}/file", data={"file": (BytesIO(out.getvalue()), name)})
    assert (sent.status_code, sent.json["code"]) == (422, code)
    assert "5001" in sent.text


@pytest.mark.parametrize("behind", ["", "/", "?language=en", "?language=zh#answers"])
def test_a_link_is_known_however_it_was_copied(behind: str) -> None:
    link = letters.address("https://tanji.example/", "s3cr-t")
    assert link == "https://tanji.example/answer/s3cr-t"
    assert letters.token_in(link + behind) == "s3cr-t"
    assert letters.token_in("s3cr-t") == "s3cr-t"


def test_nobody_learns_from_a_wrong_link(app: Flask, token: str) -> None:
    client = app.test_client()
    wrong = ("x", token[:-1] + "x", "a" * 43)
    # A page names its own address for the other language, and nothing else differs.
    found = {client.get(f"/answer/{one}?language=en").text.replace(f"/{one}", "/…") for one in wrong}
    assert len(found) == 1
    assert client.get("/answer/x").status_code == 404
    assert client.get("/api/v1/answers/x").status_code == 404
    answer = client.post(f"/api/v1/answers/{token}", json={"footprint": STATED})
    assert (answer.status_code, answer.json["answers"][0]["kgco2e"]) == (201, "1.5")


def test_letters_go_out_and_remind_twice(settings: Settings, database: db.Database) -> None:
    server = Controller(Box(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        post = mail.of(replace(settings, smtp_url=f"smtp://127.0.0.1:{server.port}", mail_from="t@one.example"))
        key = signing_secret(settings)
        with database.session(write=True) as session:
            number, token = asked(session, settings, buyer(session), language="en", note="as last year")

        def remind(days: int) -> int:
            return letters.remind_due(database, post, key, "http://t.example", NOW + timedelta(days=days))

        assert [remind(one) for one in (1, 52, 54, 55, 61, 62, 70)] == [0, 0, 1, 0, 1, 0, 0]
        first, _ = server.handler.messages
        assert first["To"] == "hong@s.example"
        assert first["Subject"] == "A reminder: Buyer asks for the carbon footprint of Ingot"
        assert f"http://t.example/answer/{token}" in first.get_content()
        assert "as last year" in first.get_content()
        with database.session(write=True) as session:
            assert requests.show(session, accounts.operator(session, "buyer"), number).reminders == 2
    finally:
        server.stop()


def test_nobody_is_reminded_of_what_is_closed(settings: Settings, database: db.Database) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        number, _ = asked(session, settings, actor)
        requests.close(session, actor, number, "bought elsewhere", NOW)
        assert list(requests.due(session, NOW + timedelta(days=59))) == []


FOOTPRINT: dict[str, Any] = {
    "id": "91715e5e-fd0b-4d1c-8fab-76290c46e6ed", "specVersion": "3.0.0", "status": "Active",
    "companyName": "Hong", "companyIds": ["urn:hong:1"], "productIds": ["urn:hong:ingot"],
    "productNameCompany": "铝锭", "productDescription": "ingot",
    "pcf": {
        "declaredUnitOfMeasurement": "kilogram", "declaredUnitAmount": "1", "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z", "referencePeriodEnd": "2026-01-01T00:00:00Z",
        "geographyCountry": "CN", "boundaryProcessesDescription": "gate",
        "pcfExcludingBiogenicUptake": "1.5", "pcfIncludingBiogenicUptake": "1.5",
        "fossilCarbonContent": "0", "fossilGhgEmissions": "1.5", "packagingEmissionsIncluded": True,
        "exemptedEmissionsPercent": "0", "ipccCharacterizationFactors": ["AR6"],
        "crossSectoralStandards": ["PACT-3.0"], "primaryDataShare": "60",
    },
}  # fmt: skip


def test_a_footprint_that_came_by_pact_answers_a_request(settings: Settings, database: db.Database) -> None:
    """The PCF of the specification's own numbers: 1.5 kg CO2e without uptake per kilogram, AR6, PACT 3.0."""
    with database.session(write=True) as session:
        actor = buyer(session)
        number, _ = asked(session, settings, actor)
        own = {"organisation_id": actor.organisation_id or 0, "created": NOW}
        partner = Partner(**own, code="hong", name="Hong")
        session.add(partner)
        session.flush()
        received = ReceivedFootprint(
            **own, partner_id=partner.id or 0, pf_id=FOOTPRINT["id"], version="3", status="Active",
            document=json.dumps(FOOTPRINT), sha256="a" * 64, problems="[]",
        )  # fmt: skip
        session.add(received)
        session.flush()
        row = taking.take(session, actor, number, received.id or 0, NOW)
        assert (row.way, answers.offered_of(row).footprint.kgco2e) == ("pact", "1.5")
        _, made = answers.accept(session, actor, row.id or 0, load_library(), NOW, reason="known")
        assert made.code == "hong.ingot.1"


def partner_of(session: Session, actor: Actor, their_id: str) -> Partner:
    """Hong, a partner with a host, who calls our ingot by an id of his own."""
    row = Partner(
        organisation_id=actor.organisation_id or 0, code="hong", name="Hong", base_url="https://h.example", created=NOW
    )
    session.add(row)
    session.flush()
    new = NewSupplier("hong", "弘图", "Hong", "hong@s.example", partner="hong")
    actions.put_supplier(session, actor, new, NOW, reason="has a host")
    bought = NewPurchase("ingot", "铝锭", "Ingot", their_id=their_id)
    actions.put_purchase(session, actor, "hong", bought, load_library(), NOW, reason="its id is known")
    return row


def fulfilled(session: Session, actor: Actor, partner: Partner, document: dict[str, Any]) -> None:
    """Ask the partner by PACT, and receive the event that answers."""
    host.receive(session, partner, answering(session, actor, document), "3", NOW, source="//buyer")


def answering(session: Session, actor: Actor, document: dict[str, Any]) -> object:
    """Ask the partner by PACT, and return the event that answers."""
    sent = outbox.request(session, actor, "hong", {"productId": document["productIds"]}, NOW, source="//buyer")
    data = {"requestEventId": sent.event_id, "pfs": [document]}
    return events.build(events.FULFILLED, "3", f"answer to {sent.event_id}", "//hong", NOW, data)


def ways(session: Session, actor: Actor) -> list[tuple[int, str, str, str]]:
    return [(row.request_id, row.way, row.state, row.answered_by) for row in answers.answers(session, actor)]


@pytest.mark.parametrize("their_id", ["urn:hong:ingot", "ingot"])
def test_what_a_partner_sends_answers_the_request_by_itself(
    settings: Settings, database: db.Database, their_id: str
) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, their_id)
        number, _ = asked(session, settings, actor)
        fulfilled(session, actor, partner, FOOTPRINT)
        assert ways(session, actor) == [(number, "pact", "received", "supplier hong")]
        fulfilled(session, actor, partner, FOOTPRINT)  # the same words again are no other answer
        assert len(ways(session, actor)) == 1


@pytest.mark.parametrize(
    ("their_id", "requests_made", "changed"),
    [
        ("", 1, {}),  # what it is called there is not known
        ("got", 1, {}),  # the end of a word is no name
        ("ingot", 0, {}),
        ("ingot", 2, {}),  # which of the two it answers, a person says
        ("ingot", 1, {"productIds": ["urn:hong:billet"]}),
        ("ingot", 1, {"status": "Deprecated"}),
    ],
)
def test_what_is_not_clear_waits_for_a_person(
    settings: Settings, database: db.Database, their_id: str, requests_made: int, changed: dict[str, Any]
) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, their_id)
        for _ in range(requests_made):
            asked(session, settings, actor)
        fulfilled(session, actor, partner, {**FOOTPRINT, **changed})
        assert ways(session, actor) == []
        assert [row.pf_id for row in received.received(session, actor)] == [FOOTPRINT["id"]]


def test_what_a_partner_sends_answers_nothing_that_is_closed_or_asked_of_another(
    settings: Settings, database: db.Database
) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, "ingot")
        number, _ = asked(session, settings, actor)
        requests.close(session, actor, number, "bought elsewhere", NOW)
        actions.put_supplier(session, actor, NewSupplier("mei", "美", "Mei", "mei@s.example"), NOW)
        others = NewPurchase("mei-ingot", "铝锭", "Ingot", their_id="ingot")
        actions.put_purchase(session, actor, "mei", others, load_library(), NOW)
        asked(session, settings, actor, purchase="mei-ingot")
        fulfilled(session, actor, partner, FOOTPRINT)
        assert ways(session, actor) == []


def test_what_is_not_clear_is_taken_on_a_page_of_the_product(client: FlaskClient) -> None:
    place = client.application.extensions["tanji"]
    billet = {**FOOTPRINT, "id": "91715e5e-fd0b-4d1c-8fab-76290c46e6ee", "productIds": ["urn:hong:billet"]}
    with place.database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, "ingot")
        first, second = (asked(session, place.settings, actor)[0] for _ in range(2))
        for document in (FOOTPRINT, billet):
            fulfilled(session, actor, partner, document)
    product = "/organisations/buyer/purchases/ingot"
    assert f'href="{product}/received"' in client.get(product).text
    shown = html.fromstring(client.get(f"{product}/received?language=en").text)
    assert shown.xpath("//tbody/tr/td[2]/small/text()") == [FOOTPRINT["id"]]
    assert shown.xpath("//select[@name='request']/option/@value") == [str(second), str(first)]
    (number,) = shown.xpath("//input[@name='received']/@value")
    for wrong in ({"request": "x"}, {"request": "99"}, {"request": str(first), "received": "99"}):
        refused = client.post(f"{product}/received", data={"received": number, **wrong})
        assert (refused.status_code, "alert" in refused.text) == (422, True)
    taken = client.post(f"{product}/received", data={"received": number, "request": str(first)})
    assert (taken.status_code, taken.location) == (303, product)
    with place.database.session(write=False) as session:
        assert [one[:3] for one in ways(session, actor)] == [(first, "pact", "received")]
    listed = "/api/v1/organisations/buyer/pact/received"
    assert len(client.get(listed).json) == 2
    assert [one["footprint_id"] for one in client.get(f"{listed}?purchase=ingot").json] == [FOOTPRINT["id"]]
    assert client.get(f"{listed}?purchase=none").status_code == 404


@pytest.mark.parametrize(
    ("changed", "is_answer"),
    [
        ({"comment": float("inf")}, True),  # 1e999 in JSON
        ({"version": 10**400}, True),
        ({"pcf": {**FOOTPRINT["pcf"], "pcfExcludingBiogenicUptake": float("inf")}}, False),
        ({"pcf": {**FOOTPRINT["pcf"], "declaredUnitOfMeasurement": ["kilogram"]}}, False),
        ({"pcf": {**FOOTPRINT["pcf"], "ipccCharacterizationFactors": ["AR99"]}}, False),
    ],
)
def test_whatever_a_partner_sends_is_kept_and_spoils_nothing(
    settings: Settings, database: db.Database, changed: dict[str, Any], is_answer: bool
) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, "ingot")
        asked(session, settings, actor)
        fulfilled(session, actor, partner, {**FOOTPRINT, **changed})
        assert len(received.received(session, actor)) == 1
        rows = answers.answers(session, actor)
        assert bool(rows) is is_answer
        for row in rows:
            assert answers.admission(session, actor, row, load_library(), NOW.date()).footprint.kgco2e == "1.5"


def test_a_partners_answer_waits_for_whoever_decides_and_neither_is_refused(
    settings: Settings, database: db.Database
) -> None:
    with database.session(write=True) as session:
        actor = buyer(session)
        partner = partner_of(session, actor, "ingot")
        asked(session, settings, actor)
        event = answering(session, actor, FOOTPRINT)
    failures: list[OperationalError] = []

    def arrive() -> None:
        try:
            with database.session(write=True) as session:
                host.receive(session, partner, event, "3", NOW, source="//buyer")
        except OperationalError as error:
            failures.append(error)

    arriving = threading.Thread(target=arrive)
    with database.session(write=True) as session:
        accepted.deciding(session, actor.organisation_id or 0)
        arriving.start()
        arriving.join(0.5)
        audit.record(session, actor, "read", "something decided", {}, NOW)
    arriving.join()
    assert failures == []
    with database.session(write=False) as session:
        assert len(answers.answers(session, actor)) == 1
