"""How the benchmarks measure and what they print."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def timed(work: Callable[[], object], times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the least seconds of some tries; by ``time.process_time`` what else the machine does counts less.

    Garbage is collected between the tries and not within them, as ``timeit`` does: a collection takes as long as the
    benchmark's own data are large.
    """
    found = []
    for _ in range(times):
        gc.collect()
        gc.disable()
        try:
            begin = clock()
            work()
            found.append(clock() - begin)
        finally:
            gc.enable()
    return min(found)


def aim(value: float, limit: float, unit: str, *, at_least: bool = False) -> str:
    """Return a figure with its aim and whether it was met."""
    met = value >= limit if at_least else value <= limit
    return (
        f"{value:.4g} {unit}   (aim: {'at least' if at_least else 'at most'} {limit:g}: {'met' if met else 'missed'})"
    )
