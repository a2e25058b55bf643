"""Footprints in the formats of other parties: written from a snapshot, and read as a supplier's statement."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lca.dataset import Finding
from lca.errors import LciFormatUnknown, ModelInvalid
from lca.flaws import Flaw
from lca.importers.archive import STATEMENT, Archive
from lca.importers.stated import Stated, json_of
from lca.lci_store import plain

FORMATS = ("pact", "catena-x", "ilcd-epd", "openepd")

Record = Mapping[str, Any]


def written(snapshot: Record, name: str, said: Mapping[str, Any]) -> tuple[bytes, tuple[Finding, ...]]:
    """Return a frozen footprint in one of ``FORMATS``, and what of it the format cannot say.

    ``said`` is what its maker states beside it.

    Raises:
        ModelInvalid: ``said`` has keys that the format does not know.
        ExportLacks, ExportImpossible: the format asks for more, or cannot say this; all of it.
    """
    from lca.exporters import catena_x, ilcd_epd, module_table, openepd, pact

    if name == "pact":
        return _json(pact.pact(snapshot, _said(pact.Said, said))), ()
    if name == "catena-x":
        return _json(catena_x.catena_x(snapshot, _said(catena_x.Said, said))), ()
    if name == "openepd":
        exported = openepd.openepd(snapshot, _said(module_table.Said, said))
        return _json(exported.document), exported.left_out
    return ilcd_epd.archive(snapshot, _said(module_table.Said, said)), ()


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _said(kind: Any, given: Mapping[str, Any]) -> Any:
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise ModelInvalid([Flaw("key-unknown", {"key": key, "near": ", ".join(hints)}) for key in unknown])
    return kind(**{key: _value(hints[key], value) for key, value in given.items()})


def _value(hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    if hint in (bool, bool | None):
        return str(value).casefold() == "true"
    return str(value)


def stated(
    path: Path,
    on: date,
    modules: Sequence[str] = (),
    method: str = "",
    scenarios: Mapping[str, str] = MappingProxyType({}),
) -> list[Stated]:
    """Return what a supplier's file states: PACT, Catena-X, openEPD, or ILCD+EPD.

    Of a declaration the modules asked for are added up, A1 to A3 by default; ``scenarios`` names, by module, the one
    of several that exclude each other; ``method`` the impact method where an openEPD document has several.

    Raises:
        LciFormatUnknown: it is none of them.
        LciPartsTooMany, LciFileUnsafe: it holds more than one declaration needs.
        StatementRefused: it cannot be computed with; every reason is named.
    """
    from lca.importers import catena_x, epd, epd_supplier, openepd, pact
    from lca.importers.by_module import Asked

    asked = Asked(modules=tuple(modules), scenarios=scenarios) if modules else Asked(scenarios=scenarios)
    with Archive(path, STATEMENT) as archive:
        if path.suffix.lower() == ".json":
            content = archive.bytes_of(path.name)
            document = json_of(content, path.name)
            keys = document if isinstance(document, Mapping) else {}
            if catena_x.is_footprint(keys):
                return [catena_x.supplier_of(one, on) for one in catena_x.footprints(content, path.name)]
            if isinstance(document, list) or "pcf" in keys or "data" in keys:
                return [pact.supplier_of(one, on) for one in pact.footprints(content, path.name)]
            if "doctype" in keys:
                return [openepd.supplier_of(document, on, asked, method)]
        if epd.knows(archive):
            return [epd_supplier.supplier_of(epd.read_epd(archive), on, asked)]
    raise LciFormatUnknown(path.name, FORMATS)


def as_supplier(one: Stated) -> dict[str, Any]:
    """Return a statement as it stands under ``suppliers`` in a product model."""
    return plain(one.supplier)
