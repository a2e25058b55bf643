"""Averages of a sector: production-weighted means of many companies' footprints, published so that none shows.

For companies i with production q_i and a figure x_i (total, stage, part), a release publishes

    X = sum over i of q_i x_i / sum over i of q_i

and how many companies there are; never q_i, x_i, the sum of q_i, a least, a greatest or a spread (of three companies
mean and deviation leave each but few values, and one of them knows its own).

**What a release may not show.** Whoever reads all releases is taken to know more than is published: the sum of
production too, from statistics or an annual report. He then knows, for every release r, sum q_i and sum q_i x_i over
its members: a vector of ones and zeros over (company, data) applied to what nobody may know. ``data`` stands for what
a company stated: stated anew, it is another unknown, but of the same company. Linear combinations of the rows are all
that follows from them. A company k is exposed if one of these, not zero, has entries on k alone: its figures, or by how
much they changed, could be computed. With A the rows and A_k the rows without the columns of k, such a combination
exists if and only if

    rank A > rank A_k

(combinations that vanish outside k are the kernel of row space of A -> row space of A_k; its dimension is the
difference of the ranks). This holds two releases that differ by one company, one company's new data, and every longer
chain. It does so for whatever is published, not for totals alone, because of one more rule: stages, parts and the like
are published only where every company of the release states the same ones above or below zero. Then every row is the
release's own row, for some figure; were a combination of figures left of k alone, choosing for each release one stage
of those that it publishes would give a combination of rows of A that is left of k alone. What is only sometimes stated
would be the figure of the few that state it, and is withheld.

**Nearly the same.** A company that states anew mostly states nearly what it stated before: production counted again, a
figure mended. Two such companies are two unknowns above, and yet a release without a third one shows that one, but for
their small changes. Releases of one collection are therefore held against each other once more, with all that a
company stated to it as one unknown; what either reading exposes is refused.

Only releases that share data with this one, or with one that does, can take part: rows without a column in common add
nothing to each other. What a collection is called, or who curates it, makes no difference.

Ranks are exact, in whole numbers and fractions. What a member knows of itself it may take off: the difference of two
companies is one company to the other. It lacks the sum of production, which is why no release states it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lca.errors import ContributionUnlike, ReleaseRefused
from lca.flaws import Flaw
from lca.numbers import canonical
from lca.snapshot import digest

Record = Mapping[str, Any]
Row = frozenset[tuple[str, str]]
"""The members of a release: company and data."""

SCHEMA = "tanji.sector/1"
LEAST_COMPANIES = 3
MOST_SHARE = Fraction(60, 100)

PARTS = ("fossil", "biogenic_emissions", "luluc", "aircraft")
"""Parts that a total may be made of; what a method leaves out of it is stated all the same."""

APART = "biogenic_removals"
WITHHELD = ("by_stage", "parts", APART, "primary_data_share")
"""What a release states beside the total, or says that it withholds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What footprints have in common that are averaged: scope and method, unit and time."""

    method: str
    method_version: str
    gwp_set: str
    boundary: str
    unit: str
    year: int
    region: str  # in which the products are made: a place or one inside it


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one maker brings: its figures per declared unit and how many of these it made."""

    company: str  # who controls it: the companies of one group are one
    data: str  # digest of what was stated
    amount: str
    figures: Record


