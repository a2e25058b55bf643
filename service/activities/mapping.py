"""A mapping file: how the columns of any CSV or worksheet become activity data.

```yaml
name: Electricity meter, every 15 minutes
columns:            # column of the file -> field of the long form; 'time' for the stamp of an interval
  date: time
  Usage_kWh: amount
constants:          # fields that are the same in every row
  site: WORKS
  activity: electricity
  unit: kWh
values:             # what stands in the file -> what it means here, field by field
  activity: {柴油: diesel_offroad, 电: electricity}
time:
  format: "%d/%m/%Y %H:%M"
  interval_minutes: 15
  stamp: end        # the stamp is the end of its interval; or: start
  midnight: same_day  # 00:00 stands for the end of the day it is written with; or: next_day, the usual reading
aggregate: month
date_order: dmy     # how day and month stand in dates such as 01.03.2025
decimal_mark: "."   # declared, 1,234 is read as 1234
separator: ","      # found out when not declared
sheet: Data         # of a workbook; the first one when not declared
organisation: {code: WORKS, name_zh: 示例钢厂}
sites: [{code: WORKS, name_zh: 示例钢厂, region: CN-HB}]
```
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from service.activities.parameters import parameter_fields
from service.activities.textfile import SEPARATORS
from service.errors import N_, ServiceError, Wrong
from service.fields import ACTIVITY, ORGANISATION, SITES, Field
from service.i18n import Text

TIME = "time"
NULL = "tag:yaml.org,2002:null"
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MAX_BYTES = 100_000
MINUTES = re.compile("[0-9]{1,4}")

UNKNOWN_KEY = N_("unknown key; known: %(known)s")
NOT_ALLOWED = N_("'%(value)s' is none of: %(choices)s")
NOT_A_TABLE = N_("must be a table of keys and values")
NOT_A_LIST = N_("must be a list")
NOT_TEXT = N_("must be text or a number")
NOT_A_NUMBER = N_("must be a whole number from 1 to 1440")
NOT_A_FIELD = N_("'%(value)s' is no field; fields: %(choices)s")
NOT_A_FORMAT = N_("'%(value)s' is no format of a time; write for example %%Y-%%m-%%d %%H:%%M")
TWICE = N_("'%(value)s' is given twice")
TIME_NEEDED = N_("a column mapped to 'time' needs time.format")
AGGREGATE_NEEDED = N_("a column mapped to 'time' needs aggregate: month")
AMOUNT_NEEDED = N_("no column is mapped to 'amount'")
TOO_LARGE = N_("larger than %(limit)s bytes")
NOT_YAML = N_("not YAML in UTF-8: %(reason)s")
REQUIRED = N_("'%(value)s' is required")


class MappingInvalid(ServiceError):
    """A mapping file that does not hold together; everything wrong is named."""

    code = "mapping-invalid"
    message = N_("the mapping file is not valid")


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How the stamps of intervals are to be read."""

    format: str = ""
    interval_minutes: int | None = None  # the commonest distance when not declared
    stamp: str = "end"
    midnight: str = "next_day"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A checked mapping file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    time: TimeRule = field(default_factory=TimeRule)
    aggregate: str = "none"
    date_order: str = ""
    decimal_mark: str = ""
    separator: str = ""
    sheet: str = ""
    name: str = ""
    attribution: str = ""
    organisation: Mapping[str, str] = field(default_factory=dict)
    sites: tuple[Mapping[str, str], ...] = ()

    @property
    def declares_columns(self) -> bool:
        """Return whether the file's own headers are replaced; if not, it is in the long form."""
        return bool(self.columns)


@lru_cache(maxsize=1)
def mappable() -> Mapping[str, Field]:
    """Return the fields that a column may be mapped to, by name."""
    return {item.name: item for item in ACTIVITY} | dict(parameter_fields())


