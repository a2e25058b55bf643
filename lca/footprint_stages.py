"""Which stage of a method a stage of a model is: methods cut a life up differently, and some know only modules."""

from __future__ import annotations

from collections.abc import Mapping

from lca.footprint_method import FootprintMethod

NEAREST: Mapping[str, tuple[str, ...]] = {
    # stage of a model: what it is called elsewhere, the closest first
    "raw_materials": ("raw_materials", "materials", "primary_material", "A1"),
    "materials": ("materials", "raw_materials", "primary_material", "A1"),
    "primary_material": ("primary_material", "raw_materials", "materials", "A1"),
    "collection": ("collection", "raw_materials", "materials", "A1"),
    "sorting": ("sorting", "raw_materials", "materials", "A1"),
    "parts": ("parts", "raw_materials", "materials", "A1"),
    "processing": ("processing", "production", "A3"),
    "production": ("production", "processing", "A3"),
    "packaging": ("packaging", "production", "processing", "A3"),
    "outbound_logistics": ("outbound_logistics", "distribution", "A4"),
    "distribution": ("distribution", "outbound_logistics", "A4"),
    "installation": ("installation", "A5", "distribution"),
    "use": ("use", "B1"),
    "maintenance": ("maintenance", "use", "B2"),
    "refrigerant": ("refrigerant", "use", "B1"),
    "end_of_life": ("end_of_life", "C3"),
    "beyond": ("D", "beyond"),
}


def stage_of(method: FootprintMethod, stage: str, module: str = "") -> str:
    """Return the id of the method's stage, '' where the method has none for it: the study reaches beyond its scope."""
    known = {one.id for one in method.boundary.stages}
    if module in known:
        return module
    return next((name for name in NEAREST.get(stage, (stage,)) if name in known), "")
