"""Footprints from the store: run and freeze, list, show, redo; what is frozen is never changed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from itertools import count
from typing import Any

from sqlalchemy import bindparam, tuple_
from sqlmodel import Session, col, select

from factors.library import Library
from factors.units import dimension, multiplier
from lca import footprint as computing
from lca import lci_store
from lca.background import Background
from lca.certified_power import Drawn, Key, Pool, certificates_of, draws
from lca.days import stamp
from lca.footprint import Meta
from lca.ghg import market
from lca.instruments import judge
from lca.product_model import Model, Name
from lca.reconciliation import Studied, reconcile
from lca.snapshot import digest
from service import db
from service.accounts import actions as accounts
from service.accounts.actions import Actor, held, require
from service.accounts.models import Organisation
from service.activities import actions as activities
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.calculations import actions as calculations
from service.calculations import portfolio
from service.calculations.footprints import Knowledge, of_model
from service.calculations.kept import SNAPSHOT, keep, kept
from service.calculations.models import FootprintStudy, FootprintUse
from service.calculations.portfolio import Outcome
from service.catalogue import actions as catalogue
from service.catalogue import inventories
from service.errors import N_, NotFound, ReasonMissing
from service.events import actions as events
from service.products import accepted
from service.products import actions as products
from service.products.models import AcceptedFootprint

FROZEN = "frozen"
_table = FootprintStudy.__table__  # type: ignore[attr-defined]
FOOTPRINT = RowKind(
    "footprint",
    _table,
    ("id",),
    made="footprint.run",
    changed=("footprint.supersede",),
)
AUDITED: tuple[Kind, ...] = (FOOTPRINT,)
"""What the audit log holds entries of."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Study:
    """What to compute: a product by a method, fixed before any result is seen."""

    product: str
    method: str
    reason: str = ""


def run(
    session: Session, actor: Actor, study: Study, library: Library, now: datetime, progress: Progress | None = None
) -> FootprintStudy:
    """Compute and freeze a footprint; what was frozen before stays and is marked as superseded.

    The same model, factors and method give the footprint that is there already: nothing new is made.

    Raises:
        NotFound: no such product.
        ModelInvalid: certificates that do not count, or are drawn on beyond what they certify; suppliers' footprints
            that are out of use, or other than they were accepted.
        ReasonMissing: there is a footprint, what it is made of differs, and no reason is given.
        ModelInvalid, ModelUnanswered: see ``lca.footprint.footprint``.
    """
    organisation_id = require(actor, "run footprints")
    row = products.show(session, actor, study.product)
    contained = accepted.used(session, actor, json.loads(row.content))
    accepted.refuse_ended(contained)
    model = _made_by(products.value_of(row), accounts.show(session, actor))
    db.lock(session, f"footprints {organisation_id}")
    earlier = versions(session, actor, study.product, study.method)
    previous = earlier[-1] if earlier else None
    knowledge = knowledge_of(session, actor, library, _pool(session, actor, model, library))
    meta = Meta(
        identifier=_free(
            session, f"{accounts.show(session, actor).code}-{study.product}-{study.method}-v{len(earlier) + 1}"
        ),
        created=stamp(now),
        engine_version=version("tanji"),
        version=len(earlier) + 1,
        reason=study.reason.strip() if previous else "",
    )
    found = of_model(model, study.method, knowledge, now, version("tanji"), meta=meta, progress=progress)
    if previous is not None:
        if _same(json.loads(kept(session, organisation_id, previous.snapshot_sha)), found.snapshot):
            return previous
        if not study.reason.strip():
            raise ReasonMissing
    made = _freeze(session, actor, row.id or 0, study, found, previous, now)
    session.add_all(
        FootprintUse(organisation_id=organisation_id, footprint_id=made.id, accepted_id=one.id or 0)
        for one in contained
    )
    session.flush()
    return made


def _free(session: Session, identifier: str) -> str:
    """Return an id that nothing has: product y of ling-x and product x-y of ling would have the same one."""
    names = (identifier if number == 1 else f"{identifier}-{number}" for number in count(1))
    return next(name for name in names if session.get(FootprintStudy, name) is None)


def _made_by(model: Model, owner: Organisation) -> Model:
    """Return the model with the organisation that reports it, where it names no maker of its own."""
    return model if model.organisation.zh else replace(model, organisation=Name(owner.name_zh, owner.name_en))


def knowledge_of(session: Session, actor: Actor, library: Library, pool: Pool | None = None) -> Knowledge:
    """Return all that supplies of the actor's organisation are found in."""
    compiled: dict[str, Background] = {}

    def background(name: str) -> Background:
        if name not in compiled:
            compiled[name] = inventories.background(session, actor, name)
        return compiled[name]

    return Knowledge(library, catalogue.overlay(session, actor, library), background, pool)