class _Plain(yaml.SafeLoader):
    """YAML of tables, lists, texts and null alone.

    A few aliases, nested, unfold to more than any memory holds; a tag makes anything of a text; and the site 007
    would be the number 7, the name 1.10 the number 1.1.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node.

        Raises:
            ComposerError: an alias, a tag, or a text that could not be stored.
        """
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        is_alias = self.check_event(yaml.AliasEvent)
        if is_alias or event.tag or UNFIT.search(getattr(event, "value", "")):
            problem = "an alias, a tag or a control character"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a table.

        Raises:
            ConstructorError: a key stands in it twice, of which one would be lost.
        """
        made = super().construct_mapping(node, deep)
        if len(made) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key is given twice", node.start_mark)
        return made


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag == NULL]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Checker:
    """Reads the parts of a mapping and remembers everything wrong with them."""

    def __init__(self) -> None:
        self.wrong: list[Wrong] = []

    def add(self, where: str, template: str, **params: str) -> None:
        self.wrong.append(Wrong(where, MappingInvalid.code, Text(template, **params)))

    def table(self, where: str, value: object, keys: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return ``value`` as a table; with ``keys``, only with keys among these."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.add(where, NOT_A_TABLE)
            return {}
        for key in value:
            if keys is not None and str(key) not in keys:
                self.add(f"{where}.{key}" if where else str(key), UNKNOWN_KEY, known=", ".join(keys))
        return {str(key): item for key, item in value.items() if keys is None or str(key) in keys}

    def text(self, where: str, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        self.add(where, NOT_TEXT)
        return ""

    def choice(self, where: str, value: object, choices: tuple[str, ...], default: str) -> str:
        text = self.text(where, value)
        if value is not None and text not in choices:
            self.add(where, NOT_ALLOWED, value=text, choices=" ".join(choices))
            return default
        return text or default

    def format(self, where: str, value: object) -> str:
        """Return a format of times that the reader of columns understands."""
        text = self.text(where, value)
        try:
            pl.Series([""]).str.to_datetime(text or "%Y", strict=False)
        except pl.exceptions.PolarsError:
            self.add(where, NOT_A_FORMAT, value=text)
        return text

    def fields(self, where: str, value: object, allowed: Mapping[str, object]) -> dict[str, str]:
        """Return a table whose keys are fields."""
        found = self.table(where, value)
        for key in found:
            if key not in allowed:
                self.add(f"{where}.{key}", NOT_A_FIELD, value=key, choices=", ".join(allowed))
        return {key: self.text(f"{where}.{key}", item) for key, item in found.items() if key in allowed}


def _columns(check: _Checker, value: object) -> dict[str, str]:
    allowed = {TIME: None, **mappable()}
    columns: dict[str, str] = {}
    for column, target in check.table("columns", value).items():
        name = check.text(f"columns.{column}", target)
        if name not in allowed:
            check.add(f"columns.{column}", NOT_A_FIELD, value=name, choices=", ".join(allowed))
        elif name in columns.values():
            check.add(f"columns.{column}", TWICE, value=name)
        else:
            columns[column] = name
    return columns


def _values(check: _Checker, value: object) -> dict[str, dict[str, str]]:
    return {
        name: {text: check.text(f"values.{name}.{text}", meant) for text, meant in table.items()}
        for name, content in check.table("values", value, mappable()).items()
        if (table := check.table(f"values.{name}", content))
    }


def _time(check: _Checker, value: object) -> TimeRule:
    keys = dict.fromkeys(("format", "interval_minutes", "stamp", "midnight"))
    table = check.table("time", value, keys)
    minutes = check.text("time.interval_minutes", table.get("interval_minutes"))
    if minutes and not (MINUTES.fullmatch(minutes) and 1 <= int(minutes) <= 1440):
        check.add("time.interval_minutes", NOT_A_NUMBER)
        minutes = ""
    return TimeRule(
        check.format("time.format", table.get("format")),
        int(minutes) if minutes else None,
        check.choice("time.stamp", table.get("stamp"), ("end", "start"), "end"),
        check.choice("time.midnight", table.get("midnight"), ("next_day", "same_day"), "next_day"),
    )


def _records(check: _Checker, where: str, value: object, fields: tuple[Field, ...]) -> dict[str, str]:
    record = check.fields(where, value, {item.name: item for item in fields})
    for item in fields:
        if record and item.required and not record.get(item.name):
            check.add(where, REQUIRED, value=item.name)
    return record


def _sites(check: _Checker, value: object) -> tuple[dict[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        check.add("sites", NOT_A_LIST)
        return ()
    return tuple(_records(check, f"sites[{number}]", item, SITES) for number, item in enumerate(value))


def _whole(check: _Checker, found: ColumnMap) -> None:
    """Check what several keys say together."""
    targets = set(found.columns.values())
    for name in sorted(targets & set(found.constants)):
        check.add(f"constants.{name}", TWICE, value=name)
    if found.columns and "amount" not in targets:
        check.add("columns", AMOUNT_NEEDED)
    if TIME in targets and not found.time.format:
        check.add("time", TIME_NEEDED)
    if TIME in targets and found.aggregate == "none":
        check.add("aggregate", AGGREGATE_NEEDED)


def mapping_of(content: object) -> ColumnMap:
    """Check the content of a mapping file.

    Raises:
        MappingInvalid: everything that is wrong with it.
    """
    check = _Checker()
    keys = dict.fromkeys(ColumnMap.__slots__)
    table = check.table("", content, keys)
    found = ColumnMap(
        columns=_columns(check, table.get("columns")),
        constants=check.fields("constants", table.get("constants"), mappable()),
        values=_values(check, table.get("values")),
        time=_time(check, table.get("time")),
        aggregate=check.choice("aggregate", table.get("aggregate"), ("none", "month"), "none"),
        date_order=check.choice("date_order", table.get("date_order"), ("dmy", "mdy", "ymd"), ""),
        decimal_mark=check.choice("decimal_mark", table.get("decimal_mark"), (".", ","), ""),
        separator=check.choice("separator", table.get("separator"), SEPARATORS, ""),
        sheet=check.text("sheet", table.get("sheet")),
        name=check.text("name", table.get("name")),
        attribution=check.text("attribution", table.get("attribution")),
        organisation=_records(check, "organisation", table.get("organisation"), ORGANISATION),
        sites=_sites(check, table.get("sites")),
    )
    _whole(check, found)
    if check.wrong:
        raise MappingInvalid(check.wrong)
    return found


def load_mapping(path: Path) -> ColumnMap:
    """Read and check a mapping file in YAML.

    Raises:
        MappingInvalid: not YAML, too large, or not a mapping.
    """
    if path.stat().st_size > MAX_BYTES:
        raise MappingInvalid([Wrong(path.name, MappingInvalid.code, Text(TOO_LARGE, limit=MAX_BYTES))])
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Plain)  # noqa: S506  a SafeLoader, and stricter
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingInvalid([Wrong(path.name, MappingInvalid.code, Text(NOT_YAML, reason=str(error)))]) from error
    return mapping_of(content)