@dataclass(frozen=True, slots=True)
class Edition:
    """Which release this is, and of what."""

    collection: Record  # as it is published: names, terms, curator, licence
    version: int
    created: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A release that is out: how it is called and who was in it."""

    name: str
    members: Row
    is_own: bool = False  # of the same collection


def figures(snapshot: Record, terms: Terms) -> dict[str, Any]:
    """Return the results of a frozen footprint per declared unit, and nothing of what it is made of.

    Raises:
        ContributionUnlike: another method, version, set of potentials, boundary, unit, period or place; all of it.
    """
    flaws = [*_unlike(snapshot, terms)]
    if flaws:
        raise ContributionUnlike(flaws)
    results, amount = snapshot["results"], Fraction(snapshot["results"]["unit"]["amount"])

    def each(value: str) -> str:
        return canonical(float(Fraction(value) / amount))

    return {
        "unit": terms.unit,
        "total_kgco2e": each(results["total_kgco2e"]),
        "by_stage": {stage: each(value) for stage, value in results["by_stage"].items()},
        "parts": {part: each(results[part]) for part in PARTS},
        APART: each(results[APART]),
        "gases_kg": {gas: each(value) for gas, value in results["by_gas_kg"].items()},
        "primary_data_share": results["primary_data_share"] or "",
        "dqr": results["dqr"] or "",
        "left_out_percent": results["left_out_percent"] or "",
        "is_demonstration": bool(snapshot["model"].get("is_demonstration")),
    }


def _unlike(snapshot: Record, terms: Terms) -> Iterable[Flaw]:
    model, method = snapshot["model"], snapshot["method"]
    held = {
        "method": (method["id"], terms.method),
        "method version": (method["version"], terms.method_version),
        "gwp_set": (", ".join(snapshot["gwp"]), terms.gwp_set),
        "boundary": (model["boundary"], terms.boundary),
        "unit": (snapshot["results"]["unit"]["unit"], terms.unit),
        "start": (model["start"], f"{terms.year}-01-01"),
        "end": (model["end"], f"{terms.year}-12-31"),
    }
    for key, (value, wanted) in held.items():
        if value != wanted:
            yield Flaw("value-refused", {"key": key, "value": value, "wanted": wanted})
    if not Fraction(snapshot["results"]["total_kgco2e"]):
        # Whoever knows of a nought knows that it is not in the sum.
        yield Flaw("value-refused", {"key": "total_kgco2e", "value": "0", "wanted": "≠ 0"})
    region = model["region"]
    if terms.region not in ("GLO", region) and not region.startswith(f"{terms.region}-"):
        yield Flaw("value-refused", {"key": "region", "value": region, "wanted": terms.region})


def data_of(terms: Terms, amount: str, stated: Record) -> str:
    """Return the digest of what a company states: the same statement is the same unknown."""
    return digest([terms.method, terms.method_version, terms.year, canonical(float(amount)), stated])


def row_of(contributions: Iterable[Contribution]) -> Row:
    """Return the members of a release of these contributions."""
    return frozenset((one.company, one.data) for one in contributions)


# --- what may be published -----------------------------------------------------------------------


def refusals(contributions: Sequence[Contribution], earlier: Sequence[Earlier]) -> list[Flaw]:
    """Return every reason for which these contributions may not be published after ``earlier`` releases."""
    made: dict[str, Fraction] = defaultdict(Fraction)
    for one in contributions:
        made[one.company] += Fraction(one.amount)
    found = []
    if len(made) < LEAST_COMPANIES:
        found.append(Flaw("sector-companies", {"count": len(made), "least": LEAST_COMPANIES}))
    share = max(made.values(), default=Fraction(0)) / (sum(made.values()) or 1)
    if share > MOST_SHARE:
        told = {"share": f"{float(100 * share):.4g}", "most": f"{float(100 * MOST_SHARE):g}"}
        found.append(Flaw("sector-dominant", told))
    row = row_of(contributions)
    readings = [(row, earlier), _nearly(row, earlier)]
    near = dict.fromkeys(name for members, others in readings for name in _differing_by_one(members, others))
    found += [Flaw("sector-differs-by-one", {"release": name}) for name in near]
    if not near and any(_newly_exposed(members, others) for members, others in readings):
        found.append(Flaw("sector-differencing"))
    return found


def _nearly(row: Row, earlier: Sequence[Earlier]) -> tuple[Row, list[Earlier]]:
    """Return a release and earlier ones with what a company stated anew to the collection as what it stated first."""
    anew = row.union(*(one.members for one in earlier if one.is_own))

    def first(members: Row) -> Row:
        return frozenset((company, "" if (company, data) in anew else data) for company, data in members)

    return first(row), [Earlier(one.name, first(one.members)) for one in earlier]


def _differing_by_one(row: Row, earlier: Sequence[Earlier]) -> list[str]:
    others = related(row, earlier)
    return [one.name for one in others if len({company for company, _ in row ^ one.members}) == 1]


def _newly_exposed(row: Row, earlier: Sequence[Earlier]) -> bool:
    held = [one.members for one in related(row, earlier)]
    return bool(exposed([*held, row]) - exposed(held))


def related(row: Row, earlier: Sequence[Earlier]) -> list[Earlier]:
    """Return the releases that share data with ``row``, directly or by way of others."""
    held, found = set(row), set[int]()
    while True:
        more = [place for place, one in enumerate(earlier) if place not in found and not held.isdisjoint(one.members)]
        if not more:
            return [one for place, one in enumerate(earlier) if place in found]
        for place in more:
            found.add(place)
            held |= earlier[place].members


def exposed(rows: Sequence[Row]) -> frozenset[str]:
    """Return the companies of which a combination of the rows says something alone: rank A > rank A_k."""
    by_company: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    for company, data in sorted(frozenset().union(*rows)):
        by_company[company].add(tuple(int((company, data) in row) for row in rows))
    columns = frozenset().union(*by_company.values())
    whole = _rank(columns)
    found = set()
    for company, own in by_company.items():
        others = frozenset().union(*(held for name, held in by_company.items() if name != company))
        # A column that another company has too adds nothing.
        if not own <= others and _rank(others) < whole:
            found.add(company)
    return frozenset(found)


def _rank(vectors: Iterable[tuple[int, ...]]) -> int:
    """Return the rank of whole-number vectors, by elimination in fractions."""
    basis: dict[int, list[Fraction]] = {}
    for vector in sorted(vectors):
        rest = [Fraction(entry) for entry in vector]
        for place in range(len(rest)):
            if rest[place] and place in basis:
                factor = rest[place]
                rest = [mine - factor * its for mine, its in zip(rest, basis[place], strict=True)]
            elif rest[place]:
                basis[place] = [entry / rest[place] for entry in rest]
                break
    return len(basis)


# --- what is published ---------------------------------------------------------------------------


def mean(contributions: Sequence[Contribution], values: Sequence[str]) -> Fraction:
    """Return the production-weighted mean, sum q_i x_i / sum q_i, exactly."""
    amounts = [Fraction(one.amount) for one in contributions]
    weighed = sum((amount * Fraction(value) for amount, value in zip(amounts, values, strict=True)), Fraction(0))
    return weighed / sum(amounts)


def averaged(contributions: Sequence[Contribution]) -> dict[str, Any]:
    """Return the averages of a release, with the names of what is withheld.

    The share of primary data is weighed by what it is a share of: sum q_i x_i p_i / sum q_i x_i.
    """
    totals = [one.figures["total_kgco2e"] for one in contributions]
    found: dict[str, Any] = {"total_kgco2e": _text(mean(contributions, totals))}
    for block in ("by_stage", "parts"):
        tables = [one.figures[block] for one in contributions]
        if _is_alike(tables):
            found[block] = {key: _text(mean(contributions, [one[key] for one in tables])) for key in _keys(tables[0])}
    removals = [one.figures[APART] for one in contributions]
    if all(map(Fraction, removals)):
        found[APART] = _text(mean(contributions, removals))
    shares = [one.figures["primary_data_share"] for one in contributions]
    whole = mean(contributions, totals)
    if whole and all(share and Fraction(share) for share in shares):
        primary = [str(Fraction(total) * Fraction(share)) for total, share in zip(totals, shares, strict=True)]
        found["primary_data_share"] = _text(mean(contributions, primary) / whole)
    return found | {"withheld": [key for key in WITHHELD if key not in found]}


def _is_alike(tables: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether every company states the same figures other than zero."""
    return len({frozenset(_keys(one)) for one in tables}) == 1


