"""Pages of footprints: the guided form, its result, what is stored of it, and two held against each other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from factors.errors import FactorsError
from lca.errors import LcaError, ModelInvalid, Unanswered
from lca.footprint import Footprint
from lca.footprint_method import methods_of_models
from lca.product_model import Model, Name
from lca.snapshot import canonical_bytes
from service import db
from service.accounts import actions as accounts
from service.activities.loading import wrong
from service.calculations import footprint_runs, footprint_trials, footprints
from service.calculations.footprint_trials import Trial
from service.errors import N_, ServiceError, Wrong, as_wrong
from service.http import XLSX, acting, harmless, house, now, only_reading, rooms
from service.products import actions as products
from service.products import forms
from service.products.form_steps import STEP_IDS, STEPS
from service.products.forms import Form, Told
from service.products.web import download, workbook_of

Record = Mapping[str, Any]

blueprint = Blueprint("footprints", __name__)

MOST_SCENARIOS = 20
SCENARIO_NOT_KEPT = N_("a scenario is not stored: what is kept is the model as it stands; choose that at the method")


# --- the form ------------------------------------------------------------------------------------


@blueprint.get("/models/new")
def begin() -> str:
    """Begin a model: from a template, from the newest model of a product, or from nothing."""
    asked = flask.request.args
    code, product = asked.get("organisation", ""), asked.get("product", "")
    if code and product:
        row = products.show(db.session(), acting(code), product)
        form = forms.of_model(products.value_of(row))
    else:
        form = forms.of_template(asked["template"]) if asked.get("template") else Form({"product": [{}]})
    if code:
        form.said["organisation"] = code
    # Where nothing is typed yet there is nothing wrong yet.
    is_empty = not product and not asked.get("template")
    return _page(form, STEPS[0].id, () if is_empty else None)


@blueprint.post("/models/file")
def upload() -> ResponseReturnValue:
    """Take the rows of a workbook, or a model in YAML or JSON, into the form."""
    sent = flask.request.files.get("file")
    if sent is None or not sent.filename:
        return flask.redirect(flask.url_for("templates.listed"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / harmless(sent.filename)
        sent.save(path)
        form, told = forms.of_file(path)
    return _page(form, STEPS[0].id, of_file=list(map(wrong, told)))


@blueprint.post("/models")
def change() -> ResponseReturnValue:
    """Take in what a step says and do what is asked: another step, a row more or less, compute, store, download."""
    form = form_sent()
    verb, _, what = flask.request.form.get("do", "").partition(":")
    step = flask.request.form.get("step", STEPS[0].id)
    try:
        if verb == "add":
            name, _, where = what.partition(":")
            form.add(name, after_gate=where == "after")
        elif verb == "remove":
            name, _, number = what.partition(":")
            form.remove(name, int(number) if forms.ROW_NUMBER.fullmatch(number) else -1)
    except forms.StateInvalid as error:
        raise BadRequest from error
    if verb in ("compute", "scenarios"):
        return _result(form, with_scenarios=verb == "scenarios")
    if verb == "store":
        return _store(form)
    if verb == "workbook":
        return _workbook(form)
    return _page(form, what if verb == "go" else step)


def form_sent() -> Form:
    """Return the form that the page sent back, with what was typed in its fields.

    Raises:
        BadRequest: it is no form that a page of ours sends.
    """
    sent = flask.request.form
    try:
        form = forms.of_state(sent.get("state", ""))
        form.change(sent.items())
    except forms.StateInvalid as error:
        raise BadRequest from error
    if sent.get("step") == "method":
        form.said |= {name: sent[name][:200] for name in ("organisation", "method", "scenario") if name in sent}
        form.said["beside"] = " ".join(sent.getlist("beside"))[:400]
    if "reason" in sent:
        form.said |= {name: sent[name][:1000] for name in ("organisation", "reason") if name in sent}
    if not all(map(forms.is_said, form.said.values())):
        raise BadRequest
    return form


def _page(
    form: Form, step: str, problems: tuple[Told, ...] | None = None, *, of_file: list[Wrong] | None = None,
    general: list[Wrong] | None = None,
) -> str:  # fmt: skip
    """Show a step of the form with everything that is wrong with the model so far."""
    number = STEP_IDS.index(step) if step in STEP_IDS else 0
    found = forms.judged(form).problems if problems is None else problems
    return flask.render_template(
        "pages/model.html",
        form=form,
        step=STEPS[number],
        number=number,
        steps=STEPS,
        sections=forms.sections(form, STEPS[number], found),
        problems=found,
        of_file=of_file or [],
        general=general or [],
        offers=forms.offers(form) if STEPS[number].views else {},
        methods=methods_of_models(),
        organisations=_organisations(),
        is_full=form.count >= forms.MOST_ROWS,
    )


def _organisations() -> list[tuple[str, str]]:
    """Return codes and names; on a session of its own, so that a step of the form takes no writer's lock."""
    with house().database.session(write=False) as session:
        return [(one.code, forms.label_of({"zh": one.name_zh, "en": one.name_en})) for one in rooms(session)]


