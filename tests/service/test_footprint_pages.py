"""Pages of product footprints: from a template through the form to a stored footprint, in both languages."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html as lxml_html

from service import config, db
from service.app import create_app
from service.products import templates

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def ling(client: FlaskClient) -> FlaskClient:
    """A service with one organisation, on each database in turn: what is stored is stored on both."""
    sent = {"code": "ling", "name_zh": "灵铝再生", "name_en": "Ling Recycling"}
    assert client.post("/api/v1/organisations", json=sent).status_code == 201
    return client


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A service for what stores nothing, made once."""
    read = config.load({"TANJI_DATA": str(tmp_path_factory.mktemp("pages")), "TANJI_LOG_LEVEL": "error"})
    db.connect(read).dispose()
    db.upgrade(read.database_url)
    app = create_app(read)
    app.test_client().post("/api/v1/organisations", json={"code": "ling", "name_zh": "灵铝再生"})
    yield app.test_client()
    app.extensions["tanji"].database.dispose()


def state(page: str) -> str:
    """What the form of a page carries along."""
    found = re.search(r'name="state" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def send(client: FlaskClient, page: str, language: str, **fields: str) -> Any:
    """Press a button of the form: its fields as shown, and those that a person typed."""
    step = re.search(r'name="step" value="([^"]*)"', page)
    assert step is not None
    named = {name.replace("__", "."): text for name, text in fields.items()}
    return client.post(f"/models?language={language}", data={"state": state(page), "step": step[1], **named})


def text(answer: Any) -> str:
    """What a person reads."""
    return " ".join(lxml_html.fromstring(answer.text).text_content().split())


def total(answer: Any) -> float:
    """The large number of a result page."""
    said = lxml_html.fromstring(answer.text).find_class("big")[0].text
    return float(re.sub(r"\s", "", said))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_whole_way(ling: FlaskClient, language: str) -> None:
    """Template, form, a changed value, refused with its problem, mended, computed, stored, shown.

    The melting furnace burns 90 Nm3 of gas for each tonne in the demonstration; nine more are 9 / 90 of the gas line
    and of its supply more, and nothing else moves.
    """
    page = ling.get(f"/templates?language={language}")
    assert page.status_code == 200
    assert f"/models/new?template=secondary_aluminium&amp;language={language}" in page.text
    begun = ling.get(f"/models/new?template=secondary_aluminium&language={language}")
    before = send(ling, begun.text, language, do="compute")
    assert before.status_code == 200

    step = send(ling, begun.text, language, do="go:parameters")
    number = [cells.get("name") for cells in _rows(step.text, "parameters")].index("gas_nm3_t")
    assert _rows(step.text, "parameters")[number]["value"] == "90"
    field = f"c__parameters__{number}__value"
    refused = send(ling, step.text, language, do="compute", **{field: "plenty"})
    assert refused.status_code == 422
    assert {"en": "not a number", "zh": "不是数字"}[language] in text(refused)
    assert f'name="c.parameters.{number}.value" value="plenty"' in refused.text  # nothing typed is lost

    done = send(ling, refused.text, language, do="compute", **{field: "99"})
    assert done.status_code == 200
    gas = sum(one for name, one in _inputs(before) if name.startswith("melting.gas"))
    assert total(done) - total(before) == pytest.approx(gas * 9 / 90, abs=0.1)  # shown to one decimal
    assert {"en": "demonstration data", "zh": "示范数据"}[language] in text(done)

    stored = send(ling, done.text, language, do="store", organisation="ling", reason="")
    assert stored.status_code == 303
    shown = ling.get(stored.headers["Location"])
    assert total(shown) == total(done)
    listed = ling.get(f"/organisations/ling/products?language={language}")
    assert "ling-secondary_aluminium-recycling.cutoff-v1" in listed.text

    again = send(ling, before.text, language, do="store", organisation="ling", reason="")
    assert again.status_code == 422  # another version needs a reason, and nothing of it stays
    assert len(ling.get("/api/v1/organisations/ling/footprints").json) == 1
    again = send(ling, before.text, language, do="store", organisation="ling", reason="meter read again")
    assert again.status_code == 303
    pair = [one["id"] for one in ling.get("/api/v1/organisations/ling/footprints").json]
    compared = ling.get("/organisations/ling/comparison", query_string={"one": pair[0], "other": pair[1]})
    assert "melting.gas" in compared.text
    assert "melting.silicon" not in compared.text


def _rows(page: str, sheet: str) -> list[dict[str, str]]:
    """The cells of a sheet as the fields of the page show them."""
    found: dict[int, dict[str, str]] = {}
    for field in lxml_html.fromstring(page).xpath("//input[starts-with(@name, 'c.')]"):
        _, name, number, column = field.get("name").split(".")
        if name == sheet:
            found.setdefault(int(number), {})[column] = field.get("value")
    return [found[number] for number in sorted(found)]


def _inputs(answer: Any) -> list[tuple[str, float]]:
    """Id and kg CO2e of every line in the table of inputs."""
    rows = lxml_html.fromstring(answer.text).find_class("inputs")[0].xpath(".//tbody/tr")
    made = []
    for row in rows:
        cells = row.xpath("./td")
        name = cells[0].xpath(".//small")[0].text_content().split()[0]
        made.append((name, float(re.sub(r"\s", "", cells[4].text_content()).replace("−", "-"))))
    return made


@pytest.mark.parametrize("identifier", list(templates.templates()))
def test_every_template_goes_from_form_to_result(reader: FlaskClient, identifier: str) -> None:
    begun = reader.get(f"/models/new?template={identifier}&language=en")
    done = send(reader, begun.text, "en", do="compute")
    assert done.status_code == 200, text(done)
    assert total(done) > 0


def test_a_form_that_nobody_has_begun_has_no_problems_yet(reader: FlaskClient) -> None:
    page = reader.get("/models/new?language=en").text
    assert 'role="alert"' not in page
    assert 'role="alert"' in send(reader, page, "en", do="go:process").text  # begun, and much is still missing


def test_a_car_is_told_per_kilometre_of_its_method(reader: FlaskClient) -> None:
    page = reader.get("/models/new?template=vehicle_bev&language=en").text
    shown = text(send(reader, page, "en", do="compute"))
    assert "g CO2e/km (150 000 km)" in shown.replace("\u202f", " ").replace("\xa0", " ").replace(",", " ")


def test_rows_come_and_go_without_script(reader: FlaskClient) -> None:
    begun = reader.get("/models/new?template=secondary_aluminium&language=en")
    step = send(reader, begun.text, "en", do="go:materials")
    more = send(reader, step.text, "en", do="add:suppliers", c__suppliers__0__kgco2e="9.1")
    assert len(_rows(more.text, "suppliers")) == len(_rows(step.text, "suppliers")) + 1
    assert _rows(more.text, "suppliers")[0]["kgco2e"] == "9.1"
    less = send(reader, more.text, "en", do=f"remove:suppliers:{len(_rows(step.text, 'suppliers'))}")
    assert len(_rows(less.text, "suppliers")) == len(_rows(step.text, "suppliers"))


def test_a_question_that_only_computing_asks_stands_at_its_row(reader: FlaskClient) -> None:
    begun = reader.get("/models/new?template=secondary_aluminium&language=en")
    step = send(reader, begun.text, "en", do="go:processes")
    refused = send(reader, step.text, "en", do="compute", c__inputs__2__from_id="no_such_thing")
    assert refused.status_code == 422
    row = lxml_html.fromstring(refused.text).get_element_by_id("inputs-3")
    assert "wrong" in row.get("class")
    assert "unknown activity 'no_such_thing'" in row.text_content()


def test_a_workbook_is_read_into_the_form(reader: FlaskClient) -> None:
    book = reader.get("/templates/secondary_aluminium.xlsx")
    assert book.headers["Content-Disposition"].endswith("secondary_aluminium.xlsx")
    sent = {"file": (io.BytesIO(book.data), "mine.xlsx")}
    page = reader.post("/models/file?language=en", data=sent)
    assert page.status_code == 200
    assert "Secondary aluminium ingot" in page.text
    back = send(reader, page.text, "en", do="workbook")
    assert back.mimetype.endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("content", [b"", b"id,name", b"PK\x03\x04 broken"])
def test_what_is_no_model_is_refused_with_words(reader: FlaskClient, content: bytes) -> None:
    refused = reader.post("/models/file?language=en", data={"file": (io.BytesIO(content), "mine.xlsx")})
    assert refused.status_code == 422
    assert "alert" in refused.text


@pytest.mark.parametrize("changed", ["", "[]", '{"rows":{"inputs":[{"colour":"red"}]},"said":{}}'])
def test_a_form_that_nobody_was_given_is_a_bad_request(reader: FlaskClient, changed: str) -> None:
    assert reader.post("/models", data={"state": changed, "do": "compute"}).status_code == 400


def test_files_of_a_footprint(ling: FlaskClient) -> None:
    begun = ling.get("/models/new?template=clinker&language=en")
    method = send(ling, begun.text, "en", do="go:method")
    done = ling.post(
        "/models?language=en",
        data={"state": state(method.text), "step": "method", "method": "en15804.a2", "do": "compute"},
    )
    assert done.status_code == 200
    for name in ("snapshot", "xlsx"):
        file = ling.post(f"/models/exports/{name}", data={"state": state(done.text), "step": "result"})
        assert file.status_code == 200
        assert file.headers["Content-Disposition"].startswith("attachment")
    said = {"state": state(done.text), "step": "result", "stated": "1"}
    pact = ling.post("/models/exports/pact?language=en", data=said)
    assert pact.status_code == 422
    assert "compute it by pact.3.0" in text(pact)
    asked = ling.post("/models/exports/openepd?language=en", data={"state": state(done.text), "step": "result"})
    assert 'name="owner"' in asked.text
    wanting = ling.post("/models/exports/openepd?language=en", data={**said, "name_en": "Clinker of ours"})
    assert wanting.status_code == 422
    assert "owner" in text(wanting)
    assert 'value="Clinker of ours"' in wanting.text  # nothing typed is lost
    epd = ling.post("/models/exports/openepd?language=en", data={**said, "owner": "Ling"})
    assert epd.json["doctype"].casefold() == "openepd"
    stored = send(ling, done.text, "en", do="store", organisation="ling", reason="")
    path = stored.headers["Location"].partition("?")[0]
    assert ling.get(f"{path}/exports/xlsx").status_code == 200
    assert ling.get(f"{path}/exports/none").status_code == 404
    report = path.replace("/footprints/", "/inventories/") + "/report"
    signed = ling.post(report, data={"language": "en", "document": "statement"})
    assert (signed.status_code, signed.data[:5]) == (200, b"%PDF-")
    assert ling.post(report, data={"language": "en", "document": "none"}).status_code == 422
    assert ling.get(f"{path}/snapshot.json").json["method"]["id"] == "en15804.a2"


def test_scenarios_stand_side_by_side_and_are_not_stored(ling: FlaskClient) -> None:
    begun = ling.get("/models/new?template=vehicle_bev&language=en")
    told = text(send(ling, begun.text, "en", do="scenarios"))
    assert "the model as it stands" in told
    assert "200 000 km" in told
    method = send(ling, begun.text, "en", do="go:method")
    fields = {"state": state(method.text), "step": "method", "method": "auto.calcm", "scenario": "distance_200k"}
    done = ling.post("/models?language=en", data={**fields, "do": "compute"})
    assert total(done) > total(send(ling, begun.text, "en", do="compute"))
    refused = send(ling, done.text, "en", do="store", organisation="ling", reason="")
    assert refused.status_code == 422
    assert "a scenario is not stored" in text(refused)
    assert ling.get("/api/v1/organisations/ling/footprints").json == []


def test_pages_of_another_organisation_are_not_there(ling: FlaskClient) -> None:
    begun = ling.get("/models/new?template=clinker&language=en")
    stored = send(ling, begun.text, "en", do="store", organisation="ling", reason="")
    ling.post("/api/v1/organisations", json={"code": "chen", "name_zh": "陈氏水泥"})
    path = stored.headers["Location"].partition("?")[0]
    assert ling.get(path).status_code == 200
    assert ling.get(path.replace("/ling/", "/chen/", 1)).status_code == 404
    assert ling.get("/models/new?organisation=chen&product=clinker").status_code == 404


def test_life_cycle_inventories_are_listed_searched_and_scored(reader: FlaskClient) -> None:
    assert "uslci_fy18" in reader.get("/lci?language=en").text
    found = reader.get("/lci/tanji_cn?q=Electricity+national&language=en")
    link = re.search(r'href="(/lci/tanji_cn/process\?[^"]*)"', found.text)
    assert link is not None
    shown = reader.get(html.unescape(link[1]))
    assert shown.status_code == 200
    assert "remainder" in shown.text
    assert reader.get("/lci/none").status_code == 404
    assert reader.get("/lci/tanji_cn/process?id=none").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/templates", "/models/new", "/models/new?template=eaf_steel", "/lci", "/lci/tanji_cn",
     "/organisations/ling/products"],
)  # fmt: skip
def test_pages_speak_both_languages_and_keep_them(reader: FlaskClient, path: str) -> None:
    join = "&" if "?" in path else "?"
    english, chinese = (reader.get(f"{path}{join}language={name}").text for name in ("en", "zh"))
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in chinese
    head = lxml_html.fromstring(chinese)
    assert all(HAN.search(one.text_content()) for one in head.xpath("//h2 | //th[text()]"))
    links = [one.get("href") for one in head.xpath("//header//a[not(@lang)]")]
    assert links
    assert all("language=zh" in link for link in links)
    for page in (english, chinese):
        assert "<script" not in page
        assert " style=" not in page


