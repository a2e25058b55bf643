"""The one table of long work: what each kind may be done by, and how it is done.

A kind has two halves. ``work`` takes long and holds no lock: it opens reading sessions of its own and tells its
progress, which is where a stopped job ends. ``conclude`` writes what came of it, in the one transaction in which the
job is marked as done. A worker that dies in between has left nothing behind.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlmodel import Session

from factors.library import Library
from service import db
from service.accounts.actions import Actor
from service.calculations import actions as calculations
from service.calculations import footprint_runs
from service.catalogue import inventories
from service.config import Settings
from service.errors import N_, EvidenceDamaged, NotFound, Wrong
from service.i18n import speaking, tell
from service.reports import actions as reports

PORTFOLIO, FOOTPRINT, MONTE_CARLO = "footprint.portfolio", "footprint.run", "footprint.monte_carlo"
INVENTORY, LCI_IMPORT, REPORT = "inventory.run", "lci.import", "report.issue"

# Of a file's name, which a stranger chose.
ENDING = re.compile(r"\.[a-z0-9]{1,8}")

KEPT_AT_LEAST = timedelta(hours=1)

Progress = Callable[[str, int, int], None]
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tools:
    """What work is done with."""

    settings: Settings
    database: db.Database
    library: Library
    clock: Callable[[], datetime]
    progress: Progress = lambda *_: None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of long work: the verb it asks for, what takes long, and what is written in the end."""

    verb: str
    work: Callable[[Tools, Actor, Arguments], Any]
    conclude: Callable[[Session, Tools, Actor, Arguments, Any], dict[str, Any]]


def kind_of(name: str) -> Kind:
    """Return a kind of work by its name.

    Raises:
        NotFound: there is none.
    """
    if name not in KINDS:
        raise NotFound(N_("kind of work"), name)
    return KINDS[name]


# --- files that are handed in with work, or come of it ---------------------------------------------