# --- its result ----------------------------------------------------------------------------------


class Refused(Exception):
    """The form cannot be computed; the page that says why."""

    def __init__(self, page: str) -> None:
        self.page = page
        super().__init__()


@dataclass(frozen=True, slots=True)
class Computed:
    """A form computed: its model, the model's data, its footprints by each method, the study's own first."""

    model: Model
    data: dict[str, Any]
    found: list[Footprint]


def computed(form: Form) -> Computed:
    """Compute what the form says.

    Raises:
        Refused: it is no model, has no method, or something in it has no answer.
    """
    judged = forms.judged(form)
    if judged.model is None:
        step = judged.problems[0].step if judged.problems else STEPS[0].id
        raise Refused(_page(form, step, judged.problems))
    try:
        methods = [form.said.get("method", ""), *form.said.get("beside", "").split()]
        trial = Trial(methods, form.said.get("scenario", ""))
        found = _footprints(judged.model, trial, form.said.get("organisation", ""))
    except (ModelInvalid, Unanswered) as error:
        told = forms.placed(form, error)
        raise Refused(_page(form, told[0].step, told)) from error
    except (LcaError, FactorsError) as error:
        raise Refused(_page(form, "method", general=list(as_wrong(error)))) from error
    return Computed(judged.model, judged.data, found)


def _footprints(model: Model, trial: Trial, code: str) -> list[Footprint]:
    library = house().library
    if not code:
        return footprint_trials.computed(model, trial, footprint_trials.published(library), now())
    with only_reading(code) as (session, actor):
        return footprint_trials.computed(model, trial, footprint_trials.own(session, actor, library), now())


def _result(form: Form, general: list[Wrong] | None = None, *, with_scenarios: bool = False) -> ResponseReturnValue:
    try:
        done = computed(form)
        scenarios = _scenarios(form, done.model) if with_scenarios else []
    except Refused as refused:
        return refused.page, 422
    main, *beside = done.found
    page = flask.render_template(
        "pages/result.html",
        form=form,
        organisations=_organisations(),
        general=general or [],
        scenarios=scenarios,
        scenario=next((one for one in done.model.scenarios if one.id == form.said.get("scenario")), None),
        has_scenarios=bool(done.model.scenarios),
        beside=[footprints.short(one.snapshot) for one in beside],
        **_shown(main.snapshot),
    )
    return (page, 422) if general else page


def _scenarios(form: Form, model: Model) -> list[tuple[Name, Record]]:
    """Return the footprint in each scenario of the model, by the method of the study, the model as it stands first."""
    bare = {name: text for name, text in form.said.items() if name not in ("scenario", "beside")}
    asked = ["", *(one.id for one in model.scenarios[:MOST_SCENARIOS])]
    names = [Name(""), *(one.name for one in model.scenarios[:MOST_SCENARIOS])]
    found = [computed(replace(form, said={**bare, "scenario": one})).found[0].snapshot for one in asked]
    return [(name, footprints.short(one)) for name, one in zip(names, found, strict=True)]