def test_a_chinese_name_of_a_file_is_said_in_ascii(reader: FlaskClient) -> None:
    """A server writes its headers in Latin-1: a name in Chinese would end the answer with a fault (RFC 6266)."""
    begun = reader.get("/models/new?template=clinker&language=zh")
    file = send(reader, begun.text, "zh", do="workbook", c__product__0__id="熟料")
    assert file.status_code == 200
    said = file.headers["Content-Disposition"]
    assert said.isascii()
    assert "filename*=UTF-8''%E7%86%9F%E6%96%99.xlsx" in said


@pytest.mark.parametrize("identifier", ["../../x", "a/b", "a\nb", "<b>", "x" * 101, ".x", "-x", "a\u202eb", '"'])
def test_an_id_that_no_address_could_hold_is_told_at_its_row(reader: FlaskClient, identifier: str) -> None:
    begun = reader.get("/models/new?template=clinker&language=en")
    for verb in ("workbook", "compute"):
        refused = send(reader, begun.text, "en", do=verb, c__product__0__id=identifier)
        assert refused.status_code == 422
        assert "cannot stand in addresses and file names" in text(refused)


def test_what_no_person_types_is_no_fault_of_ours(reader: FlaskClient) -> None:
    """Control characters come along when text is copied out of a PDF; the others only a program sends."""
    begun = reader.get("/models/new?template=clinker&language=en")
    pasted = send(reader, begun.text, "en", do="compute", c__processes__0__zh="Ofen\x08", c__inputs__0__amount="\x00")
    assert pasted.status_code == 422
    assert text(pasted).count("a text holds characters that cannot be written") == 2
    halves = state(begun.text).replace('"zh":"', '"zh":"\\ud800', 1)
    assert reader.post("/models", data={"state": halves, "do": "compute"}).status_code == 400
    for name in ("organisation", "scenario"):
        odd = send(reader, begun.text, "en", do="go:method", **{name: "ling\x00", "step": "method"})
        assert odd.status_code == 400
    assert send(reader, begun.text, "en", do=f"remove:inputs:{'9' * 5000}").status_code == 400
    for address in ("/lci?organisation=ling%00", "/models/new?organisation=ling&product=%00"):
        assert reader.get(address).status_code == 404


