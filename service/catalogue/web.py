"""Pages of life-cycle inventory databases: what there is, a search for processes, a process with its supply chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import flask
from flask import Blueprint, request

from lca.background import Background
from service import db
from service.accounts.actions import Actor
from service.catalogue import inventories, lci_scores, lci_told
from service.http import acting, acting_for_none, house

PER_PAGE = 100
MOST_FINDINGS = 200
GWP = ("AR4", "AR5", "AR6")

blueprint = Blueprint("lci", __name__, url_prefix="/lci")


@blueprint.get("")
def listed() -> str:
    """List the databases that can be used: an organisation's, the house's, those that the program ships."""
    rows = [asdict(one) for one in inventories.listed(db.session(), _actor())]
    return flask.render_template("pages/lci.html", databases=rows, **_asked())


@blueprint.get("/<database>")
def show(database: str) -> str:
    """Show a database: what it holds, a search for its processes, what is odd in it."""
    compiled = _compiled(database)
    after = max(0, request.args.get("after", 0, type=int))
    words = request.args.get("q", "")[:200]
    findings = lci_scores.findings(compiled)
    return flask.render_template(
        "pages/lci_database.html",
        database=database,
        content=compiled.system.database,
        counts=lci_scores.described(compiled),
        page=lci_scores.found(compiled, words, after, PER_PAGE),
        words=words,
        after=after,
        per_page=PER_PAGE,
        findings=[lci_told.told(one) for one in findings[:MOST_FINDINGS]],
        findings_in_all=len(findings),
        **_asked(),
    )


@blueprint.get("/<database>/process")
def process(database: str) -> str:
    """Show the score of a process: by gas, by process and along its supply chain."""
    compiled = _compiled(database)
    index = compiled.find(request.args.get("id", ""), request.args.get("product", ""))
    gwp = request.args.get("gwp", "AR6")
    data = lci_scores.scored(compiled, index, house().library.gwp_sets[gwp if gwp in GWP else "AR6"])
    return flask.render_template(
        "pages/lci_process.html",
        database=database,
        data=data,
        product=compiled.products[index],
        tree=nested(data["supply_chain"]),
        sets=GWP,
        **_asked(),
    )


def nested(branches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the branches of a supply chain inside the ones that take of them, each with its rest kept."""
    found: dict[int, dict[str, Any]] = {}
    for one in branches:
        found[one["id"]] = {**one, "inside": []}
        if one["parent"] in found:
            found[one["parent"]]["inside"].append(found[one["id"]])
    return found[branches[0]["id"]]


def _actor() -> Actor:
    code = request.args.get("organisation", "")
    found: Actor = acting(code) if code else acting_for_none()
    return found


def _asked() -> dict[str, str | None]:
    return {"organisation": request.args.get("organisation") or None}


def _compiled(database: str) -> Background:
    return inventories.looked_at(db.session(), _actor(), database)
