"""A product as its maker describes it: own processes, bill of materials, what they take, what leaves; method-neutral.

Masses, yields, energy, contents and contracts stand here; how they are allocated, credited and cut off is the
method's. Amounts are decimals as submitted, or formulas of the model's parameters (``=battery_kwh * 4.2``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SCHEMA = "tanji.product-1"

LONGEST_PRODUCT_ID = 100
"""Characters of a product's id, which stands in addresses and file names."""

STAGES = (
    "raw_materials", "parts", "collection", "sorting", "production", "packaging", "outbound_logistics",
    "distribution", "installation", "use", "maintenance", "refrigerant", "end_of_life", "beyond",
)  # fmt: skip
"""Stages of a life; ``beyond`` is module D. Methods name those that they know."""

MODULES = (
    "A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "C1", "C2", "C3", "C4", "D",
)  # fmt: skip

STAGE_OF_MODULE: Mapping[str, str] = {
    "A1": "raw_materials", "A2": "raw_materials", "A3": "production", "A4": "distribution", "A5": "installation",
    "B1": "use", "B2": "maintenance", "B3": "maintenance", "B4": "maintenance", "B5": "maintenance", "B6": "use",
    "B7": "use", "C1": "end_of_life", "C2": "end_of_life", "C3": "end_of_life", "C4": "end_of_life", "D": "beyond",
}  # fmt: skip

GWP_SETS = (
    "SAR", "TAR", "AR4", "AR5", "AR6", "EF 2.0", "EF 3.0", "EF 3.1", "EN 15804+A1", "EN 15804+A2", "EN 15978:2011",
    "CML 1992", "CML 2001", "CML 2007", "CML 2012", "CML 2016", "GWP-GHG", "LIME2", "ReCiPe 2008", "ReCiPe 2016",
    "TRACI 1.0", "TRACI 2.0", "TRACI 2.1", "TRACI 2.2", "USEtox 2.12", "Unknown LCIA", "unstated",
)  # fmt: skip
"""Sets of warming potentials that suppliers' footprints name; several are joined by `` + ``."""

ROOT = "product"
"""The process that a bill of materials is assembled in, where the model names none."""


@dataclass(frozen=True, slots=True)
class Name:
    """A thing's name in Chinese and in English."""

    zh: str
    en: str = ""


def worded(said: Mapping[str, str] | str | None, language: str = "zh") -> str:
    """Return what a snapshot says in one language, in the other where it has none; a bare text serves both."""
    if isinstance(said, Mapping):
        return said.get(language) or said.get("zh") or said.get("en") or ""
    return said or ""


@dataclass(frozen=True, slots=True)
class Source:
    """Who supplies an input. Exactly one is given.

    ``process``: another process of the model; ``activity``: an activity of the factor library, matched for a
    footprint; ``factor``: one record of it that a person chose for an activity; ``background``: a process of a
    life-cycle inventory database; ``supplier``: a supplier's footprint of the model's ``suppliers``.
    """

    process: str = ""
    activity: str = ""
    factor: str = ""
    database: str = ""
    background: str = ""
    product: str = ""  # of the background process, its reference by default
    supplier: str = ""
    region: str = ""  # where it comes from, the site's by default
    certificate: str = ""  # number or contract of the instrument that this power is drawn under

    @property
    def kind(self) -> str:
        """Return which one is given, '' for none."""
        named = ("process", "supplier", "background", "factor", "activity")
        return next((name for name in named if getattr(self, name)), "")


@dataclass(frozen=True, slots=True)
class Quality:
    """Scores of an input's data, 1 best to 5 worst: how well technology, place and time fit; 0 is not scored."""

    technology: int = 0
    geography: int = 0
    time: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """The uncertainty of an amount: ±percent at 95 %, or pedigree scores; nothing is certain."""

    percent: str = ""
    distribution: str = "lognormal"  # | normal | triangular | uniform
    pedigree: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """A way by which an input comes: its mass, carried so many kilometres."""

    source: Source
    km: str


@dataclass(frozen=True, slots=True)
class Recycling:
    """What a material contains of recycled matter, and what becomes of it after use; shares of its mass."""

    material: str  # group of the method's table of A factors: aluminium, steel, plastics …
    pre_consumer: str = "0"
    post_consumer: str = "0"
    recycled: Source = field(default_factory=Source)  # recycled material, from the scrap on
    recycled_at_end: str = "0"
    burned_at_end: str = "0"
    recycling: Source = field(default_factory=Source)  # recycling after use
    substituted: Source = field(default_factory=Source)  # what it replaces; the virgin material by default
    disposal: Source = field(default_factory=Source)
    burning: Source = field(default_factory=Source)
    quality_in: str = "1"
    quality_out: str = "1"
    yield_at_end: str = "1"
    lhv_mj_per_kg: str = ""  # lower heating value of what is burned
    burned_to_heat: str = "0"  # share of it that leaves as heat that somebody uses
    burned_to_power: str = "0"  # share that leaves as electricity
    heat_replaced: Source = field(default_factory=Source)
    power_replaced: Source = field(default_factory=Source)