def test_a_text_longer_than_a_cell_is_told_and_not_cut(reader: FlaskClient) -> None:
    begun = reader.get("/models/new?template=clinker&language=en")
    kept = send(reader, begun.text, "en", do="go:product", c__product__0__site="x" * 10_000)
    assert "x" * 10_000 in state(kept.text)
    refused = send(reader, begun.text, "en", do="compute", c__product__0__site="x" * 40_000)
    assert refused.status_code == 422
    assert "longer than 32767 characters" in text(refused)
    assert "x" * 40_000 in state(refused.text)


@pytest.mark.parametrize(
    "name", ["熟料.json", "../../熟料.JSON", "C:\\\\models\\\\m.json", "x" * 300 + ".json", "-m.json"]
)
def test_a_file_is_read_whatever_it_is_called(reader: FlaskClient, name: str) -> None:
    """Of a name in Chinese only its ending would be left, and its format not known."""
    content = json.dumps(templates.data("clinker")).encode()
    read = reader.post("/models/file?language=en", data={"file": (io.BytesIO(content), name)})
    assert read.status_code == 200
    assert templates.load("clinker").name.en in read.text
    asked = {"methods": "pact.3.0"}
    trial = reader.post(
        "/api/v1/footprint-trials/files", query_string=asked, data={"file": (io.BytesIO(content), name)}
    )
    assert trial.status_code == 200