def keep_file(settings: Settings, content: IO[bytes]) -> str:
    """Keep a file for work that will read it, and return its SHA-256; the same file twice is kept once."""
    digest = hashlib.sha256()
    while piece := content.read(1 << 20):
        digest.update(piece)
    content.seek(0)
    found = file_of(settings, digest.hexdigest())
    found.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = found.with_name(f".{found.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        shutil.copyfileobj(content, file)
    draft.replace(found)
    return digest.hexdigest()


def file_of(settings: Settings, sha256: str) -> Path:
    """Return where a file that was handed in is kept until its work has ended."""
    return settings.data / "jobs" / sha256


def report_of(settings: Settings, sha256: str) -> Path:
    """Return where a report that a job issued stays."""
    return settings.data / "reports" / sha256


def clear(settings: Settings, needed: Collection[str], now: datetime) -> int:
    """Remove the files whose work has ended, ``needed`` being the SHA-256 of others; return how many.

    One of the last hour stays: the work that it is for may not be written down yet.
    """
    count = 0
    for path in (settings.data / "jobs").glob("*"):
        # Another worker may clear meanwhile, and a draft get its name.
        with suppress(FileNotFoundError):
            is_young = now - datetime.fromtimestamp(path.stat().st_mtime, UTC) < KEPT_AT_LEAST
            if not is_young and path.name[:64] not in needed:
                path.unlink()
                count += 1
    return count


# --- the kinds ------------------------------------------------------------------------------------


def _nothing(tools: Tools, actor: Actor, arguments: Arguments) -> None:
    """Leave all of it to the end: the verb computes and freezes under one lock."""
    del tools, actor, arguments


def _as_it_is(session: Session, tools: Tools, actor: Actor, arguments: Arguments, found: Any) -> dict[str, Any]:
    """Return what was computed: nothing of it is stored but the result itself."""
    del session, tools, actor, arguments
    return dict(found)


def _portfolio(tools: Tools, actor: Actor, arguments: Arguments) -> dict[str, Any]:
    with tools.database.session(write=False) as session:
        found = footprint_runs.portfolio_of(
            session,
            actor,
            arguments["method"],
            tools.library,
            scheduler=tools.settings.dask_scheduler,
            progress=tools.progress,
        )
    rows = [{**one.record(), "errors": [_told(wrong) for wrong in one.now.wrong]} for one in found]
    return {"method": arguments["method"], "products": rows}


def _told(wrong: Wrong) -> dict[str, str]:
    """Return what is wrong in both languages: nobody knows yet who will read it."""
    said = {"field": wrong.where, "code": wrong.code}
    for short, language in (("zh", "zh_Hans"), ("en", "en")):
        with speaking(language):
            said[short] = tell(wrong.text)
    return said


def _monte_carlo(tools: Tools, actor: Actor, arguments: Arguments) -> dict[str, Any]:
    from lca import footprint_monte_carlo
    from lca.lci_score import Warned
    from service.catalogue import lci_told

    names = [name for name in (arguments["footprint"], arguments["against"]) if name]
    with tools.database.session(write=False) as session:
        first, *other = [footprint_runs.snapshot(session, actor, name) for name in names]
    runs, seed = arguments["runs"], arguments["seed"]
    if other:
        return dict(footprint_monte_carlo.compared(first, other[0], runs, seed, tools.progress))
    found = dict(footprint_monte_carlo.monte_carlo(first, runs, seed, tools.progress))
    found["warnings"] = [lci_told.warning(Warned(one["code"], one["params"])) for one in found["warnings"]]
    return found


def _footprint(session: Session, tools: Tools, actor: Actor, arguments: Arguments, _: None) -> dict[str, Any]:
    study = footprint_runs.Study(**arguments)
    row = footprint_runs.run(session, actor, study, tools.library, tools.clock())
    return {"footprint": row.id, "snapshot_sha256": row.snapshot_sha, "total_kgco2e": row.total_kgco2e}


def _inventory(session: Session, tools: Tools, actor: Actor, arguments: Arguments, _: None) -> dict[str, Any]:
    row = calculations.run(session, actor, calculations.Order(**arguments), tools.library, tools.clock())
    return {"inventory": row.id, "snapshot_sha256": row.snapshot_sha, "total_kgco2e": row.total_kgco2e}


def _read(tools: Tools, _: Actor, arguments: Arguments) -> Any:
    from lca.importers import read

    kept = file_of(tools.settings, arguments["file_sha256"])
    if not kept.is_file():
        raise EvidenceDamaged(sha256=arguments["file_sha256"])
    # Readers go by the ending of a file's name, too.
    ending = Path(arguments["file_name"]).suffix.lower()
    named = kept.with_suffix(ending if ENDING.fullmatch(ending) else "")
    with suppress(FileExistsError):
        named.hardlink_to(kept)
    content = read(named, arguments["format"], tools.progress)
    name = arguments["name"] or Path(arguments["file_name"]).stem
    return replace(content, name=name, licence=arguments["licence"] or content.licence)


def _import(session: Session, tools: Tools, actor: Actor, arguments: Arguments, content: Any) -> dict[str, Any]:
    file = inventories.File(arguments["file_name"], arguments["file_sha256"])
    row = inventories.put(session, actor, content, file, tools.clock(), reason=arguments["reason"])
    counts = {"processes": row.processes, "exchanges": row.exchanges, "findings": len(content.findings)}
    return {"name": row.name, "content_sha256": row.content_sha256, "format": row.format, **counts}


def _prepare(tools: Tools, actor: Actor, arguments: Arguments) -> reports.Signed:
    tools.progress("report", 0, 1)
    with tools.database.session(write=False) as session:
        return reports.prepare(
            session,
            actor,
            arguments["identifier"],
            arguments["language"],
            settings=tools.settings,
            now=tools.clock(),
            document=arguments["document"],
        )


def _issue(session: Session, tools: Tools, actor: Actor, _: Arguments, signed: reports.Signed) -> dict[str, Any]:
    reports.report(session, actor, signed, report_of(tools.settings, signed.sha256), tools.clock())
    said = asdict(signed)
    del said["pdf"]
    return said


KINDS: Mapping[str, Kind] = {
    PORTFOLIO: Kind("read", _portfolio, _as_it_is),
    MONTE_CARLO: Kind("read", _monte_carlo, _as_it_is),
    FOOTPRINT: Kind("run footprints", _nothing, _footprint),
    INVENTORY: Kind("run inventories", _nothing, _inventory),
    LCI_IMPORT: Kind("import life-cycle inventories", _read, _import),
    REPORT: Kind("issue reports", _prepare, _issue),
}
