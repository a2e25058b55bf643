"""What the first page says: made from the snapshot when a report is rendered, and again when it is verified.

Rendering and verifying share this one place, so that a first page can be held against its attachment
word for word: report number, digest, organisation, period, the four totals and whose claim it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lca.method import LEGAL_ENTITY
from service.reports import numbers
from service.reports.content import organisation, statement
from service.reports.content.context import Cell, Context
from service.reports.words import Words

DIGEST_GROUP = 16
SHORT_DIGEST = 16
INVENTED = ("（虚构）", "(虚构)")
CREATED_SHOWN = len("2026-01-31T08:00")
VIEWS = ("location", "market", "method")
FIGURE = re.compile(rf"({numbers.MINUS}?[0-9]+(?:\.[0-9]+)?)tCO2e")


@dataclass(frozen=True, slots=True)
class Face:
    """The first page, ready to be laid out."""

    number: str
    digest: str
    eyebrow: Cell
    title: Cell
    title_plain: str
    organisation: Cell
    organisation_second: str
    organisation_plain: str
    facts: tuple[tuple[Cell, Cell], ...]
    total_label: Cell
    total: str
    three: tuple[tuple[Cell, str], ...]
    claim: Cell
    claim_plain: str
    running_claim: str
    imprint: str
    demonstration: Cell

    @property
    def digest_parts(self) -> list[str]:
        """The digest in groups that an eye can compare."""
        return [self.digest[i : i + DIGEST_GROUP] for i in range(0, len(self.digest), DIGEST_GROUP)]


def report_number(snapshot: Mapping[str, Any], digest: str) -> str:
    """The report's unique number: the inventory's, which names its version, and the beginning of its digest."""
    return f"TJ-{snapshot['inventory']['id']}-{digest[:8].upper()}"


def face(c: Context) -> Face:
    """Write the first page of a report."""
    s, w = c.snapshot, c.words
    template = s["method"]["report_template"]
    names = s["organisation"]
    title = f"{template}.title"
    number = report_number(s, c.digest)
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
        three=tuple((w(f"view.{view}"), c.t(c.results[f"total_{view}_kgco2e"])) for view in VIEWS),
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
        (w("created"), inventory["created"].replace("T", " ")[:CREATED_SHOWN] + " UTC"),
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


def expected(snapshot: Mapping[str, Any], digest: str) -> list[str]:
    """What a first page must say in any language: number, digest and period, without white space."""
    period = snapshot["inventory"]["period"]
    return [squeezed(text) for text in (report_number(snapshot, digest), digest, period["start"], period["end"])]


def figures(snapshot: Mapping[str, Any]) -> list[str]:
    """Every figure in tCO2e that a first page shows, in order: the total, then the three structures."""
    rounding = numbers.rounding_of(snapshot["method"])
    results = snapshot["results"]
    kilograms = (results["total_kgco2e"], *(results[f"total_{view}_kgco2e"] for view in VIEWS))
    return [squeezed(numbers.tonnes(value, rounding)) for value in kilograms]


def figures_on(page: str) -> list[str]:
    """The figures in tCO2e that the squeezed text of a page shows, in order."""
    return FIGURE.findall(page)


def names(snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    """The organisation's names, one of which a first page must carry."""
    organisation_record = snapshot["organisation"]
    given = (organisation_record["name_zh"], organisation_record["name_en"])
    return tuple(squeezed(name) for name in given if name)


def claims() -> tuple[str, ...]:
    """The wordings of the claim, one of which a first page must carry."""
    return tuple(squeezed(Words(language).plain("self_declared")) for language in ("zh", "en"))


def squeezed(text: str) -> str:
    """Leave out all white space, which a page may break and a reader of pages may lose."""
    return "".join(text.split())