def _pool(session: Session, actor: Actor, model: Model, library: Library) -> Pool | None:
    """Return the organisation's instruments as they count in the model's period; None where it names no certificate.

    What other products drew is what their newest footprints froze, by whatever method draws most: it is the same power.
    """
    if not certificates_of(model):
        return None

    def country(region: str) -> str:
        return market(region, library)

    start, end = date.fromisoformat(model.start), date.fromisoformat(model.end)
    ledger = activities.frame(session, actor, start, end)
    said = lci_store.plain(replace(model, processes=(), parts=()))
    outputs = [asdict(one) for one in ledger.products]
    made = [
        float(one["amount"]) * float(multiplier(one["unit"], model.unit.unit))
        for one in outputs
        if _is_output(one, said)
    ]
    most: dict[tuple[str, frozenset[Key]], Drawn] = {}
    for row in footprints(session, actor):
        if row.product != model.id and not row.superseded_by:
            for one in draws(json.loads(kept(session, row.organisation_id, row.snapshot_sha))):
                held = most.get((row.product, one.instruments))
                most[row.product, one.instruments] = one if held is None or one.kwh > held.kwh else held
    drawn = tuple(most[key] for key in sorted(most, key=lambda key: (key[0], sorted(key[1]))))
    return Pool(judge(ledger, country), country, math.fsum(made) if made else None, drawn)


def footprints(
    session: Session,
    actor: Actor,
    *,
    product: str = "",
    method: str = "",
    current: bool = False,
    after: str = "",
    limit: int | None = None,
) -> Sequence[FootprintStudy]:
    """Return the organisation's footprints, newest first, behind the one called ``after``.

    Raises:
        NotFound: there is none called ``after``.
    """
    query = select(FootprintStudy).where(FootprintStudy.organisation_id == require(actor, "read"))
    if product:
        query = query.where(FootprintStudy.product == product)
    if method:
        query = query.where(FootprintStudy.method == method)
    if current:
        query = query.where(col(FootprintStudy.superseded_by).is_(None))
    if after:
        last = show(session, actor, after)
        query = query.where(tuple_(col(FootprintStudy.created), col(FootprintStudy.id)) < (last.created, last.id))
    newest = (col(FootprintStudy.created).desc(), col(FootprintStudy.id).desc())
    return session.exec(query.order_by(*newest).limit(limit)).all()


def show(session: Session, actor: Actor, identifier: str) -> FootprintStudy:
    """Return one footprint.

    Raises:
        NotFound: the organisation has none of this name.
    """
    return held(session, actor, "read", FootprintStudy, identifier, N_("footprint"))


def snapshot(session: Session, actor: Actor, identifier: str) -> dict[str, Any]:
    """Return the frozen snapshot of a footprint."""
    row = show(session, actor, identifier)
    found: dict[str, Any] = json.loads(kept(session, row.organisation_id, row.snapshot_sha))
    return found


_DIGEST = select(_table.c.snapshot_sha).where(
    _table.c.id == bindparam("id"), _table.c.organisation_id == bindparam("organisation_id")
)


def snapshot_digest(session: Session, actor: Actor, identifier: str) -> str:
    """Return the digest of a footprint's snapshot, by which what is read off it may be known already.

    Raises:
        NotFound: the organisation has none of this name.
    """
    asked = {"id": identifier, "organisation_id": require(actor, "read")}
    found: str | None = session.connection().scalar(_DIGEST, asked)
    if found is None:
        raise NotFound(N_("footprint"), identifier)
    return found


def versions(session: Session, actor: Actor, product: str, method: str) -> Sequence[FootprintStudy]:
    """Return the footprints of a product by a method, oldest first."""
    condition = (
        FootprintStudy.organisation_id == require(actor, "read"),
        FootprintStudy.product == product,
        FootprintStudy.method == method,
    )
    return session.exec(select(FootprintStudy).where(*condition).order_by(col(FootprintStudy.version))).all()


def contained(session: Session, actor: Actor, identifier: str) -> Sequence[AcceptedFootprint]:
    """Return the suppliers' footprints that a frozen one contains; those that are ended since flag it.

    Raises:
        NotFound: the organisation has none of this name.
    """
    show(session, actor, identifier)
    query = select(AcceptedFootprint).join(FootprintUse, col(FootprintUse.accepted_id) == AcceptedFootprint.id)
    query = query.where(FootprintUse.footprint_id == identifier)
    return session.exec(query.order_by(AcceptedFootprint.code)).all()


def flags(session: Session, actor: Actor, identifier: str) -> list[dict[str, str]]:
    """Return the suppliers' footprints in a frozen one that are out of use since: what rests on them is to be redone.

    Raises:
        NotFound: the organisation has none of this name.
    """
    return [
        {"supplier": one.code, "kind": one.end_kind, "reason": one.end_reason}
        for one in contained(session, actor, identifier)
        if one.end_kind
    ]


def containing(session: Session, actor: Actor, accepted_id: int) -> Sequence[FootprintStudy]:
    """Return the frozen footprints of the organisation that contain an accepted one, by name."""
    query = select(FootprintStudy).join(FootprintUse, col(FootprintUse.footprint_id) == FootprintStudy.id)
    own = FootprintStudy.organisation_id == require(actor, "read")
    return session.exec(query.where(own, FootprintUse.accepted_id == accepted_id).order_by(FootprintStudy.id)).all()


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two snapshots say the same but for their own name, version, reason and time, and others' draws."""
    return _without_name(one) == _without_name(other)


