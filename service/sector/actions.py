"""The verbs of the sector database: open a collection, contribute, withdraw, decide, release, read and use what is out.

A curator sees of a contribution its results and its production, never the recipe; another maker sees nothing of it;
what is released is for everybody. Which releases may stand beside each other, ``lca.sector`` says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from factors.errors import FactorsError
from factors.library import Library
from factors.records import Factor
from factors.units import dimension
from lca import sector as computing
from lca.days import stamp
from lca.footprint_method import load
from lca.record_reading import decimal
from lca.sector import Contribution, Earlier, Edition, Terms
from lca.snapshot import canonical_bytes
from service import db
from service.accounts.actions import Actor, held, require
from service.accounts.models import Organisation
from service.accounts.people import capacities
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.calculations import footprint_runs
from service.catalogue import actions as catalogue
from service.catalogue.actions import NewFactor
from service.catalogue.models import OwnFactor
from service.errors import N_, CodeTaken, InputInvalid, NotFound, ReasonMissing, ServiceError, Wrong
from service.i18n import Text
from service.sector.models import SectorCollection, SectorContribution, SectorDecision, SectorRelease

CURATOR = "curator"

COLLECTION = RowKind(
    "sector-collection",
    SectorCollection.__table__,  # type: ignore[attr-defined]
    ("code",),
    made="sector.open",
)
CONTRIBUTION = RowKind(
    "sector-contribution",
    SectorContribution.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="sector.contribute",
    changed=("sector.withdraw",),
)
DECISION = RowKind(
    "sector-decision",
    SectorDecision.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="sector.decide",
)
RELEASE = RowKind(
    "sector-release",
    SectorRelease.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="sector.release",
)
AUDITED: tuple[Kind, ...] = (COLLECTION, CONTRIBUTION, DECISION, RELEASE)
"""What the audit log holds entries of."""

OPEN, ADMITTED, REJECTED, WITHDRAWN = "open", "admitted", "rejected", "withdrawn"

UNKNOWN_UNIT = N_("'%(value)s' is no unit; write one such as kg, kWh, m3 or piece")
UNKNOWN_BOUNDARY = N_("'%(value)s' is none of the boundaries of the method: %(choices)s")
UNKNOWN_REGION = N_("'%(value)s' is not the code of a place in the library")
CLOSES_BEFORE = N_("the collection would have closed on %(closes)s: name a day from today on")
NOT_ABOVE_ZERO = N_("'%(value)s' is not above zero")
RELEASE_DIFFERS = N_("what was published is not what its contributions give")


class NotACurator(ServiceError):
    """An organisation that may not collect others' footprints."""

    code = "not-a-curator"
    message = N_("the organisation does not stand as a curator: an operator has to say so")
    status = 403


class CollectionClosed(ServiceError):
    """A contribution after the last day."""

    code = "collection-closed"
    message = N_("collection %(code)s took contributions until %(closes)s")
    status = 409


class ContributedAlready(ServiceError):
    """A second contribution of one maker to one collection."""

    code = "contributed-already"
    message = N_("contribution %(number)s stands in this collection already: withdraw it first")
    status = 409


class FootprintReplaced(ServiceError):
    """A footprint that its maker has replaced by a newer version."""

    code = "footprint-replaced"
    message = N_("footprint %(footprint)s was superseded by %(newer)s: contribute that one")
    status = 409


class ContributionWithdrawn(ServiceError):
    """Something that its maker took back."""

    code = "contribution-withdrawn"
    message = N_("contribution %(number)s is withdrawn")
    status = 409


class ReleaseUnchanged(ServiceError):
    """A release of what the one before it was made of."""

    code = "release-unchanged"
    message = N_(
        "version %(version)s was made of the same contributions: release again when others are admitted, "
        "rejected or taken back"
    )
    status = 409


