"""What a reader of a footprint has to be told, computed from the snapshot like everything else in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lca import per_kilometre
from lca.instruments import technologies
from lca.supplies import NOT_ADMITTED

Record = Mapping[str, Any]

WEAK = (
    "earlier_year", "parent_region", "other_region", "default", "fallback_set", "later_year", "chosen", NOT_ADMITTED,
)  # fmt: skip
"""Variants whose share of the footprint a reader has to know."""

NAMED = 10


def warnings_of(snapshot: Record) -> list[dict[str, Any]]:
    """List the warnings ``{code, params}``: weak supplies with their share, placeholders, mixed GWP sets, gaps."""
    return list(_warnings(snapshot))


def _warning(code: str, **params: object) -> dict[str, Any]:
    return {"code": code, "params": params}


def _warnings(snapshot: Record) -> Iterator[dict[str, Any]]:
    told = _Shares(snapshot)
    lines, supplies = snapshot["lines"], snapshot["supplies"]
    for variant in WEAK:
        weak = {name for name, supply in supplies.items() if variant in supply["variants"]}
        yield from told.of(variant, _taking(lines, weak))
    yield from told.of("placeholder", _taking(lines, {name for name in supplies if supplies[name]["is_placeholder"]}))
    yield from _other_sets(snapshot, told)
    for name, supply in supplies.items():
        for code, params in supply["warnings"]:
            said = {key: value for key, value in params.items() if key != "share"}
            said |= {"zh": supply["zh"], "en": supply["en"], "inside": params["share"]}
            yield from told.of(f"behind-{code}", _taking(lines, {name}), **said)
    yield from told.of("negative_input", [one for one in lines if _is_avoided(one, snapshot)])
    yield from _certificates(snapshot, told)
    yield from told.of("outside_method", [one for one in lines if not one["stage"]])
    yield from _method(snapshot)


def _taking(lines: Sequence[Record], supplies: Collection[str]) -> list[Record]:
    """Return the lines of these supplies."""
    return [one for one in lines if one["supply"] in supplies] if supplies else []


def _is_avoided(line: Record, snapshot: Record) -> bool:
    """Does something avoided lower the total? What a recycling rule credits stands apart."""
    is_inside = line["stage"] and line["stage"] not in snapshot["method"]["boundary"]["outside"]
    return bool(is_inside) and float(line["amount"]) < 0 and not line["role"]


class _Shares:
    """Tells a warning about lines with their share of the footprint."""

    def __init__(self, snapshot: Record) -> None:
        self.values = {one["id"]: abs(float(one["kgco2e"])) for one in snapshot["results"]["lines"]}
        self.whole = math.fsum(self.values.values())

    def of(self, code: str, lines: Sequence[Record], **params: str) -> Iterator[dict[str, Any]]:
        """Yield the warning, or nothing where there is no line."""
        if not lines:
            return
        ids = [one["id"] for one in lines]
        part = math.fsum(self.values[one] for one in ids)
        share = f"{100 * part / self.whole:.3g}" if self.whole else "0"
        names = ", ".join(ids[:NAMED]) + (" …" if len(ids) > NAMED else "")
        yield _warning(code, share=share, lines=names, **params)


def _other_sets(snapshot: Record, told: _Shares) -> Iterator[dict[str, Any]]:
    """CO2e that a publisher or supplier does not split keeps its own GWP set."""
    used, supplies = next(iter(snapshot["gwp"])), snapshot["supplies"]
    unsplit = {
        name: one["gwp_set"]
        for name, one in supplies.items()
        if one["gwp_set"] not in ("", used) and any(gas.startswith("CO2e/") for gas in one["gases_kg"])
    }
    chosen = _taking(snapshot["lines"], unsplit)
    yield from told.of("other_gwp_set", chosen, sets=", ".join(sorted(set(unsplit.values()))), gwp_set=used)


def _certificates(snapshot: Record, told: _Shares) -> Iterator[dict[str, Any]]:
    """Power of a technology counts by a contract: without one, or with one that nobody checked, a reader is told."""
    lines, supplies = snapshot["lines"], snapshot["supplies"]
    unchecked = {one["certificate"] for one in snapshot.get("certificates", ()) if not one["is_checked"]}
    chosen = [one for one in lines if one.get("certificate") in unchecked]
    yield from told.of("certificate_unchecked", chosen, certificates=", ".join(sorted(unchecked)))
    by_technology = {name for name, supply in supplies.items() if supply["activity"] in technologies()}
    bare = [one for one in _taking(lines, by_technology) if "certificate" not in one]
    yield from told.of("certificate_missing", bare)


def _method(snapshot: Record) -> Iterator[dict[str, Any]]:
    if snapshot["model"].get("is_demonstration"):
        yield _warning("demonstration")
    mark = snapshot["method"]["evidence"]
    if mark["mark"] != "confirmed":
        yield _warning("method_unconfirmed", note={"zh": mark["zh"], "en": mark["en"]})
    if snapshot.get("unused_parameters"):
        yield _warning("unused_parameters", names=", ".join(snapshot["unused_parameters"]))
    distance = per_kilometre.warning(snapshot)
    if distance:
        yield _warning("distance_of_method", **distance)
    if snapshot["results"]["uncertainty_percent"] is None:
        yield _warning("no_uncertainty")