def _without_name(one: Mapping[str, Any]) -> dict[str, Any]:
    certificates = [{**each, "drawn": None} for each in one.get("certificates", ())]
    return {**one, "footprint": None, "certificates": certificates}


def _freeze(
    session: Session,
    actor: Actor,
    model_id: int,
    study: Study,
    found: computing.Footprint,
    previous: FootprintStudy | None,
    now: datetime,
) -> FootprintStudy:
    organisation_id = require(actor, "run footprints")
    keep(session, organisation_id, found.sha256, SNAPSHOT, found.content)
    named, unit = found.snapshot["footprint"], found.snapshot["model"]["unit"]
    row = FootprintStudy(
        id=named["id"],
        organisation_id=organisation_id,
        product=study.product,
        product_model_id=model_id,
        method=study.method,
        version=named["version"],
        reason=named["reason"],
        state=FROZEN,
        snapshot_sha=digest(found.snapshot),
        total_kgco2e=found.snapshot["results"]["total_kgco2e"],
        unit=f"{unit['amount']} {unit['unit']}",
        created=now,
    )
    session.add(row)
    session.flush()
    if previous is not None:
        previous.superseded_by = row.id
        audit.record_row(session, actor, FOOTPRINT, "footprint.supersede", previous, now)
    told = {"footprint": row.id, "product": row.product, "method": row.method, "snapshot_sha256": row.snapshot_sha}
    events.record(session, actor, events.FOOTPRINT_FROZEN, row.id, told, now)
    audit.record_row(session, actor, FOOTPRINT, FOOTPRINT.made, row, now)
    return row


@dataclass(frozen=True, slots=True)
class Standing:
    """A product today beside its frozen footprint: what a changed factor, or a changed model, does to it."""

    product: str
    frozen: str  # id of the newest frozen footprint by the method, '' where there is none
    frozen_kgco2e: str
    now: Outcome

    def record(self) -> dict[str, Any]:
        """Return it as commands and jobs hand it on; what is wrong is told by each in its own way."""
        return {
            "product": self.product,
            "total_kgco2e": self.now.total_kgco2e,
            "unit": self.now.unit,
            "frozen": self.frozen,
            "frozen_kgco2e": self.frozen_kgco2e,
            "results_sha256": self.now.results_sha256,
        }


def portfolio_of(
    session: Session,
    actor: Actor,
    method: str,
    library: Library,
    *,
    scheduler: str = "",
    progress: Progress | None = None,
) -> list[Standing]:
    """Compute every product of the organisation anew, and set it beside what is frozen; nothing is stored."""
    rows = products.products(session, actor)
    tasks = [portfolio.Task(row.product, json.loads(row.content), method) for row in rows]
    databases = tuple(
        (one.name, inventories.packed(session, actor, one.name))
        for one in inventories.listed(session, actor)
        if one.owner != "shipped"
    )
    given = portfolio.Given(library.version, version("tanji"), catalogue.overlay(session, actor, library), databases)
    outcomes = portfolio.portfolio(tasks, given, scheduler=scheduler, progress=progress)
    found = []
    for outcome in outcomes:
        earlier = versions(session, actor, outcome.product, method)
        last = earlier[-1] if earlier else None
        found.append(Standing(outcome.product, last.id if last else "", last.total_kgco2e if last else "", outcome))
    return found


def reconciled(session: Session, actor: Actor, inventory_id: str, method: str) -> dict[str, Any]:
    """Hold the newest footprints by ``method`` against an inventory: output times own-site share, by activity.

    A product's output is what the sites of the inventory say they made of it, found by its name; outputs without a
    footprint, and footprints without an output, are listed.

    Raises:
        NotFound: no such inventory.
    """
    inventory = calculations.snapshot(session, actor, inventory_id)
    newest = {row.product: row for row in footprints(session, actor) if row.method == method and not row.superseded_by}
    found = [json.loads(kept(session, row.organisation_id, row.snapshot_sha)) for row in newest.values()]
    studied, used, bare = [], set(), []
    for one in found:
        outputs = [number for number, made in enumerate(inventory["products"]) if _is_output(made, one["model"])]
        if not outputs:
            bare.append(one["model"]["id"])
            continue
        used |= set(outputs)
        unit = one["model"]["unit"]["unit"]
        made = (inventory["products"][number] for number in outputs)
        studied.append(Studied(one, sum(float(row["amount"]) * float(multiplier(row["unit"], unit)) for row in made)))
    rest = [row["name_zh"] for number, row in enumerate(inventory["products"]) if number not in used]
    return reconcile(inventory, studied) | {"outputs_not_studied": rest, "footprints_without_output": bare}


def _is_output(made: Mapping[str, Any], model: Mapping[str, Any]) -> bool:
    named = made["name_zh"] == model["name"]["zh"] or (made["name_en"] and made["name_en"] == model["name"].get("en"))
    return bool(named) and dimension(made["unit"]) == dimension(model["unit"]["unit"])
