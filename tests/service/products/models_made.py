"""Product models of every shape for tests: plain data as a file would hold them."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

from lca.product_model import MODULES, STAGE_OF_MODULE, STAGES
from lca.product_reading import DISTRIBUTIONS, PARTS_OF_GAS, is_product_id

_CHARACTERS = st.one_of(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Cn")),
    st.sampled_from("铝件=;:{}\"'_x0041_\n\t"),
)
WORDS = st.text(_CHARACTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
IDS = st.text(st.sampled_from("abcdexyz01_-./铝钢"), min_size=1, max_size=4)
NUMBERS = st.one_of(
    st.decimals(0, 1000, places=3).map(str),
    st.sampled_from(["0.50", "1e-3", "007", "=rate * 2", "= 1/(rate + 1)", "12345678901234567890.123456789"]),
)
STATED = st.one_of(
    st.decimals(0, 1000, places=3).map(str), st.sampled_from(["0.50", "1e-3", "12345678901234567890.123456789"])
)
"""Numbers that a party states: never a formula."""
ABOVE_ZERO = st.sampled_from(["1", "0.250", "1e3", "=rate"])
SHARES = st.sampled_from(["0", "0.10", "0.5", "1e-2"])
SCORES = st.sampled_from(["0", "1", "5"])
SUPPLIERS = ("copper", "a b; c")
PLACES = st.sampled_from(["CN", "CN-GD", "广东省", "GLO"])
SOURCES = st.one_of(
    st.sampled_from([{"supplier": one} for one in SUPPLIERS]),
    st.fixed_dictionaries({"activity": WORDS}, optional={"factor": WORDS, "region": PLACES}),
    st.fixed_dictionaries({"factor": WORDS}),
    st.fixed_dictionaries({"background": WORDS}, optional={"database": WORDS, "product": WORDS}),
    st.just({"process": "main"}),
)
UNITS = st.sampled_from(["kg", "t", "kWh", "MJ", "piece", "m3"])


@st.composite
def places(draw: st.DrawFn) -> dict[str, str]:
    """A stage, or a module with the stage that it belongs to, or nothing."""
    if draw(st.booleans()):
        return {}
    if draw(st.booleans()):
        return {"stage": draw(st.sampled_from(STAGES))}
    module = draw(st.sampled_from(MODULES))
    return {"module": module, "stage": STAGE_OF_MODULE[module]}


NAMES = st.one_of(
    st.fixed_dictionaries({"zh": WORDS}, optional={"en": WORDS}), st.fixed_dictionaries({"en": WORDS}), st.just({})
)
SAID = st.one_of(
    WORDS,
    st.fixed_dictionaries({"zh": WORDS}, optional={"en": WORDS}),
    st.fixed_dictionaries({"en": WORDS}),
)
"""What may be said in one language or both; a bare text is the Chinese."""
LEGS = st.lists(st.fixed_dictionaries({"from": SOURCES, "km": NUMBERS}), max_size=4)
RECYCLING = st.fixed_dictionaries(
    {"material": st.sampled_from(["metals", "plastics", "其他"])},
    optional={
        **dict.fromkeys(("pre_consumer", "post_consumer", "recycled_at_end", "burned_at_end"), SHARES),
        **dict.fromkeys(("recycled", "recycling", "substituted", "disposal", "burning"), SOURCES),
        **dict.fromkeys(("quality_in", "quality_out"), ABOVE_ZERO),
        "yield_at_end": st.sampled_from(["0.9", "1"]),
        **dict.fromkeys(("burned_to_heat", "burned_to_power"), st.sampled_from(["0.3", "=rate / 9", "0"])),
        **dict.fromkeys(("heat_replaced", "power_replaced"), SOURCES),
    },
).map(
    lambda one: {**one, "lhv_mj_per_kg": "=rate * 40"} if "burned_to_heat" in one or "burned_to_power" in one else one
)
SUPPLY = {
    "transport": LEGS,
    "recycling": RECYCLING,
    "quality": st.fixed_dictionaries({}, optional=dict.fromkeys(("technology", "geography", "time"), SCORES)),
    "spread": st.fixed_dictionaries(
        {},
        optional={
            "percent": st.sampled_from(["5", "2.50"]),
            "distribution": st.sampled_from(DISTRIBUTIONS),
            "pedigree": st.lists(st.sampled_from("12345"), max_size=6),
        },
    ),
    "is_primary": st.sampled_from(["true", "false"]),
    "evidence": WORDS,
    "component": WORDS,
}


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: inner for one in found for key, inner in one.items()})


def _keyed(
    required: dict[str, Any], optional: dict[str, Any], *more: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return _merged(st.fixed_dictionaries(required, optional=optional), *more)


INPUTS = _keyed(
    {"id": IDS, "amount": NUMBERS, "unit": UNITS, "from": SOURCES},
    {**SUPPLY, "mass_kg": NUMBERS, "carbon_biogenic_kg": NUMBERS},
    NAMES,
)
EMISSIONS = _keyed(
    {"id": IDS, "gas": WORDS, "amount": NUMBERS},
    {"part": st.sampled_from(PARTS_OF_GAS), "is_primary": st.just("true"), "evidence": WORDS, "component": WORDS},
    places(),
)
CO_PRODUCTS = _keyed(
    {"id": IDS, "amount": NUMBERS, "unit": UNITS},
    {"mass_kg": NUMBERS, "price_cny": NUMBERS, "carbon_kg": NUMBERS},
    NAMES,
)
PROCESSES = _keyed(
    {"id": IDS, "output": ABOVE_ZERO, "unit": UNITS, "stage": st.just("production")},
    {
        "inputs": st.lists(INPUTS, max_size=3),
        "emissions": st.lists(EMISSIONS, max_size=2),
        "co_products": st.lists(CO_PRODUCTS, max_size=2),
        "component": WORDS, "site": WORDS, "mass_kg": NUMBERS, "price_cny": NUMBERS,
        "lhv_mj_per_kg": NUMBERS, "shared_by": st.sampled_from(["mass", "energy"]),
    },
    NAMES,
)  # fmt: skip
_SUPPLIED = _keyed({"from": SOURCES}, SUPPLY, places())
_OF_PART = {"quantity": NUMBERS, "mass_kg": NUMBERS, "utilisation": st.sampled_from(["0.80", "1", "=rate"])}
_BOUGHT = st.fixed_dictionaries(
    {
        "input": _keyed(
            {"id": IDS, "amount": NUMBERS, "unit": UNITS, "from": SOURCES},
            {**SUPPLY, "mass_kg": NUMBERS, "carbon_biogenic_kg": NUMBERS},
            st.fixed_dictionaries({"zh": WORDS}, optional={"en": WORDS}),
        )
    }
)
_LEAVES = _keyed({"id": IDS}, _OF_PART, NAMES, st.one_of(st.just({}), _SUPPLIED, _BOUGHT))


@st.composite
def parts(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """A part of a material, bought, or made of parts."""
    own: dict[str, Any] = draw(_LEAVES)
    inner = draw(st.lists(parts(depth + 1), max_size=2, unique_by=lambda one: one["id"])) if depth < 3 else []
    return {**own, "parts": inner} if inner else own


FOOTPRINTS = _keyed(
    {"unit": UNITS, "kgco2e": STATED},
    {
        **dict.fromkeys(("supplier", "method", "boundary", "region", "statement"), WORDS),
        **dict.fromkeys(("fossil", "biogenic_emissions", "biogenic_removals", "land_use", "aircraft", "dqr"), STATED),
        "gwp_set": st.sampled_from(["AR6", "EF 3.1", "AR5 + AR6", "unstated"]),
        "primary_data_share": st.sampled_from(["0", "34.50", "100"]),
        "carbon_biogenic_kg": NUMBERS, "is_verified": st.just("true"),
        "period_end": st.sampled_from(["2024", "2024-06", "2024-12-31"]), "valid_until": st.just("2027-01-01"),
    },
    NAMES,
)  # fmt: skip
EXCLUSIONS = _keyed(
    {"id": IDS},
    {"reason": st.fixed_dictionaries({"zh": WORDS}, optional={"en": WORDS}), "stage": st.sampled_from(STAGES),
     "kgco2e": STATED, "percent": st.sampled_from(["0.4", "1"])},
    NAMES,
)  # fmt: skip
SCENARIOS = _keyed({"id": IDS, "parameters": st.dictionaries(WORDS, STATED, max_size=3)}, {}, NAMES)

_UNIT = _keyed(
    {"amount": ABOVE_ZERO, "unit": UNITS},
    {"kind": st.just("declared"), "mass_kg": st.sampled_from(["1", "0.250", "1e3"])},
    NAMES,
)
_STATED = WORDS.filter(lambda one: one != "line")  # the key under which files keep their rows


def _once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({one["id"]: one for one in found}.values())


def _apart(process: dict[str, Any]) -> dict[str, Any]:
    """Give what stands in a process ids that it has once."""
    for key in ("inputs", "emissions", "co_products"):
        for number, one in enumerate(process.get(key, ())):
            one["id"] = f"{key[0]}{number}{one['id']}"
    return process


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """A model that reads without a problem, as a file would hold it."""
    processes = _once([_apart(one) for one in draw(st.lists(PROCESSES, max_size=3))])
    main = _apart({**draw(PROCESSES), "id": "main"})
    footprints = [{**draw(FOOTPRINTS), "id": one} for one in SUPPLIERS]
    data: dict[str, Any] = {
        "id": draw(IDS.filter(is_product_id)),
        **draw(NAMES), "region": draw(st.sampled_from(["CN", "CN-HB"])), "main": "main",
        "start": "2025-01-01", "end": "2025-12-31", "boundary": draw(WORDS),
        "unit": draw(_UNIT),
        "processes": [main, *(one for one in processes if one["id"] != "main")],
        "suppliers": footprints,
        "parts": _once(draw(st.lists(parts(), max_size=3))),
        "parameters": [{"name": "rate", "value": "0.50", "source": draw(SAID), **draw(NAMES)}],
        "scenarios": _once(draw(st.lists(SCENARIOS, max_size=2))),
        "excluded": _once(draw(st.lists(EXCLUSIONS, max_size=2))),
        "statements": draw(st.dictionaries(_STATED, SAID, max_size=3)),
    }  # fmt: skip
    extra = st.fixed_dictionaries(
        {},
        optional={
            "category": SAID, "site": WORDS, "lifetime_km": st.sampled_from(["150000", "1e5"]),
            "carbon_biogenic_kg": NUMBERS,
            "is_demonstration": st.just("true"), "organisation": st.fixed_dictionaries({"zh": WORDS}),
        },
    )  # fmt: skip
    return data | draw(extra)


def without_lines(item: Any) -> Any:
    """Return a model without the rows of the file that it came from."""
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        names = [one.name for one in dataclasses.fields(item)]
        changed = {name: "" if name == "line" else without_lines(getattr(item, name)) for name in names}
        return dataclasses.replace(item, **changed)
    return tuple(map(without_lines, item)) if isinstance(item, tuple) else item
