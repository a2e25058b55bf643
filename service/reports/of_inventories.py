"""Reports of inventories: their first page, chapters and charts, and how a stranger redoes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lca.method import LEGAL_ENTITY
from lca.snapshot import SCHEMA, expanded
from service.reports import numbers
from service.reports.cited import Cited
from service.reports.cited import cited as held_against
from service.reports.content import activity, bridge, factors, organisation, quality, results, statement
from service.reports.content.context import Cell, Context
from service.reports.errors import DocumentUnknown, SnapshotUnreadable
from service.reports.face import INVENTED, About, Face, created_at, number_of, squeezed
from service.reports.layout import Layout
from service.reports.words import Words

__all__ = [
    "DOCUMENTS", "SCHEMA", "UNIT", "about", "charts", "check", "cited", "context", "face", "figures", "layout",
    "recompute",
]  # fmt: skip

Snapshot = Mapping[str, Any]

UNIT = "tCO2e"
DOCUMENTS: Mapping[str, str] = {"report": ""}
VIEWS = ("location", "market", "method")
TEMPLATES = {"iso": "iso.html", "cn": "cn.html"}
CHAPTERS = {
    "iso": (
        "summary organisation boundary reporting emissions scope2 bridge base_year methods activity factors quality "
        "energy statement annex_index annex_verify"
    ),
    "cn": (
        "entity boundary activity factors emissions supplementary quality declaration annex_bridge annex_sources "
        "annex_verify"
    ),
}
INDEX = {  # contents that a method asks of a report -> the chapter that holds them
    "organisation": "organisation",
    "responsible_person": "organisation",
    "purpose": "organisation",
    "period": "organisation",
    "organisational_boundary": "boundary",
    "reporting_boundary": "reporting",
    "direct_by_gas": "emissions",
    "biogenic": "emissions",
    "removals": "emissions",
    "exclusions": "reporting",
    "indirect_by_category": "emissions",
    "scope2_dual": "scope2",
    "base_year": "base_year",
    "methods": "methods",
    "factors": "factors",
    "gwp": "methods",
    "uncertainty": "quality",
    "conformity": "statement",
    "verification": "statement",
    "crosswalk": "bridge",
    "intensity": "energy",
    "instruments": "scope2",
}


def about(snapshot: Snapshot) -> About:
    """What an inventory is called, and whose of when it is."""
    inventory, names = snapshot["inventory"], snapshot["organisation"]
    period = inventory["period"]
    given = tuple(name for name in (names["name_zh"], names["name_en"]) if name)
    return About(inventory["id"], inventory["created"], period["start"], period["end"], given, given[0])


def check(snapshot: Snapshot, document: str) -> None:
    """Refuse an inventory that asks for a report there is no template of."""
    template = snapshot["method"]["report_template"]
    if template not in TEMPLATES:
        raise SnapshotUnreadable(reason=f"report template {template!r} is none of {', '.join(TEMPLATES)}")
    if document not in DOCUMENTS:
        raise DocumentUnknown(document=document, known=", ".join(DOCUMENTS))


def context(snapshot: Snapshot, words: Words, digest: str) -> Context:
    """What every part of a report is written from."""
    return Context(expanded(snapshot), words, numbers.rounding_of(snapshot["method"]), digest)


def charts(snapshot: Snapshot, words: Words) -> dict[str, Any]:
    """The charts of an inventory by name."""
    # What draws takes a while to import; listing and verifying must not wait for it.
    from service.reports import charts as drawings

    return drawings.charts(snapshot, words)


def face(c: Context, document: str) -> Face:
    """Write the first page of a report."""
    s, w = c.snapshot, c.words
    template = s["method"]["report_template"]
    names = s["organisation"]
    title = f"{template}.title"
    number = number_of(s["inventory"]["id"], c.digest, DOCUMENTS[document])
    second = names["name_en"] if w.language != "en" else names["name_zh"]
    claim = w.plain("self_declared")
    return Face(
        number=number,
        digest=c.digest,
        eyebrow=w(f"{template}.subtitle", year=s["inventory"]["period"]["end"][:4]),
        title=w(title),
        title_plain=f"{w.plain(title)} · {w.plain_named(names)}",
        organisation=Markup.escape(names["name_en"] if w.language == "en" else names["name_zh"] or names["name_en"]),
        organisation_second=second if second != names["name_zh"] or w.language == "en" else "",
        organisation_plain=names["name_en"] if w.language == "en" else names["name_zh"] or names["name_en"],
        facts=_facts(c),
        total_label=w("total_of", view=c.both("view", c.headline)),
        total=c.t(c.results["total_kgco2e"]),
        parts=tuple((w(f"view.{view}"), c.t(c.results[f"total_{view}_kgco2e"])) for view in VIEWS),
        unit=Markup("tCO<sub>2</sub>e"),
        unit_plain=UNIT,
        claim=w("self_declared"),
        claim_plain=claim,
        running_claim=w.plain("demonstration_short" if is_demonstration(s) else "running_claim"),
        imprint=number,
        demonstration=w("demonstration") if is_demonstration(s) else "",
    )


def _facts(c: Context) -> tuple[tuple[Cell, Cell], ...]:
    s, w = c.snapshot, c.words
    inventory = s["inventory"]
    facts: list[tuple[Cell, Cell]] = [
        (w("period"), organisation.period(c)),
        (w("method"), w.named(s["method"]["name"])),
        (w("standard"), statement.standard(c)),
        _boundary(c),
        (w("version"), f"V{inventory['version']}"),
        (w("created"), created_at(inventory["created"])),
    ]
    if inventory["reason"]:
        facts.append((w("version_reason"), inventory["reason"]))
    return tuple(facts)


def _boundary(c: Context) -> tuple[Cell, Cell]:
    """A method of one legal entity knows no choice of consolidation."""
    if c.snapshot["method"]["boundary"] == LEGAL_ENTITY:
        return c.words("id.boundary"), c.code("boundary", LEGAL_ENTITY)
    return c.words("id.approach"), organisation.approach(c)


def is_demonstration(snapshot: Mapping[str, Any]) -> bool:
    """Is the company an invented one? Its inventory says so in a note, or it carries the word in its name."""
    name = snapshot["organisation"]["name_zh"]
    return bool(snapshot["inventory"]["notes"].get("demonstration")) or name.endswith(INVENTED)


def figures(snapshot: Mapping[str, Any]) -> list[str]:
    """Every figure in tCO2e that a first page shows, in order: the total, then the three structures."""
    rounding = numbers.rounding_of(snapshot["method"])
    results = snapshot["results"]
    kilograms = (results["total_kgco2e"], *(results[f"total_{view}_kgco2e"] for view in VIEWS))
    return [squeezed(numbers.tonnes(value, rounding)) for value in kilograms]


def layout(c: Context, document: str) -> Layout:  # noqa: ARG001  an inventory has one document
    """The template of an inventory's report, its chapters and what they mention."""
    s = c.snapshot
    template = s["method"]["report_template"]
    return Layout(
        TEMPLATES[template],
        tuple(f"{template}.h.{name}" for name in CHAPTERS[template].split()),
        {
            "index": [
                (item, f"iso.h.{INDEX[item['id']]}" if item["id"] in INDEX else "")
                for item in s["method"]["report_contents"]
            ],
            "approach_pair": c.both("approach", s["organisation"]["approach"]),
            "boundary_pair": c.both("boundary", s["method"]["boundary"]),
            "rounding_note": c.words(
                "rounding_note", rule=c.both("rounding", c.rounding.rule), decimals=c.rounding.tonnes
            ),
            "unconfirmed": statement.unconfirmed(c),
            "organisation": organisation,
            "results": results,
            "activity": activity,
            "factors": factors,
            "bridge": bridge,
            "quality": quality,
        },
    )


def recompute(snapshot: Snapshot, lines: Mapping[str, bytes]) -> Mapping[str, Any]:
    """Redo an inventory from its own operands; see ``lca.ghg.recompute``."""
    # The computation is imported when there is something to compute: most refusals come before.
    from lca.ghg import recompute as redo

    return redo(snapshot, lines)


def cited(snapshot: Mapping[str, Any]) -> Cited:
    """Hold the factors and methods of a snapshot against those of this program."""
    from lca.ghg import factor_record
    from lca.method import load as load_method
    from lca.method import methods

    known, stated = methods(), (snapshot["method"], snapshot["gross_method"])
    pairs = [(one, load_method(one["id"]).to_record() if one["id"] in known else None) for one in stated]
    return held_against(snapshot, factor_record, pairs)