def _keys(table: Mapping[str, str]) -> list[str]:
    return sorted(key for key, value in table.items() if Fraction(value))


def _text(value: Fraction) -> str:
    return canonical(float(value))


def changes(row: Row, before: Row) -> dict[str, int]:
    """Return how many companies joined, left and stated anew since the release before; no name and no figure."""
    now, then = ({company for company, _ in members} for members in (row, before))
    restated = {company for company, _ in row ^ before} & now & then
    return {"joined": len(now - then), "left": len(then - now), "restated": len(restated)}


def release(
    edition: Edition, contributions: Sequence[Contribution], earlier: Sequence[Earlier], before: Row | None
) -> dict[str, Any]:
    """Return the release as it is published: ``before`` are the members of the version before, None for the first.

    Raises:
        ReleaseRefused: it would show a company's figures; every rule that it breaks.
    """
    flaws = refusals(contributions, earlier)
    if flaws:
        raise ReleaseRefused(flaws)
    row = row_of(contributions)
    return {
        "schema": SCHEMA,
        "collection": dict(edition.collection),
        "version": edition.version,
        "created": edition.created,
        "companies": len({company for company, _ in row}),
        "weighting": "production",
        "averages": averaged(contributions),
        "changes": changes(row, before) if before is not None else {},
        "is_demonstration": any(one.figures["is_demonstration"] for one in contributions),
        "claim": "average of self-declared footprints; no verification is stated",
    }
