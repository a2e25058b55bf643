"""Many footprints at once: all products of an organisation, or of a region after a factor changed, as tasks.

In process by default; on a Dask cluster where ``DASK_SCHEDULER`` names one. A task is plain values (the model as
submitted, the method's id) and computes by itself with the library that its worker has installed: the digits are the
same wherever it runs, and a task whose worker dies is run again by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from factors.errors import FactorsError
from factors.match import NO_OVERLAY, Overlay
from lca.background import Background, unpacked
from lca.days import stamp
from lca.errors import LcaError, UnknownDatabase
from lca.footprint import Meta
from lca.inventories import SHIPPED
from lca.inventories import background as shipped_background
from lca.product_reading import model
from service.calculations.footprints import Knowledge, of_model
from service.errors import LibraryDiffers, Wrong, as_wrong

RETRIES = 5

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One footprint to compute: a model as submitted, by a method."""

    product: str
    data: Mapping[str, Any]
    method: str


@dataclass(frozen=True, slots=True)
class Given:
    """What all tasks share: the version of the library, own factors, and imported databases, packed."""

    library_version: str
    engine_version: str
    overlay: Overlay = NO_OVERLAY
    databases: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: the result and its digest, or why there is none."""

    product: str
    method: str
    total_kgco2e: str = ""
    unit: str = ""
    results_sha256: str = ""
    wrong: tuple[Wrong, ...] = ()


def portfolio(
    tasks: Sequence[Task], given: Given, *, scheduler: str = "", progress: Progress | None = None
) -> list[Outcome]:
    """Return the outcome of every task, in the order of the tasks.

    Raises:
        LibraryDiffers: a worker has another factor library than the one that asks.
    """
    tell = progress or (lambda *_: None)
    found = []
    for number, outcome in enumerate(_everywhere(tasks, given, scheduler) if scheduler else _here(tasks, given), 1):
        found.append(outcome)
        tell("footprints", number, len(tasks))
    return found


def _here(tasks: Sequence[Task], given: Given) -> Iterator[Outcome]:
    knowledge = _knowledge(given)
    return (_computed(task, knowledge, given.engine_version) for task in tasks)


def _everywhere(tasks: Sequence[Task], given: Given, scheduler: str) -> Iterator[Outcome]:
    from distributed import Client

    with Client(scheduler) as client:  # type: ignore[no-untyped-call]
        shared = client.scatter(given, broadcast=True)
        futures = client.map(compute, list(tasks), given=shared, retries=RETRIES, pure=False)
        yield from (future.result() for future in futures)


def compute(task: Task, given: Given) -> Outcome:
    """Compute one footprint; what is wrong with a model is its outcome, never the end of the others."""
    return _computed(task, _knowledge(given), given.engine_version)


def _computed(task: Task, knowledge: Knowledge, engine_version: str) -> Outcome:
    # The moment is no part of a result: whoever runs the task again gets the same digest.
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    try:
        meta = Meta(task.product, stamp(moment), engine_version)
        found = of_model(model(task.data), task.method, knowledge, moment, engine_version, meta=meta)
    except (LcaError, FactorsError) as error:
        return Outcome(task.product, task.method, wrong=tuple(as_wrong(error)))
    unit = found.snapshot["model"]["unit"]
    return Outcome(
        task.product,
        task.method,
        found.snapshot["results"]["total_kgco2e"],
        f"{unit['amount']} {unit['unit']}",
        found.sha256,
    )


@lru_cache(maxsize=4)
def _knowledge(given: Given) -> Knowledge:
    """Return the library of this machine with what was given; one for each process.

    Raises:
        LibraryDiffers: the library installed here is another one.
    """
    from service.catalogue.actions import library

    known = library()
    if known.version != given.library_version:
        raise LibraryDiffers(known.version, given.library_version)
    packed = dict(given.databases)

    @lru_cache(maxsize=4)
    def background(name: str) -> Background:
        if name in packed:
            return unpacked(packed[name])
        if name not in SHIPPED:
            raise UnknownDatabase(name, [*packed, *SHIPPED])
        return shipped_background(name)

    return Knowledge(known, given.overlay, background)
