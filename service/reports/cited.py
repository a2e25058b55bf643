"""What a snapshot cites, held against what this program publishes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factors.library import Factor

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cited:
    """How the factors and methods of a snapshot compare with those of this program."""

    others: list[str]  # factors that this library does not hold as they are cited
    belied: list[str]  # of the very version that is held here, which says otherwise
    is_method_held: bool


def cited(
    snapshot: Record, factor_record: Callable[[Factor], Record], methods: Iterable[tuple[Record, Record | None]]
) -> Cited:
    """Compare a snapshot's factors and methods with those of this program.

    The version of a library is a digest of all it holds, and a method whose text changes gets another version: whoever
    names a version and cites it otherwise says what is not so. Another version may say anything, and is only told.

    Args:
        snapshot: what cites.
        factor_record: writes a factor as snapshots of this kind cite it.
        methods: each method of the snapshot with the one of its id that is held here, if there is one.
    """
    # The library is read when there is something to compare: most refusals come before.
    from factors.library import load

    library = load()
    others = [
        identifier
        for identifier, record in snapshot["factors"].items()
        if identifier not in library.factors or factor_record(library.factors[identifier]) != record
    ]
    is_same = snapshot["library"]["version"] == library.version
    unlike = [(stated, held) for stated, held in methods if stated != held]
    belied = [one for one in others if is_same and one in library.factors]
    belied += [stated["id"] for stated, held in unlike if held and held["version"] == stated["version"]]
    return Cited(others, belied, not unlike)
