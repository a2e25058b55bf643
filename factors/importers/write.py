"""Writing a new edition as our own table: a CSV, its sidecar, and the publication in sources.yaml.

Files are added in an order in which the library loads at every step: the publication first, the table last.
Nothing that exists is changed but sources.yaml, to which lines are appended.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from factors.importers.cells import At
from factors.importers.frame import Imported, Problem, Table
from factors.library import Library
from factors.records import Factor, Source
from factors.tables import COLUMNS, read

_NEVER_DEFAULT = frozenset({"id", "value", "name_en", "unit"})
_SHOWN = 20  # problems of one kind that are told one by one


def check(imported: Imported, new: Sequence[Factor], library: Library, data_dir: Path) -> tuple[Problem, ...]:
    """Return what must be mended before ``new`` can be written; the library's own loader has the last word."""
    if not new:
        return ()
    return tuple(_not_reviewed(imported, new, library)) or _rehearse(imported, new, data_dir)


def _not_reviewed(imported: Imported, new: Sequence[Factor], library: Library) -> Iterable[Problem]:
    """Yield one problem per unit or licence that the library does not know, with its first place."""
    units = Counter(factor.unit for factor in new if factor.unit not in library.units)
    for unit, count in units.items():
        first = next(factor.id for factor in new if factor.unit == unit)
        params = {"unit": unit, "count": str(count)}
        yield Problem("unit-not-reviewed", imported.places[first], params, blocking=True)
    for licence in dict.fromkeys(factor.licence for factor in new):
        if licence not in library.licences:
            yield Problem("licence-unknown", At(""), {"licence": licence}, blocking=True)


def _rehearse(imported: Imported, new: Sequence[Factor], data_dir: Path) -> tuple[Problem, ...]:
    """Write into a copy and let the loader check it, so that nothing is ever written that does not load."""
    with tempfile.TemporaryDirectory(prefix="tanji-import-") as directory:
        copy = Path(directory) / "data"
        shutil.copytree(data_dir, copy)
        commit(imported, new, copy, dry_run=False)
        refused = read(copy).problems
    told = [Problem("library-refuses", At(""), {"reason": str(problem)}, blocking=True) for problem in refused]
    return tuple(told[:_SHOWN])


def commit(imported: Imported, new: Sequence[Factor], data_dir: Path, *, dry_run: bool) -> tuple[Path, ...]:
    """Write ``new``, which must have passed ``check``; return the files written, or that would be."""
    if not new:
        return ()
    table = _free(data_dir, imported.table.stem)
    sources = data_dir / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    is_held = imported.source.id in (yaml.safe_load(text) or {})
    files = ((sources,) if not is_held else ()) + (table.with_suffix(".yaml"), table)
    if dry_run:
        return files
    table.parent.mkdir(parents=True, exist_ok=True)
    if not is_held:
        _put(sources, text.rstrip("\n") + "\n" + _source_entry(imported.source))
    rows = [_row(factor) for factor in new]
    validity = _validity(new)
    defaults, columns = _split(rows, validity)
    _put(table.with_suffix(".yaml"), _sidecar(imported.table, validity, defaults))
    _put(table, _csv(columns, rows))
    return files


def _free(data_dir: Path, stem: str) -> Path:
    """Return the path of a table that does not exist yet: 'desnz/2025.csv', else 'desnz/2025-2.csv' …"""
    path, number = data_dir / f"{stem}.csv", 1
    while path.exists() or path.with_suffix(".yaml").exists():
        number += 1
        path = data_dir / f"{stem}-{number}.csv"
    return path


def _source_entry(source: Source) -> str:
    """Return a publication as sources.yaml writes it."""
    content = {key: value for key, value in asdict(source).items() if key != "id"}
    return _yaml({source.id: content})


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=120)


def _row(factor: Factor) -> dict[str, str]:
    """Return a record as cells of a table."""
    values = asdict(factor)
    return {column: "" if values[column] is None else str(values[column]) for column in COLUMNS}


def _validity(factors: Iterable[Factor]) -> str:
    """Return the rule from which the loader makes the dates, 'columns' when no rule does."""
    rules = {_rule(factor) for factor in factors}
    return rules.pop() if len(rules) == 1 else "columns"


def _rule(factor: Factor) -> str:
    rules = {date(factor.year, 12, 31): "year", None: "from_year"}
    return rules.get(factor.valid_to, "columns") if factor.valid_from == date(factor.year, 1, 1) else "columns"


def _split(rows: Sequence[Mapping[str, str]], validity: str) -> tuple[dict[str, str], list[str]]:
    """Return (columns that say the same in every row, columns of the table); empty columns are left away."""
    dates = () if validity == "columns" else ("valid_from", "valid_to")
    defaults: dict[str, str] = {}
    columns: list[str] = []
    for column in COLUMNS:
        said = {row[column] for row in rows}
        if column in dates or said == {""}:
            continue
        if len(said) == 1 and len(rows) > 1 and column not in _NEVER_DEFAULT:
            defaults[column] = said.pop()
        else:
            columns.append(column)
    return defaults, columns


def _sidecar(table: Table, validity: str, defaults: Mapping[str, str]) -> str:
    return _yaml(
        {
            "kind": "factors",
            "title": table.title,
            "title_zh": table.title_zh,
            "what": table.what,
            "keywords": list(table.keywords),
            "validity": validity,
            "defaults": dict(defaults),
        }
    )


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _put(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, name)
        else:
            Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