@dataclass(frozen=True, slots=True)
class Input:
    """So much of something that a process takes for its output."""

    id: str
    name: Name
    amount: str
    unit: str
    source: Source
    stage: str = ""  # that of its process by default
    module: str = ""
    component: str = ""
    is_primary: bool = False  # measured or billed at the maker's, not assumed
    quality: Quality = field(default_factory=Quality)
    spread: Spread = field(default_factory=Spread)
    transport: tuple[Leg, ...] = ()
    recycling: Recycling | None = None
    mass_kg: str = ""  # of the whole amount, where its unit is none of mass
    carbon_biogenic_kg: str = "0"  # carbon of living matter in the amount
    evidence: str = ""  # where the amount is written down
    line: str = ""  # row of the file


@dataclass(frozen=True, slots=True)
class Emission:
    """What a process emits itself, in kg of a gas."""

    id: str
    gas: str
    amount: str
    part: str = "fossil"
    stage: str = ""
    module: str = ""
    component: str = ""
    is_primary: bool = False
    evidence: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class CoProduct:
    """Something else of value that leaves a process beside its output."""

    id: str
    name: Name
    amount: str
    unit: str
    mass_kg: str = ""
    price_cny: str = ""  # per unit, mean of the years that the method asks for
    carbon_kg: str = ""
    lhv_mj_per_kg: str = ""  # lower heating value, for sharing by energy


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the maker's with what it takes and gives for its output."""

    id: str
    name: Name
    stage: str
    output: str
    unit: str
    inputs: tuple[Input, ...] = ()
    emissions: tuple[Emission, ...] = ()
    co_products: tuple[CoProduct, ...] = ()
    module: str = ""
    component: str = ""
    site: str = ""  # code of the maker's site, '' for what happens elsewhere
    mass_kg: str = ""  # of the output
    price_cny: str = ""
    lhv_mj_per_kg: str = ""
    shared_by: str = ""  # physical relation of its products: mass (by default) | energy
    line: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product: ``quantity`` pieces of ``mass_kg`` each, itself made of parts or of a material."""

    id: str
    name: Name
    quantity: str = "1"
    mass_kg: str = "0"
    utilisation: str = "1"  # kg of part from 1 kg of material
    input: Input | None = None  # the material or the bought part; its amount is the part's mass
    parts: tuple[Part, ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class SupplierFootprint:
    """What a supplier states: kg CO2e per unit, under a method, for a period; gases only where it splits them."""

    id: str
    name: Name
    unit: str
    kgco2e: str
    supplier: str = ""
    method: str = ""
    gwp_set: str = ""
    boundary: str = ""
    period_end: str = ""
    valid_until: str = ""
    region: str = ""
    fossil: str = ""
    biogenic_emissions: str = "0"
    biogenic_removals: str = "0"
    land_use: str = "0"
    aircraft: str = "0"
    carbon_biogenic_kg: str = "0"
    primary_data_share: str = ""  # percent
    dqr: str = ""
    statement: str = ""  # document or identifier
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something left out, why, and how much it is thought to be."""

    id: str
    name: Name
    reason: Name
    stage: str = ""
    kgco2e: str = ""  # estimate per unit of the product
    percent: str = ""  # or of its footprint


@dataclass(frozen=True, slots=True)
class Scenario:
    """Other values of parameters, to see what would be."""

    id: str
    name: Name
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelParameter:
    """A number of the model with its unit and where it comes from."""

    name: str
    value: str  # a decimal, or a formula of others
    unit: str = ""
    source: Name = field(default_factory=lambda: Name(""))
    text: Name = field(default_factory=lambda: Name(""))


@dataclass(frozen=True, slots=True)
class ProductUnit:
    """What the footprint is stated per."""

    kind: str  # functional | declared
    amount: str
    unit: str
    name: Name
    mass_kg: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that a footprint is computed from, but for the factors and the method."""

    id: str
    name: Name
    unit: ProductUnit
    boundary: str
    region: str
    start: str
    end: str
    processes: tuple[Process, ...]
    main: str  # id of the process whose output the product is
    category: Name = field(default_factory=lambda: Name(""))
    organisation: Name = field(default_factory=lambda: Name(""))
    site: str = ""
    parts: tuple[Part, ...] = ()
    suppliers: tuple[SupplierFootprint, ...] = ()
    parameters: tuple[ModelParameter, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    statements: Mapping[str, Name] = field(default_factory=dict)
    is_demonstration: bool = False
    lifetime_km: str = ""
    carbon_biogenic_kg: str = "0"  # in the product, per unit

    def inputs(self) -> Iterator[tuple[Process, Input]]:
        """Yield every input with its process, those of parts not yet among them."""
        for process in self.processes:
            for one in process.inputs:
                yield process, one
