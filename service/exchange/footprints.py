"""A frozen footprint as a file for others: a live workbook, PACT 3, Catena-X, its modules as ILCD+EPD or openEPD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lca.dataset import Finding
from lca.snapshot import canonical_bytes
from service.calculations import footprint_exchange
from service.errors import N_, NotFound
from service.reports.footprint_workbook import workbook

SNAPSHOT, XLSX = "snapshot", "xlsx"
KINDS: Mapping[str, tuple[str, str]] = {
    SNAPSHOT: ("application/json", ".json"),
    XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "pact": ("application/json", "-pact.json"),
    "catena-x": ("application/json", "-catena-x.json"),
    "openepd": ("application/json", "-openepd.json"),
    "ilcd-epd": ("application/zip", "-ilcd-epd.zip"),
}
"""Formats with their media type and the end of the file's name."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand on, and what of the footprint its format cannot say."""

    name: str
    media_type: str
    content: bytes
    left_out: tuple[Finding, ...] = ()


def exported(snapshot: Mapping[str, Any], name: str, said: Mapping[str, Any], language: str) -> File:
    """Return a footprint in one of ``KINDS``; ``said`` is what its maker states beside it, ``language`` the workbook's.

    Raises:
        NotFound: no such format.
        As ``footprint_exchange.written``.
    """
    if name not in KINDS:
        raise NotFound(N_("format"), name)
    media_type, end = KINDS[name]
    left_out: tuple[Finding, ...] = ()
    if name == SNAPSHOT:
        content = canonical_bytes(snapshot)
    elif name == XLSX:
        content = workbook(snapshot, language)
    else:
        content, left_out = footprint_exchange.written(snapshot, name, said)
    return File(f"{snapshot['footprint']['id']}{end}", media_type, content, left_out)
