"""The verbs of life-cycle inventory databases: import, list, take back, compile, and the ones that come along.

A name is looked for among the organisation's own databases, then the house's, then those that the program ships.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from lca import lci_store
from lca.background import Background, Vector, unpacked
from lca.dataset import LciDatabase as Content
from lca.errors import LciFileBroken
from lca.inventories import SHIPPED, shipped
from lca.inventories import background as shipped_background
from service import db
from service.accounts.actions import Actor, demand
from service.audit import actions as audit
from service.audit.kinds import RowKind
from service.catalogue.models import LciContent, LciDatabase, UnitImpact
from service.errors import (
    N_,
    AlreadyExists,
    NameUnusable,
    NotFound,
    PartDamaged,
    RawRefused,
    ReasonMissing,
    Wrong,
)
from service.i18n import Text

LCI_DATABASE = RowKind(
    "lci_database",
    LciDatabase.__table__,  # type: ignore[attr-defined]
    ("id",),
    made="lci.import",
    changed=("lci.withdraw",),
)
IMPACTS_DIFFER = N_("the unit impacts of %(gas)s are not those of its content; delete them, and they are made again")

LONGEST_NAME = 200
RESTRICTED = re.compile(
    r"ecoinvent|sphera|\bgabi\b|proprietary|all rights reserved|licen[cs]e agreement|\beula\b|版权所有|专有|授权使用",
    re.IGNORECASE,
)
"""Words by which a database says that its processes may be computed with and not passed on."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """A database as a list shows it; ``owner`` is 'organisation', 'house' or 'shipped'."""

    name: str
    owner: str
    content_sha256: str
    format: str
    publisher_version: str
    source: str
    licence: str
    processes: int
    exchanges: int


@dataclass(frozen=True, slots=True)
class File:
    """The file that a database was read from."""

    name: str
    sha256: str


def put(
    session: Session, actor: Actor, content: Content, file: File, now: datetime, *, reason: str = ""
) -> LciDatabase:
    """Store a database under its name: for the organisation acted for, or for everyone when the house acts.

    The same content a second time changes nothing.

    Raises:
        NotAllowed: the roles do not cover it.
        NameUnusable: the name is empty, long, or holds what cannot be printed.
        AlreadyExists: the name is taken by another content, and no reason is given.
    """
    demand(actor, "import life-cycle inventories")
    if not content.name.isprintable() or not 0 < len(content.name) <= LONGEST_NAME:
        raise NameUnusable(LONGEST_NAME)
    db.lock(session, f"lci databases {actor.organisation_id}")
    digest = hashlib.sha256(lci_store.content(content)).hexdigest()
    held = _held(session, actor.organisation_id, content.name)
    if held is not None:
        if held.content_sha256 == digest:
            return held
        if not reason.strip():
            raise AlreadyExists(N_("database"), content.name)
        _withdraw(session, actor, held, reason, now)
    row = LciDatabase(
        organisation_id=actor.organisation_id,
        name=content.name,
        content_sha256=digest,
        format=content.format,
        publisher_version=content.version,
        source=content.source,
        licence=content.licence,
        processes=len(content.processes),
        exchanges=sum(len(process.exchanges) for process in content.processes),
        file_name=file.name,
        file_sha256=file.sha256,
        created=now,
    )
    session.add(row)
    session.flush()
    session.add(
        LciContent(lci_database_id=row.id or 0, organisation_id=row.organisation_id, content=lci_store.pack(content))
    )
    session.flush()
    audit.record_row(session, actor, LCI_DATABASE, LCI_DATABASE.made, row, now)
    return row


def take_back(session: Session, actor: Actor, name: str, reason: str, now: datetime) -> None:
    """Withdraw a database; it stays in the table with the reason.

    Raises:
        ReasonMissing: no reason given.
        NotFound: the actor has no such database.
    """
    demand(actor, "import life-cycle inventories")
    if not reason.strip():
        raise ReasonMissing
    held = _held(session, actor.organisation_id, name)
    if held is None:
        raise NotFound(N_("database"), name)
    _withdraw(session, actor, held, reason, now)


def listed(session: Session, actor: Actor) -> list[Listed]:
    """Return the databases that the actor may use, the shipped ones last."""
    mine = or_(col(LciDatabase.organisation_id).is_(None), col(LciDatabase.organisation_id) == actor.organisation_id)
    rows = session.exec(select(LciDatabase).where(mine, col(LciDatabase.withdrawn).is_(None)).order_by("name")).all()
    found = [
        Listed(
            **{name: getattr(row, name) for name in Listed.__dataclass_fields__ if name != "owner"},
            owner="house" if row.organisation_id is None else "organisation",
        )
        for row in rows
    ]
    return [*found, *shipped_list()]


def shipped_list() -> list[Listed]:
    """Return the databases that come with the program."""
    return [_shipped(name) for name in SHIPPED]


@lru_cache
def _shipped(name: str) -> Listed:
    content = shipped(name)
    return Listed(
        name=name,
        owner="shipped",
        content_sha256=hashlib.sha256(lci_store.content(content)).hexdigest(),
        format=content.format,
        publisher_version=content.version,
        source=content.source,
        licence=content.licence,
        processes=len(content.processes),
        exchanges=sum(len(process.exchanges) for process in content.processes),
    )


def content_of(session: Session, actor: Actor, name: str) -> Content:
    """Return the processes and flows of a database.

    Raises:
        NotFound: there is none of this name that the actor may use.
        PartDamaged: what is stored is not what was imported.
    """
    row = _usable(session, actor, name)
    return shipped(name) if row is None else _content(session, row)


def packed(session: Session, actor: Actor, name: str) -> bytes:
    """Return a database as ``lci_store.pack`` writes it, for those who compute elsewhere.

    Raises:
        As ``content_of``.
    """
    row = _usable(session, actor, name)
    return lci_store.pack(shipped(name)) if row is None else _packed(session, row)


def background(session: Session, actor: Actor, name: str, progress: Progress | None = None) -> Background:
    """Return a database compiled, its unit impacts as stored, or computed and stored now.

    Raises:
        As ``content_of``; LcaError: the system cannot be solved.
    """
    row = _usable(session, actor, name)
    if row is None:
        return shipped_background(name)
    compiled = _compiled(session, row, progress)
    stored = _impacts(session, row, compiled)
    if stored is None:
        keep_impacts(session, row, compiled)
        return compiled
    return replace(compiled, stored=stored)


@lru_cache(maxsize=2)
def _remembered(packed: bytes) -> Background:
    """Return what a packed database compiles to; its bytes decide, so that nothing remembered is out of date."""
    return unpacked(packed)


def looked_at(session: Session, actor: Actor, name: str) -> Background:
    """Return a database compiled for somebody who looks at it: nothing is stored.

    Raises:
        As ``content_of``; LcaError: the system cannot be solved.
    """
    row = _usable(session, actor, name)
    if row is None:
        return shipped_background(name)
    compiled = _compiled(session, row)
    stored = _impacts(session, row, compiled)
    return compiled if stored is None else replace(compiled, stored=stored)


def _compiled(session: Session, row: LciDatabase, progress: Progress | None = None) -> Background:
    packed = _packed(session, row)
    return _remembered(packed) if progress is None else unpacked(packed, progress)


def keep_impacts(session: Session, row: LciDatabase, compiled: Background) -> None:
    """Store the unit impacts of every gas, in place of those of another version."""
    impacts = compiled.unit_impacts
    session.execute(delete(UnitImpact).where(col(UnitImpact.lci_database_id) == row.id))
    for gas, values in zip(compiled.gases, impacts, strict=True):
        session.add(
            UnitImpact(
                lci_database_id=row.id or 0,
                organisation_id=row.organisation_id,
                version=compiled.version,
                gas=gas,
                impacts=values.astype("<f8").tobytes(),
            )
        )
    session.flush()


def _impacts(session: Session, row: LciDatabase, compiled: Background) -> Vector | None:
    rows = session.exec(
        select(UnitImpact).where(UnitImpact.lci_database_id == row.id, UnitImpact.version == compiled.version)
    ).all()
    by_gas = {one.gas: np.frombuffer(one.impacts, dtype="<f8") for one in rows}
    if set(by_gas) != set(compiled.gases):
        return None
    # Of a database without any greenhouse gas there is no row; the matrix has its columns all the same.
    return np.array([by_gas[gas] for gas in compiled.gases]).reshape(len(compiled.gases), len(compiled.products))


def _usable(session: Session, actor: Actor, name: str) -> LciDatabase | None:
    """Return the stored database of this name, None for a shipped one."""
    found = _held(session, actor.organisation_id, name) or _held(session, None, name)
    if found is None and name not in SHIPPED:
        raise NotFound(N_("database"), name)
    return found


def _packed(session: Session, row: LciDatabase) -> bytes:
    """Return a database as it is stored.

    Raises:
        PartDamaged: what is stored is not what was imported.
    """
    stored = session.get(LciContent, row.id)
    try:
        is_whole = stored is not None and _digest(stored.content) == row.content_sha256
    except LciFileBroken as error:
        raise PartDamaged(row.content_sha256) from error
    if stored is None or not is_whole:
        raise PartDamaged(row.content_sha256)
    return stored.content


def _digest(packed: bytes) -> str:
    return hashlib.sha256(lci_store.content_of(packed)).hexdigest()


def _content(session: Session, row: LciDatabase) -> Content:
    try:
        return lci_store.unpack(_packed(session, row))
    except LciFileBroken as error:
        raise PartDamaged(row.content_sha256) from error


def _held(session: Session, organisation_id: int | None, name: str) -> LciDatabase | None:
    condition = (LciDatabase.organisation_id == organisation_id, LciDatabase.name == name)
    return session.exec(select(LciDatabase).where(*condition, col(LciDatabase.withdrawn).is_(None))).first()


def _withdraw(session: Session, actor: Actor, held: LciDatabase, reason: str, now: datetime) -> None:
    held.withdrawn, held.withdrawal = now, reason.strip()
    audit.record_row(session, actor, LCI_DATABASE, "lci.withdraw", held, now)


def may_show(content: Content) -> None:
    """Refuse to print the exchanges of a licensed database: its licence allows results, nothing raw.

    Raises:
        RawRefused: the database says that it is licensed.
    """
    said = " ".join((content.licence, content.source, content.name))
    if RESTRICTED.search(said):
        raise RawRefused(content.name, content.licence or content.source)


def file_of(path: Path) -> File:
    """Return name and digest of a file; a folder is known by the names and digests of all in it."""
    digest = hashlib.sha256()
    for one in [path] if path.is_file() else sorted(path.rglob("*")):
        if one.is_file():
            digest.update(one.name.encode())
            with one.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
    return File(path.name, digest.hexdigest())


# --- what fsck asks ------------------------------------------------------------------------------


def check_contents(session: Session) -> Iterator[Wrong]:
    """Yield every database whose stored content is not what was imported."""
    for row in session.exec(select(LciDatabase).order_by("id")):
        try:
            _content(session, row)
        except PartDamaged as error:
            yield Wrong(f"lci_database {row.id}", error.code, Text(error.message, **error.params))


def check_impacts(session: Session) -> Iterator[Wrong]:
    """Yield every stored unit impact that its content does not give, unless it is of another compiler."""
    rows_of: dict[int, list[UnitImpact]] = defaultdict(list)
    for one in session.exec(select(UnitImpact)):
        rows_of[one.lci_database_id].append(one)
    for number, rows in rows_of.items():
        row = session.get(LciDatabase, number)
        if row is None:
            continue
        try:
            compiled = _compiled(session, row)
        except PartDamaged:
            continue  # told by check_contents
        meant = dict(zip(compiled.gases, compiled.unit_impacts, strict=True))
        for one in rows:
            if one.version == compiled.version and not _equal(one.impacts, meant.get(one.gas)):
                yield Wrong(f"lci_database {number}", "impacts-differ", Text(IMPACTS_DIFFER, gas=one.gas))


def _equal(stored: bytes, meant: Vector | None) -> bool:
    if meant is None or len(stored) != meant.nbytes:
        return False
    return bool(np.allclose(np.frombuffer(stored, dtype="<f8"), meant, rtol=1e-9, atol=0))