def _shown(snapshot: Record) -> dict[str, Any]:
    """Return what the page of a footprint shows."""
    data, stages = footprints.summary(snapshot), {one["id"]: one for one in snapshot["method"]["boundary"]["stages"]}
    by_stage, by_component = data["by_stage"], data["by_component"]
    # A stored snapshot has its keys in the order of the alphabet: a life is told from its beginning.
    data["by_stage"] = {key: by_stage[key] for key in sorted(by_stage, key=_place_in([*stages]))}
    data["by_component"] = {key: by_component[key] for key in sorted(by_component, key=_largest_first(by_component))}
    return {
        "snapshot": snapshot,
        "data": data,
        "stages": stages,
        "components": snapshot["components"],
    }


def _place_in(known: Sequence[str]) -> Callable[[str], int]:
    return lambda key: known.index(key) if key in known else len(known)


def _largest_first(values: Mapping[str, str]) -> Callable[[str], float]:
    return lambda key: -abs(float(values[key]))


def _store(form: Form) -> ResponseReturnValue:
    """Store model and footprint, and show them."""
    judged, code = forms.judged(form), form.said.get("organisation", "")
    if judged.model is None:
        return _result(form)
    if form.said.get("scenario"):
        return _result(form, [Wrong("", "scenario-not-kept", SCENARIO_NOT_KEPT)])
    session = db.session()
    try:
        actor = acting(code)
        reason = form.said.get("reason", "")
        row = products.put_model(session, actor, judged.data, "", now(), reason=reason)
        study = footprint_runs.Study(row.product, form.said.get("method", ""), reason)
        stored = footprint_runs.run(session, actor, study, house().library, now())
    except (ModelInvalid, Unanswered):
        return _result(form)
    except (ServiceError, LcaError, FactorsError) as error:
        return _result(form, list(as_wrong(error)))
    return flask.redirect(flask.url_for("footprints.show", code=code, identifier=stored.id), 303)


def _workbook(form: Form) -> ResponseReturnValue:
    judged = forms.judged(form)
    if judged.model is None:
        return _page(form, judged.problems[0].step, judged.problems), 422
    return download(workbook_of(judged.data), XLSX, f"{judged.model.id}.xlsx")


# --- what is stored ------------------------------------------------------------------------------


@blueprint.get("/organisations/<code>/products")
def listed(code: str) -> str:
    """List the products of an organisation with their footprints."""
    session = db.session()
    actor = acting(code)
    return flask.render_template(
        "pages/products.html",
        organisation=accounts.show(session, actor),
        products=products.products(session, actor),
        footprints=footprint_runs.footprints(session, actor),
    )


@blueprint.get("/organisations/<code>/footprints/<identifier>")
def show(code: str, identifier: str) -> str:
    """Show a frozen footprint."""
    session = db.session()
    actor = acting(code)
    row = footprint_runs.show(session, actor, identifier)
    return flask.render_template(
        "pages/footprint.html",
        organisation=accounts.show(session, actor),
        row=row,
        flags=footprint_runs.flags(session, actor, identifier),
        others=[one for one in footprint_runs.footprints(session, actor) if one.id != row.id],
        beside=[],
        **_shown(footprint_runs.snapshot(session, actor, identifier)),
    )


@blueprint.get("/organisations/<code>/footprints/<identifier>/snapshot.json")
def snapshot(code: str, identifier: str) -> flask.Response:
    """Return the frozen snapshot as canonical JSON."""
    actor = acting(code)
    found = footprint_runs.snapshot(db.session(), actor, identifier)
    return download(canonical_bytes(found), "application/json", f"{identifier}.json")


@blueprint.get("/organisations/<code>/comparison")
def compare(code: str) -> str:
    """Say line by line why two footprints differ."""
    session = db.session()
    actor = acting(code)
    asked = [flask.request.args.get(name, "") for name in ("one", "other")]
    found = footprints.compare(*(footprint_runs.snapshot(session, actor, name) for name in asked))
    return flask.render_template("pages/comparison.html", organisation=accounts.show(session, actor), data=found)
