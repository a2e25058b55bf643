"""Documents of product footprints: study, statement of one page, statement by modules; and how one is redone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lca.exporters.module_table import METHOD
from lca.footprint import SCHEMA
from lca.footprint_tables import tables
from service.reports import numbers
from service.reports.cited import Cited
from service.reports.cited import cited as held_against
from service.reports.content.context import Cell
from service.reports.content.pcf import conformity, data, modules, results, scope
from service.reports.content.pcf.context import Study, decimals_of
from service.reports.errors import DocumentUnknown, ModulesNotStated
from service.reports.face import About, Face, created_at, number_of, squeezed
from service.reports.layout import Layout
from service.reports.words import Words

__all__ = [
    "DOCUMENTS", "SCHEMA", "UNIT", "about", "charts", "check", "cited", "context", "face", "figures", "layout",
    "recompute",
]  # fmt: skip

Snapshot = Mapping[str, Any]

UNIT = "kgCO2e"
STUDY, STATEMENT, MODULES = "study", "statement", "modules"
DOCUMENTS: Mapping[str, str] = {STUDY: "", STATEMENT: "-S", MODULES: "-M"}
TEMPLATES = {STUDY: "pcf_study.html", STATEMENT: "pcf_statement.html", MODULES: "pcf_modules.html"}
CHAPTERS = {
    STUDY: "summary goal product boundary rules data results quality interpretation conformity annex_trace annex_index "
    "annex_verify",
    STATEMENT: "",
    MODULES: "modules indicators basis modules_verify",
}
INDEX = {  # contents that a method asks of a report -> the chapter that holds them
    "cover": "summary", "programme": "summary", "standard": "goal", "goal": "goal", "product": "product",
    "unit": "product", "boundary": "boundary", "modules": "boundary", "cutoff": "boundary", "allocation": "rules",
    "rules": "rules", "data": "data", "electricity": "data", "components": "results", "gases": "results",
    "results": "results", "scenarios": "conformity", "interpretation": "interpretation",
    "comparison": "interpretation", "review": "conformity", "annexes": "annex_trace",
}  # fmt: skip


def about(snapshot: Snapshot) -> About:
    """What a footprint is called, and of which product of when it is."""
    named, model = snapshot["footprint"], snapshot["model"]
    names = tuple(name for name in (model["name"].get("zh"), model["name"].get("en")) if name)
    maker = model.get("organisation") or model["name"]
    owner = maker.get("zh") or maker.get("en") or names[0]
    return About(named["id"], named["created"], model["start"], model["end"], names, owner)


def check(snapshot: Snapshot, document: str) -> None:
    """Refuse a document that no footprint has, or that the method of this one does not lead to."""
    if document not in DOCUMENTS:
        raise DocumentUnknown(document=document, known=", ".join(DOCUMENTS))
    if document == MODULES and snapshot["method"]["id"] != METHOD:
        raise ModulesNotStated(wanted=METHOD, method=snapshot["method"]["id"])


def context(snapshot: Snapshot, words: Words, digest: str) -> Study:
    """What every part of a document is written from."""
    rounding = numbers.rounding_of({})
    return Study(snapshot, words, rounding, digest, tables(snapshot), decimals_of(snapshot))


def charts(snapshot: Snapshot, words: Words) -> dict[str, Any]:
    """The charts of a footprint by name."""
    # What draws takes a while to import; listing and verifying must not wait for it.
    from service.reports import charts as drawings

    return drawings.of_footprint(context(snapshot, words, ""))


def face(c: Study, document: str) -> Face:
    """Write the first page of a document."""
    s, w = c.snapshot, c.words
    model = c.model
    name = model["name"]
    title = f"pcf.{document}.title"
    number = number_of(s["footprint"]["id"], c.digest, DOCUMENTS[document])
    plain = (name.get("en") or name["zh"]) if w.language == "en" else name["zh"]
    second = (name.get("en") or "") if w.language != "en" else name["zh"]
    return Face(
        number=number,
        digest=c.digest,
        eyebrow=w(f"pcf.{document}.subtitle", year=model["end"][:4]),
        title=w(title),
        title_plain=f"{w.plain(title)} · {w.plain_pair(name['zh'], name.get('en') or name['zh'])}",
        organisation=Markup.escape(plain),
        organisation_second="" if second == plain else second,
        organisation_plain=plain,
        facts=_facts(c),
        total_label=w("pcf.total_of_modules" if document == MODULES else "pcf.total_of", each=c.each),
        total=c.kg(c.results["total_kgco2e"]),
        parts=tuple(results.parts(c)),
        unit=Markup("kgCO<sub>2</sub>e"),
        unit_plain=UNIT,
        claim=w("self_declared"),
        claim_plain=w.plain("self_declared"),
        running_claim=w.plain("demonstration_short" if model.get("is_demonstration") else "running_claim"),
        imprint=number,
        demonstration=w("pcf.demonstration") if model.get("is_demonstration") else "",
    )


def _facts(c: Study) -> tuple[tuple[Cell, Cell], ...]:
    s, w = c.snapshot, c.words
    named, model = s["footprint"], c.model
    facts: list[tuple[Cell, Cell]] = [
        (w("pcf.period"), w("period_text", start=model["start"], end=model["end"])),
        (w(f"pcf.unit.{model['unit']['kind']}"), c.named(model["unit"]["name"])),
        (w("pcf.boundary"), w.pair(*scope.boundary_name(c))),
        (w("method"), w.named(s["method"]["name"])),
        (w("pcf.gwp_set"), w("pcf.gwp_text", set=s["method"]["gwp_set"])),
        (w("version"), f"V{named['version']}"),
        (w("pcf.created"), created_at(named["created"])),
    ]
    if scope.valid_until(c):
        facts.append((w("pcf.valid_until"), scope.valid_until(c)))
    if results.distance(c):
        facts.insert(2, (w("pcf.per_km"), results.distance(c)))
    if model.get("organisation"):
        facts.insert(0, (w("pcf.maker"), c.named(model["organisation"])))
    if named["reason"]:
        facts.append((w("version_reason"), named["reason"]))
    return tuple(facts)


def figures(snapshot: Snapshot) -> list[str]:
    """Every figure in kg CO2e that a first page shows, in order: the total, then the kinds of emission."""
    decimals, rounding = decimals_of(snapshot), numbers.rounding_of({})
    given = snapshot["results"]
    kilograms = (given["total_kgco2e"], *(given[name] for name in results.FACE))
    return [squeezed(numbers.rounded(value, rounding, decimals)) for value in kilograms]


def layout(c: Study, document: str) -> Layout:
    """The template of a document, its chapters and what they mention."""
    return Layout(
        TEMPLATES[document],
        tuple(f"pcf.h.{name}" for name in CHAPTERS[document].split()),
        {
            "scope": scope,
            "data": data,
            "results": results,
            "conformity": conformity,
            "modules": modules,
            "unconfirmed": conformity.unconfirmed(c),
            "index": [
                (item, f"pcf.h.{INDEX[item['id']]}" if item["id"] in INDEX else "")
                for item in c.snapshot["method"]["report_contents"]
            ],
            "rounding_note": c.words(
                "pcf.rounding_note", rule=c.both("rounding", c.rounding.rule), decimals=c.decimals
            ),
        },
    )


def recompute(snapshot: Snapshot, lines: Mapping[str, bytes]) -> Mapping[str, Any]:  # noqa: ARG001  a footprint has no lines apart
    """Redo a footprint from its own operands; see ``lca.footprint.recompute``."""
    from lca.footprint import recompute as redo

    return redo(snapshot)


def cited(snapshot: Snapshot) -> Cited:
    """Hold the factors and the method of a snapshot against those of this program."""
    from lca.footprint import factor_record
    from lca.footprint_method import footprint_methods
    from lca.footprint_method import load as load_method

    stated = snapshot["method"]
    held = load_method(stated["id"]).to_record() if stated["id"] in footprint_methods() else None
    return held_against(snapshot, factor_record, [(stated, held)])
