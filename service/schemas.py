"""Marshmallow schemas made from the field table, so that the API asks for exactly what a file must hold.

Every sentence is a template that ``service.i18n.tell`` can say in Chinese; the OpenAPI file keeps the limits.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.errors import Wrong
from service.fields import Field
from service.i18n import N_, Text

DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,15})?$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"
# No control characters: names travel through report tables, CSV files and log lines.
TEXT_PATTERN = r"^[^\x00-\x1f\x7f]*$"
# A code also stands in addresses and file names.
CODE_PATTERN = r"^[^\x00-\x20\x7f/\\?#%]*$"
PARAMETER_PATTERN = r"^[a-z][a-z0-9_]*$"

DECIMAL_MESSAGE = N_("not a plain decimal number such as 1200 or -3.25, written as text")
RANGE_MESSAGE = N_("must lie between %(low)s and %(high)s")
PERIOD_MESSAGE = N_("the end lies before the start")
SHA256_MESSAGE = N_("not a SHA-256 in 64 lower-case hexadecimal digits")
TEXT_MESSAGE = N_("contains characters that are not allowed here")
EMPTY_MESSAGE = N_("must not be empty")
LENGTH_MESSAGE = N_("longer than %(limit)s characters")
TAG = re.compile(r'(?<![W/])"([!#-~]*)"')
TAG_MESSAGE = N_("not an ETag as it was sent, in its quotation marks")
CURSOR_MESSAGE = N_("no cursor of this list: begin without one, and follow the links")
CHOICE_MESSAGE = N_("must be one of: %(choices)s")
# What marshmallow says of itself, listed so that it is translated too.
MARSHMALLOW_MESSAGES = (
    N_("Missing data for required field."),
    N_("Field may not be null."),
    N_("Unknown field."),
    N_("Invalid input type."),
    N_("Not a valid string."),
    N_("Not a valid date."),
    N_("Not a valid integer."),
    N_("Not a valid boolean."),
    N_("Not a valid mapping type."),
    N_("Not valid JSON."),
    N_("Invalid value."),
)


class Length(validate.Length):
    """A length rule that can tell its sentence in both languages."""

    def __call__(self, value: Any) -> Any:
        """Refuse a text that is too short or too long."""
        if self.min is not None and len(value) < self.min:
            raise ValidationError(EMPTY_MESSAGE)
        if self.max is not None and len(value) > self.max:
            raise ValidationError(Text(LENGTH_MESSAGE, limit=self.max))
        return value


class Choice(validate.OneOf):
    """A choice that names what may be chosen."""

    def __call__(self, value: Any) -> Any:
        """Refuse what is not among the choices."""
        if value not in self.choices:
            shown = ", ".join(str(choice) for choice in self.choices if choice)
            raise ValidationError(Text(CHOICE_MESSAGE, choices=shown))
        return value


def writable(value: str) -> str:
    """Refuse half a character (a lone surrogate, which JSON can write and UTF-8 cannot)."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(TEXT_MESSAGE) from error
    return value


class DecimalString(fields.String):
    """An exact decimal, sent and kept as text.

    A JSON number becomes a binary float on the way and ``1.10`` would come back as ``1.1``; and
    marshmallow's own Decimal with a Range writes limits into the OpenAPI file that its draft rejects.
    """

    def __init__(self, *, low: str = "", high: str = "", **kwargs: Any) -> None:
        # What has a default other than nothing may be left out, but not sent empty.
        may_be_empty = kwargs.get("load_default") == ""
        pattern = or_empty(DECIMAL_PATTERN) if may_be_empty else DECIMAL_PATTERN
        rule = validate.Regexp(re.compile(pattern), error=DECIMAL_MESSAGE)
        super().__init__(validate=[rule], error_messages={"invalid": DECIMAL_MESSAGE}, **kwargs)
        self._low, self._high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        # The range is checked here and not among the validators: they all run, and "abc" lies in no range.
        if re.match(DECIMAL_PATTERN, text):
            self._check_range(Decimal(text))
        return text

    def _check_range(self, number: Decimal) -> None:
        if (self._low and number < Decimal(self._low)) or (self._high and number > Decimal(self._high)):
            raise ValidationError(Text(RANGE_MESSAGE, low=self._low or "-∞", high=self._high or "∞"))


def or_empty(pattern: str) -> str:
    """Let a field that may be left out also be sent empty."""
    return f"^({pattern.removeprefix('^').removesuffix('$')})?$"


def text(pattern: str = TEXT_PATTERN, *, limit: int = 200, required: bool = False, **kwargs: Any) -> fields.String:
    """Return a text field without control characters, at most ``limit`` long."""
    length = Length(min=1 if required else None, max=limit)
    rules: list[Any] = [length, validate.Regexp(re.compile(pattern), error=TEXT_MESSAGE), writable]
    if not required:
        kwargs.setdefault("load_default", "")
    return fields.String(validate=rules, required=required, **kwargs)


