"""Pages of the supply chain: suppliers at a glance, answers side by side, and the page that a link opens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from factors.errors import FactorsError
from lca.admission import materials
from lca.errors import LcaError
from lca.footprint_method import load, methods_of_models
from lca.product_model import GWP_SETS
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import may
from service.errors import ServiceError, Wrong, as_wrong
from service.http import NUMBER, XLSX, acting, house, now
from service.i18n import Text, short_language
from service.products import accepted, supplier_sheet
from service.products.columns import boundaries
from service.products.forms import label
from service.products.web import download
from service.secret_files import signing_secret
from service.suppliers import actions, answers, asking, comparison, overview, requests
from service.suppliers.actions import NewPurchase, NewSupplier
from service.suppliers.answers import AdmissionDoubted, AdmissionRefused
from service.suppliers.models import FootprintRequest
from service.suppliers.requests import NewRequest

blueprint = Blueprint("supply", __name__)

REFUSALS = (ServiceError, LcaError, FactorsError)
ADMISSION = (AdmissionRefused, AdmissionDoubted)
"""Refusals whose own sentence says what their particulars add up to."""


@blueprint.route("/organisations/<code>/suppliers", methods=["GET", "POST"])
def listed(code: str) -> ResponseReturnValue:
    """Show suppliers with what is bought of them; take a new supplier or product."""
    if flask.request.method == "GET":
        return _suppliers(code)
    sent = flask.request.form
    try:
        if sent.get("do") == "supplier":
            given = NewSupplier(**{name: sent.get(name, "").strip()[:255] for name in NewSupplier.__dataclass_fields__})
            actions.put_supplier(db.session(), acting(code), given, now(), reason=sent.get("reason", "")[:1000])
        else:
            bought = {name: sent.get(name, "").strip()[:255] for name in NewPurchase.__dataclass_fields__}
            seller = sent.get("supplier", "")
            new, reason = NewPurchase(**bought), sent.get("reason", "")[:1000]
            actions.put_purchase(db.session(), acting(code), seller, new, house().library, now(), reason=reason)
    except REFUSALS as error:
        return _suppliers(code, failed=as_wrong(error), sent=sent), 422
    return flask.redirect(flask.url_for("supply.listed", code=code), 303)


@blueprint.get("/organisations/<code>/purchases/<purchase>")
def compare(code: str, purchase: str) -> str:
    """Set the answers for a bought product side by side."""
    return _comparison(code, purchase)


@blueprint.post("/organisations/<code>/purchases/<purchase>/requests")
def ask(code: str, purchase: str) -> ResponseReturnValue:
    """Ask for a footprint, and show its link."""
    sent = flask.request.form
    names = ("period_start", "period_end", "deadline", "note", "least_primary_percent", "language")
    method, _, boundary = sent.get("method", "").partition("|")
    said = {name: sent.get(name, "").strip()[:2000] for name in names}
    said["language"] = said["language"] if said["language"] in ("zh", "en") else "zh"
    verified = sent.get("must_be_verified") == "yes"
    given = NewRequest(purchase, method, boundary=boundary, must_be_verified=verified, **said)
    try:
        row, token = requests.ask(db.session(), acting(code), given, signing_secret(house().settings), now())
    except REFUSALS as error:
        return _comparison(code, purchase, failed=as_wrong(error), sent=sent), 422
    link = asking.handed_over(row, token, is_sent=sent.get("send") == "yes")
    return _comparison(code, purchase, link=link), 201


@blueprint.post(f"/organisations/<code>/footprint-requests/{NUMBER}/link")
def renew(code: str, number: int) -> ResponseReturnValue:
    """Make another link of a request."""
    purchase = _purchase_of(code, number)
    row, token = requests.renew(db.session(), acting(code), number, signing_secret(house().settings), now())
    return _comparison(code, purchase, link=asking.handed_over(row, token, is_sent=False))


@blueprint.post(f"/organisations/<code>/footprint-requests/{NUMBER}/close")
def close(code: str, number: int) -> ResponseReturnValue:
    """Ask no longer."""
    session, actor = db.session(), acting(code)
    return _changed(code, _purchase_of(code, number), partial(requests.close, session, actor, number, _reason(), now()))


@blueprint.post(f"/organisations/<code>/footprint-answers/{NUMBER}/decision")
def decide(code: str, number: int) -> ResponseReturnValue:
    """Accept an answer, or reject it."""
    session, actor, sent = db.session(), acting(code), flask.request.form
    purchase = _purchase_of(code, answers.show(session, actor, number).request_id)
    verb = answers.accept if sent.get("do") == "accept" else answers.reject
    return _changed(code, purchase, partial(verb, session, actor, number, house().library, now(), reason=_reason()))


@blueprint.get(f"/organisations/<code>/footprint-answers/{NUMBER}/document")
def document(code: str, number: int) -> flask.Response:
    """Return what a supplier sent, word for word."""
    return asking.sent_document(acting(code), number)


@blueprint.post("/organisations/<code>/accepted-footprints/<identifier>/withdraw")
def withdraw(code: str, identifier: str) -> ResponseReturnValue:
    """Take an accepted footprint out of use."""
    session, actor = db.session(), acting(code)
    purchase = accepted.show(session, actor, identifier).purchase
    return _changed(code, purchase, partial(accepted.withdraw, session, actor, identifier, _reason(), now()))


def _reason() -> str:
    return flask.request.form.get("reason", "")[:1000]


def _changed(code: str, purchase: str, change: Callable[[], object]) -> ResponseReturnValue:
    """Do what a form of the comparison asks, and show the comparison again: with what is wrong, where it is refused."""
    try:
        change()
    except REFUSALS as error:
        first = [Wrong("", error.code, Text(error.message))] if isinstance(error, ADMISSION) else []
        return _comparison(code, purchase, failed=[*first, *as_wrong(error)]), 422
    return flask.redirect(flask.url_for("supply.compare", code=code, purchase=purchase), 303)


# --- by a link, without an account ---------------------------------------------------------------


@blueprint.route("/answer/<token>", methods=["GET", "POST"])
def answer(token: str) -> ResponseReturnValue:
    """Show what is asked to whoever holds the link, and take the answer."""
    request = requests.find(db.session(), token, now())
    if flask.request.method == "GET":
        return _asked(request, token)
    sent = flask.request.form
    try:
        file = flask.request.files.get("file")
        stated = asking.sent_file(file) if file and file.filename else answers.of_form(sent)
        asking.answered(request, stated)
    except REFUSALS as error:
        return _asked(request, token, failed=_by_headers(as_wrong(error)), sent=sent), 422
    return flask.redirect(flask.url_for("supply.answer", token=token, _anchor="answers"), 303)


@blueprint.get("/answer/<token>/footprint.csv")
def table(token: str) -> flask.Response:
    """Return the table to be filled in as CSV, with what the buyer asked written in it."""
    shown = asking.shown(db.session(), requests.find(db.session(), token, now()))
    return download(supplier_sheet.as_csv(_begun(shown), short_language()), "text/csv", "footprint.csv")


@blueprint.get("/answer/<token>/footprint.xlsx")
def workbook(token: str) -> flask.Response:
    """Return the workbook to be filled in, with what the buyer asked written in it."""
    shown = asking.shown(db.session(), requests.find(db.session(), token, now()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "footprint.xlsx"
        supplier_sheet.xlsx(path, _begun(shown), _notes(shown), short_language())
        return download(path.read_bytes(), XLSX, "footprint.xlsx")


def _begun(shown: dict[str, Any]) -> dict[str, str]:
    """Return the cells that follow from what is asked; the supplier looks at them and changes what is otherwise."""
    return {
        "zh": shown["product"]["zh"] or shown["product"]["en"],
        "en": shown["product"]["en"],
        "unit": shown["unit"],
        "method": shown["method"],
        "gwp_set": shown["gwp_set"],
        "boundary": shown["boundary"],
        "period_end": shown["period_end"],
    }


def _notes(shown: dict[str, Any]) -> list[tuple[str, str]]:
    zh, en = shown["buyer"]["zh"] or shown["buyer"]["en"], shown["buyer"]["en"] or shown["buyer"]["zh"]
    day, method, unit, note = shown["deadline"][:10], load(shown["method"]), shown["unit"], shown["note"]
    boundary = method.boundary.types[shown["boundary"]]
    return [
        (f"{zh} 请您填报以下产品的碳足迹，截止日期 {day}。", f"{en} asks for the carbon footprint below, until {day}."),
        (
            f"核算方法：{method.name.zh}；系统边界：{boundary.zh}；每 {unit}；"
            f"数据期间 {shown['period_start']} 至 {shown['period_end']}。",
            f"By {method.name.en}, {boundary.en}, per {unit}, for {shown['period_start']} to {shown['period_end']}.",
        ),
        *([(f"采购方说明：{note}", f"The buyer's note: {note}")] if note else ()),
        (
            "在下一个工作表填写一行，保存后由原链接上传。",
            "Fill one row of the next sheet, save it and send it by the same link.",
        ),
    ]


def _asked(request: FootprintRequest, token: str, **said: Any) -> str:
    shown = asking.shown(db.session(), request)
    return flask.render_template(
        "pages/answer.html",
        asked=shown,
        token=token,
        columns=supplier_sheet.columns(),
        choices=_choices(request.method),
        cells=said.pop("sent", None) or _begun(shown),
        method=load(request.method),
        **said,
    )


def _by_headers(wrongs: Sequence[Wrong]) -> list[Wrong]:
    """Return what is wrong with the fields called as the form and the sheet call them."""
    headers = {one.name: label(one.field) for one in supplier_sheet.columns()}
    return [_by_header(one, headers) for one in wrongs]


def _by_header(one: Wrong, headers: Mapping[str, str]) -> Wrong:
    said = one.text
    if not isinstance(said, Text) or said.params.get("key") not in headers:
        return one
    return replace(one, text=Text(said.template, **{**said.params, "key": headers[str(said.params["key"])]}))


def _choices(method: str) -> dict[str, list[tuple[str, str]]]:
    """Return what the fields of the form offer: methods and boundaries by name, sets of potentials."""
    names = _names() | {key: label(one) for key, one in load(method).boundary.types.items()}
    methods = methods_of_models()
    bounds = dict.fromkeys(key for one in methods for key in one.boundary.types)
    return {
        "method": [(one.id, names[one.id]) for one in methods],
        "boundary": [(key, names[key]) for key in bounds],
        "gwp_set": [(one, one) for one in GWP_SETS],
    }


# --- what the pages show -------------------------------------------------------------------------


def _names() -> dict[str, str]:
    """Return methods and boundaries by their names in the language in use."""
    return {one.id: label(one.name) for one in methods_of_models()} | {one.id: label(one) for one in boundaries()}


def _purchase_of(code: str, number: int) -> str:
    session = db.session()
    bought, _ = requests.bought_by(session, requests.show(session, acting(code), number))
    return bought.code


def _suppliers(code: str, **said: Any) -> str:
    session, actor = db.session(), acting(code)
    session.rollback() if said.get("failed") else session.flush()
    return flask.render_template(
        "pages/suppliers.html",
        organisation=accounts.show(session, actor),
        rows=overview.rows(session, actor, now()),
        suppliers=actions.suppliers(session, actor),
        materials=materials(house().library),
        may_change=may(actor, "manage suppliers"),
        **said,
    )


def _comparison(code: str, purchase: str, **said: Any) -> str:
    session, actor = db.session(), acting(code)
    session.rollback() if said.get("failed") else session.flush()
    asked = [one for one in overview.requests_of(session, actor, now()) if one["purchase"] == purchase]
    return flask.render_template(
        "pages/purchase.html",
        organisation=accounts.show(session, actor),
        data=comparison.compared(session, actor, purchase, house().library, now().date()),
        requests=asked,
        methods=methods_of_models(),
        columns={one.name: one.field for one in supplier_sheet.columns()},
        names=_names(),
        may_change=may(actor, "manage suppliers"),
        sends_mail=house().mail.is_on,
        may_decide=may(actor, "decide on suppliers' footprints"),
        **said,
    )