@dataclass(frozen=True, slots=True)
class NewCollection:
    """What a curator calls for; version and warming potentials are those of the method."""

    code: str
    category: str
    name_zh: str
    unit: str
    method: str
    boundary: str
    year: int
    closes: date
    licence: str
    name_en: str = ""
    region: str = "GLO"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a maker contributes: a frozen footprint, the production of the year, and what that is known by."""

    footprint: str
    amount: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Use:
    """For what a release is taken as a factor, and how sure whoever takes it is of that."""

    version: int
    activity: str
    confidence: str = "medium"


@dataclass(frozen=True, slots=True)
class Seen:
    """A contribution as its maker and the curator see it: results alone."""

    id: int
    organisation: str
    name_zh: str
    name_en: str
    footprint: str  # '' for the curator
    amount: str
    evidence: str
    figures: dict[str, Any]
    state: str
    reason: str
    created: datetime


# --- collections ---------------------------------------------------------------------------------


def open_collection(
    session: Session, actor: Actor, new: NewCollection, library: Library, now: datetime
) -> SectorCollection:
    """Call for footprints of a product.

    Raises:
        NotACurator: the organisation does not stand as one.
        UnknownMethod: there is no such method.
        InputInvalid: a unit, a boundary or a place that there is not, a day that is over; all of it.
        CodeTaken: the curator has a collection of this code.
    """
    organisation_id = _curator(session, actor, "curate sector data")
    method = load(new.method)
    wrong = _wrong(new, method.boundary.types, library, now.date())
    if wrong:
        raise InputInvalid(wrong)
    db.lock(session, f"sector collections {organisation_id}")
    held = (SectorCollection.organisation_id == organisation_id, SectorCollection.code == new.code)
    if session.exec(select(SectorCollection).where(*held)).first() is not None:
        raise CodeTaken(N_("collection"), new.code)
    row = SectorCollection(
        **asdict(new),
        organisation_id=organisation_id,
        method_version=method.version,
        gwp_set=method.gwp_set,
        made_by=actor.name,
        created=now,
    )
    audit.record_row(session, actor, COLLECTION, COLLECTION.made, row, now)
    return row


def _wrong(new: NewCollection, boundaries: Sequence[str] | Any, library: Library, on: date) -> list[Wrong]:
    wrong = []
    try:
        dimension(new.unit)
    except FactorsError:
        wrong.append(Wrong("unit", "unit-unknown", Text(UNKNOWN_UNIT, value=new.unit)))
    if new.boundary not in boundaries:
        text = Text(UNKNOWN_BOUNDARY, value=new.boundary, choices=", ".join(sorted(boundaries)))
        wrong.append(Wrong("boundary", "not-listed", text))
    if new.region not in library.geographies:
        wrong.append(Wrong("region", "unknown-region", Text(UNKNOWN_REGION, value=new.region)))
    if new.closes < on:
        wrong.append(Wrong("closes", "closes-before", Text(CLOSES_BEFORE, closes=new.closes.isoformat())))
    return wrong


def _curator(session: Session, actor: Actor, verb: str) -> int:
    organisation_id = require(actor, verb)
    if CURATOR not in capacities(session, organisation_id):
        raise NotACurator
    return organisation_id


def collections(session: Session, actor: Actor) -> Sequence[SectorCollection]:
    """Return all collections, newest first: a call is for everybody."""
    require(actor, "read")
    return session.exec(select(SectorCollection).order_by(col(SectorCollection.id).desc())).all()


def collection(session: Session, actor: Actor, number: int) -> SectorCollection:
    """Return one collection.

    Raises:
        NotFound: there is none of this number.
    """
    require(actor, "read")
    row = session.get(SectorCollection, number)
    if row is None:
        raise NotFound(N_("collection"), number)
    return row


def _own_collection(session: Session, actor: Actor, number: int, verb: str) -> SectorCollection:
    organisation_id = _curator(session, actor, verb)
    row = session.get(SectorCollection, number)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound(N_("collection"), number)
    return row


def _terms_of(row: SectorCollection) -> Terms:
    """Return what footprints of a collection have in common."""
    return Terms(row.method, row.method_version, row.gwp_set, row.boundary, row.unit, row.year, row.region)


# --- contributions -------------------------------------------------------------------------------


def contribute(session: Session, actor: Actor, number: int, offer: Offer, now: datetime) -> SectorContribution:
    """Contribute a frozen footprint of one's own with the production of the year.

    Raises:
        NotFound: no such collection, or no such footprint of one's own.
        CollectionClosed, ContributedAlready, FootprintReplaced: not now, not twice, not this version.
        InputInvalid: a production that is not above zero.
        ReasonMissing: nothing that the production is known by.
        ContributionUnlike: another method, version, set of potentials, boundary, unit, year or place; all of it.
    """
    organisation_id = require(actor, "contribute to sector data")
    row = collection(session, actor, number)
    if now.date() > row.closes:
        raise CollectionClosed(code=row.code, closes=row.closes.isoformat())
    made_in_year = decimal(offer.amount)
    if made_in_year is None or made_in_year <= 0:
        raise InputInvalid([Wrong("amount", "not-above-zero", Text(NOT_ABOVE_ZERO, value=offer.amount))])
    if not offer.evidence.strip():
        raise ReasonMissing
    db.lock(session, f"sector contributions {organisation_id}")
    held = _current(session, number, organisation_id)
    if held is not None:
        raise ContributedAlready(number=held.id)
    study = footprint_runs.show(session, actor, offer.footprint)
    if study.superseded_by:
        raise FootprintReplaced(footprint=study.id, newer=study.superseded_by)
    stated = computing.figures(footprint_runs.snapshot(session, actor, study.id), _terms_of(row))
    made = SectorContribution(
        organisation_id=organisation_id,
        collection_id=number,
        footprint_id=study.id,
        snapshot_sha=study.snapshot_sha,
        amount=offer.amount,
        evidence=offer.evidence.strip(),
        figures=canonical_bytes(stated).decode(),
        made_by=actor.name,
        created=now,
    )
    audit.record_row(session, actor, CONTRIBUTION, CONTRIBUTION.made, made, now)
    return made


def _current(session: Session, number: int, organisation_id: int) -> SectorContribution | None:
    condition = (
        SectorContribution.collection_id == number,
        SectorContribution.organisation_id == organisation_id,
        col(SectorContribution.withdrawn).is_(None),
    )
    return session.exec(select(SectorContribution).where(*condition)).first()


def withdraw(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> SectorContribution:
    """Take a contribution back; releases that it is in stay as they are, later ones are without it.

    Raises:
        NotFound: the organisation has no such contribution.
        ReasonMissing: no reason given.
        ContributionWithdrawn: it is withdrawn already.
    """
    row = held(session, actor, "contribute to sector data", SectorContribution, number, N_("contribution"))
    if not reason.strip():
        raise ReasonMissing
    if row.withdrawn is not None:
        raise ContributionWithdrawn(number=number)
    row.withdrawn, row.withdrawal = now, reason.strip()
    audit.record_row(session, actor, CONTRIBUTION, "sector.withdraw", row, now)
    return row


def contributions(session: Session, actor: Actor, number: int) -> list[Seen]:
    """Return the contributions to a collection: all of them for its curator, one's own for anybody else.

    Raises:
        NotFound: there is no such collection.
    """
    organisation_id = require(actor, "read")
    is_curator = collection(session, actor, number).organisation_id == organisation_id
    query = select(SectorContribution).where(SectorContribution.collection_id == number)
    if not is_curator:
        query = query.where(SectorContribution.organisation_id == organisation_id)
    rows = session.exec(query.order_by(col(SectorContribution.id))).all()
    decisions = _decisions(session, [row.id or 0 for row in rows])
    return [_seen(session, row, decisions.get(row.id or 0), organisation_id) for row in rows]


def _seen(session: Session, row: SectorContribution, decision: SectorDecision | None, reader: int) -> Seen:
    maker = session.get_one(Organisation, row.organisation_id)
    state = OPEN if decision is None else ADMITTED if decision.is_admitted else REJECTED
    return Seen(
        id=row.id or 0,
        organisation=maker.code,
        name_zh=maker.name_zh,
        name_en=maker.name_en,
        footprint=row.footprint_id if row.organisation_id == reader else "",
        amount=row.amount,
        evidence=row.evidence,
        figures=json.loads(row.figures),
        state=WITHDRAWN if row.withdrawn else state,
        reason=row.withdrawal or (decision.reason if decision else ""),
        created=row.created,
    )


def _decisions(session: Session, numbers: Sequence[int]) -> dict[int, SectorDecision]:
    """Return the newest decision by contribution."""
    query = select(SectorDecision).where(col(SectorDecision.contribution_id).in_(numbers))
    return {row.contribution_id: row for row in session.exec(query.order_by(col(SectorDecision.id)))}


def decide(
    session: Session, actor: Actor, number: int, reason: str, now: datetime, *, is_admitted: bool
) -> SectorDecision:
    """Admit a contribution to one's collection or reject it; whatever is decided may be decided anew.

    Raises:
        NotACurator: the organisation does not stand as one.
        NotFound: no such contribution to a collection of one's own.
        ContributionWithdrawn: its maker has taken it back.
        ReasonMissing: a maker who is rejected is owed a reason.
    """
    organisation_id = _curator(session, actor, "curate sector data")
    row = session.get(SectorContribution, number)
    if row is None or session.get_one(SectorCollection, row.collection_id).organisation_id != organisation_id:
        raise NotFound(N_("contribution"), number)
    if row.withdrawn is not None:
        raise ContributionWithdrawn(number=number)
    if not is_admitted and not reason.strip():
        raise ReasonMissing
    made = SectorDecision(
        organisation_id=organisation_id,
        contribution_id=number,
        is_admitted=is_admitted,
        reason=reason.strip(),
        made_by=actor.name,
        created=now,
    )
    audit.record_row(session, actor, DECISION, DECISION.made, made, now)
    return made


# --- releases ------------------------------------------------------------------------------------


def release(session: Session, actor: Actor, number: int, now: datetime) -> SectorRelease:
    """Publish the averages of what is admitted as the next version.

    Raises:
        NotACurator: the organisation does not stand as one.
        NotFound: no such collection of one's own.
        ReleaseUnchanged: the version before is of the same contributions.
        ReleaseRefused: too few companies, one that dominates, or a release that shows a company's figures
            beside earlier ones, of whatever collection; every rule that it breaks.
    """
    row = _own_collection(session, actor, number, "release sector data")
    # Releases of all collections are held against each other: one at a time.
    db.lock(session, "sector releases")
    terms = _terms_of(row)
    admitted = _admitted(session, number)
    members = [_member(session, one, terms) for one in admitted]
    published = releases(session, actor, number)
    last = published[-1] if published else None
    before = _row_of(last) if last is not None else None
    if last is not None and before == computing.row_of(members):
        raise ReleaseUnchanged(version=last.version)
    edition = Edition(_published(session, row), len(published) + 1, stamp(now))
    content = canonical_bytes(computing.release(edition, members, _earlier(session, number), before))
    listed = [
        {"contribution": one.id, "company": member.company, "data": member.data}
        for one, member in zip(admitted, members, strict=True)
    ]
    made = SectorRelease(
        organisation_id=row.organisation_id,
        collection_id=number,
        version=edition.version,
        members=canonical_bytes(listed).decode(),
        snapshot=content.decode(),
        snapshot_sha256=hashlib.sha256(content).hexdigest(),
        made_by=actor.name,
        created=now,
    )
    audit.record_row(session, actor, RELEASE, RELEASE.made, made, now)
    return made


def _admitted(session: Session, number: int) -> list[SectorContribution]:
    condition = (SectorContribution.collection_id == number, col(SectorContribution.withdrawn).is_(None))
    rows = session.exec(select(SectorContribution).where(*condition).order_by(col(SectorContribution.id))).all()
    decisions = _decisions(session, [row.id or 0 for row in rows])
    return [row for row in rows if row.id in decisions and decisions[row.id].is_admitted]


def _member(session: Session, row: SectorContribution, terms: Terms) -> Contribution:
    stated = json.loads(row.figures)
    company = str(_controlling(session, row.organisation_id))
    return Contribution(company, computing.data_of(terms, row.amount, stated), row.amount, stated)


def _controlling(session: Session, organisation_id: int) -> int:
    """Return the organisation at the top of a group; the parents already met end a circle."""
    met = {organisation_id}
    top = session.get_one(Organisation, organisation_id)
    while top.parent_id is not None and top.parent_id not in met:
        met.add(top.parent_id)
        top = session.get_one(Organisation, top.parent_id)
    return top.id or 0


def _earlier(session: Session, number: int) -> list[Earlier]:
    """Return every release there is, whoever curated it: data that two of them share may show in their difference."""
    query = select(SectorRelease, SectorCollection).where(col(SectorRelease.collection_id) == col(SectorCollection.id))
    found = session.exec(query.order_by(col(SectorRelease.id))).all()
    return [Earlier(f"{of.code} v{one.version}", _row_of(one), of.id == number) for one, of in found]


def _row_of(row: SectorRelease) -> computing.Row:
    return frozenset((one["company"], one["data"]) for one in json.loads(row.members))


def _published(session: Session, row: SectorCollection) -> dict[str, Any]:
    """Return what of a collection is published: what it is of, by which rules, whom to cite and under which licence."""
    curator = session.get_one(Organisation, row.organisation_id)
    said = {"zh": curator.name_zh, "en": curator.name_en or curator.name_zh}
    return {
        "code": row.code,
        "category": row.category,
        "name": {"zh": row.name_zh, "en": row.name_en or row.name_zh},
        "curator": {"code": curator.code, **said},
        **asdict(_terms_of(row)),
        "licence": row.licence,
        "note": row.note,
    }


def releases(session: Session, actor: Actor, number: int) -> Sequence[SectorRelease]:
    """Return the releases of a collection, oldest first: they are for everybody.

    Raises:
        NotFound: there is no such collection.
    """
    collection(session, actor, number)
    query = select(SectorRelease).where(SectorRelease.collection_id == number)
    return session.exec(query.order_by(col(SectorRelease.version))).all()


def published(session: Session, actor: Actor, number: int, version: int) -> SectorRelease:
    """Return one release.

    Raises:
        NotFound: the collection has none of this version.
    """
    found = next((row for row in releases(session, actor, number) if row.version == version), None)
    if found is None:
        raise NotFound(N_("release"), version)
    return found


def dataset(session: Session, actor: Actor, number: int, version: int) -> dict[str, Any]:
    """Return a release as a data set to hand on: what was published, its digest and how to cite it.

    Raises:
        NotFound: there is no such release.
    """
    row = published(session, actor, number, version)
    content = json.loads(row.snapshot)
    of = content["collection"]
    cited = {
        language: f"{of['curator'][language]}: {of['name'][language]} {of['year']}, v{row.version} ({of['licence']})"
        for language in ("zh", "en")
    }
    return {"dataset": content, "sha256": row.snapshot_sha256, "citation": cited}


def adopt(
    session: Session, actor: Actor, number: int, use: Use, library: Library, now: datetime, *, reason: str = ""
) -> OwnFactor:
    """Lay a released average over the library as a factor of one's own, with its citation as the source.

    Raises:
        NotFound: there is no such release.
        InputInvalid: an activity that the library does not know, or no such confidence.
        AlreadyExists: it is a factor of one's own already, for something else, and no reason is given.
    """
    data = dataset(session, actor, number, use.version)
    content = data["dataset"]
    of = content["collection"]
    factor = Factor(
        id=f"sector-{number}-v{use.version}",
        name_en=of["name"]["en"],
        name_zh=of["name"]["zh"],
        category=of["category"],
        scope_hint="",
        value=content["averages"]["total_kgco2e"],
        unit=f"kg CO2e/{of['unit']}",
        gas="CO2e",
        year=of["year"],
        valid_from=date(of["year"], 1, 1),
        valid_to=None,
        region=of["region"],
        source=data["citation"]["zh"],
        page=f"SHA-256 {data['sha256']}",
        licence=of["licence"],
        confidence=use.confidence,
        gwp_set=of["gwp_set"],
        boundary=of["boundary"],
    )
    return catalogue.put_own_factor(session, actor, NewFactor(use.activity, factor), library, now, reason=reason)


# --- what fsck asks ------------------------------------------------------------------------------


def problems(session: Session) -> Iterator[Wrong]:
    """Yield every release that has another digest than its own, or averages that its contributions do not give."""
    for row in session.exec(select(SectorRelease).order_by(col(SectorRelease.id))):
        content = json.loads(row.snapshot)
        terms = _terms_of(session.get_one(SectorCollection, row.collection_id))
        numbers = [one["contribution"] for one in json.loads(row.members)]
        members = [_member(session, session.get_one(SectorContribution, one), terms) for one in numbers]
        is_sound = hashlib.sha256(row.snapshot.encode()).hexdigest() == row.snapshot_sha256
        if not is_sound or computing.averaged(members) != content["averages"]:
            yield Wrong(f"sector-release {row.id}", "release-differs", RELEASE_DIFFERS)