def marshmallow_field(field: Field) -> fields.Field[Any]:
    """Return the marshmallow field that checks ``field`` in one submitted object."""
    common: dict[str, Any] = {"metadata": {"title": field.en, "description": field.zh}}
    if field.required:
        common["required"] = True
    else:
        common["load_default"] = None if field.kind in ("start", "end") else field.default
    if field.kind in ("start", "end"):
        return fields.Date(allow_none=not field.required, **common)
    if field.kind == "decimal":
        return DecimalString(low=field.low, high=field.high, **common)
    if field.kind == "choice":
        ids = tuple(choice.id for choice in field.choices)
        return fields.String(validate=Choice(ids if field.required or field.default else ("", *ids)), **common)
    if field.kind == "evidence":
        rule = validate.Regexp(re.compile(or_empty(SHA256_PATTERN)), error=SHA256_MESSAGE)
        return fields.String(validate=rule, **common)
    return text(CODE_PATTERN if field.kind in ("code", "site") else TEXT_PATTERN, limit=field.max_length, **common)


class PeriodSchema(Schema):
    """A schema whose two dates, where it names two, must stand in order."""

    period: ClassVar[tuple[str, str] | None] = None

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        if self.period is None:
            return
        start, end = (data.get(name) for name in self.period)
        if isinstance(start, date) and isinstance(end, date) and end < start:
            raise ValidationError(PERIOD_MESSAGE, self.period[1])


def schema(name: str, table: Iterable[Field], *, period: tuple[str, str] | None = None, **extra: Any) -> type[Schema]:
    """Return a schema called ``name`` of the fields in ``table``; ``extra`` adds or replaces members, None removes."""
    members: dict[str, Any] = {field.name: marshmallow_field(field) for field in table}
    members.update(extra)
    members = {key: value for key, value in members.items() if value is not None}
    members["period"] = period
    return type(name, (PeriodSchema,), members)


class Cursor(fields.String):
    """A place in a list, as the answer before said it; what it is made of is nobody's business."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or len(found) != 1 or type(found[0]) not in (str, int):
            raise ValidationError(CURSOR_MESSAGE)
        return found[0]


def cursor(last: str | int) -> str:
    """Return the cursor of what stands behind ``last``."""
    return base64.urlsafe_b64encode(json.dumps([last], ensure_ascii=False).encode()).decode().rstrip("=")


class Page(Schema):
    """Which part of a list is wanted."""

    cursor = Cursor(
        load_default=None, allow_none=False, metadata={"description": "where the part begins: from the `Link` before"}
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1000))


class Tags(fields.String):
    """ETags of a header, as a set; ``*`` and weak ones say nothing of what is expected."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        found = frozenset(TAG.findall(text))
        if not found and text.strip() != "*":
            raise ValidationError(TAG_MESSAGE)
        return found


class IfMatch(Schema):
    """What a change expects to find (RFC 9110, 13.1.1)."""

    expected = Tags(
        data_key="If-Match",
        load_default=frozenset,
        metadata={"description": "the ETag that was read: where something else stands there now, it is not changed"},
    )


class Reason(Schema):
    """Why something is taken back or opened again."""

    reason = text(limit=1000, required=True)


class ProblemItem(Schema):
    """One thing wrong in what was sent."""

    field = fields.String(metadata={"description": "where: a property, or a row and column"})
    code = fields.String(metadata={"description": "stable name of the case"})
    message = fields.String(metadata={"description": "what is wrong and how to mend it"})


class ProblemCandidate(Schema):
    """A factor that a person may choose, or that was looked at and not taken."""

    factor_id = fields.String()
    reason = fields.String()


class Problem(Schema):
    """An error, in the form of RFC 9457."""

    type = fields.String(required=True, metadata={"description": "address that names the kind of problem"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "stable name of the case"})
    errors = fields.List(fields.Nested(ProblemItem))
    candidates = fields.List(fields.Nested(ProblemCandidate), metadata={"description": "where a choice is asked for"})


def named(messages: Any, path: str = "") -> Iterator[Wrong]:
    """Yield everything that marshmallow found wrong, however deep; webargs puts the place (json, query) first."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            place = f"{path}.{key}" if path else str(key)
            yield from named(inner, "" if not path and key in ("json", "query", "form", "files", "headers") else place)
    elif isinstance(messages, list):
        for message in messages:
            yield from named(message, path)
    else:
        yield Wrong(path.removesuffix("._schema").removeprefix("_schema"), "invalid", messages)
