"""What the API is, for a reader: pages made of the OpenAPI file by the service itself, with examples that run.

The pages need no script and nothing from elsewhere. English is what the code says; the Chinese of every operation, and
the examples, stand in ``reference.yaml``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import flask
import yaml
from flask import Blueprint, Flask
from werkzeug.exceptions import NotFound

from service.audit.export import FORMATS, JSON_LINES
from service.http import REPEATING, Api
from service.i18n import by_language, language

METHODS = ("get", "post", "put", "patch", "delete")
PART = re.compile(r"<(?:[^:>]*:)?([^>]*)>")

blueprint = Blueprint("reference", __name__)

Record = Mapping[str, Any]


@cache
def table() -> Record:
    """Return the groups, summaries and examples that stand beside the code."""
    text = resources.files("service").joinpath("reference.yaml").read_text(encoding="utf-8")
    found: Record = yaml.safe_load(text)
    return found


def document(app: Flask, api: Api) -> None:
    """Complete the OpenAPI file: a name for every operation, what holds of all of its kind, and the examples."""
    examples = {one["operation"]: one for one in table()["examples"]}
    # apispec offers no way to look through the operations that it has taken in.
    paths = api.spec._paths
    for rule in app.url_map.iter_rules():
        operations = paths.get(PART.sub(r"{\1}", rule.rule), {})
        for method in METHODS:
            if method in operations and method.upper() in (rule.methods or ()):
                _complete(operations[method], method, rule.endpoint.replace(" ", "-"), examples)


def _complete(operation: dict[str, Any], method: str, name: str, examples: Record) -> None:
    operation["operationId"] = name
    held = operation.setdefault("parameters", [])
    named = {one.get("name") for one in held}
    if "cursor" in named:
        operation["responses"]["200"]["headers"] = FOLLOWING
    if method == "post" and REPEATING["name"] not in named:
        held.append(REPEATING)
    if name in ALSO:
        operation["responses"]["200"]["content"].update({kind: {"schema": {"type": "string"}} for kind in ALSO[name]})
    if name in examples:
        operation["requestBody"]["content"]["application/json"]["example"] = examples[name]["body"]


ALSO: Mapping[str, Sequence[str]] = {"audit.export_": [kind for name, kind in FORMATS.items() if name != JSON_LINES]}
"""Operation -> the other forms that it answers in, which its one decorator cannot say."""

FOLLOWING: Record = {
    "Link": {
        "schema": {"type": "string"},
        "description": '`<address>; rel="next"` of the next part of the list; missing on the last one (RFC 8288)',
    }
}


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a property of what is sent or answered."""

    name: str
    place: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does."""

    name: str
    method: str
    path: str
    summary: str
    parameters: Sequence[Value]
    sent: Sequence[Value]
    answered: Sequence[Value]
    status: str
    example: str  # a call by curl, '' where there is none


@dataclass(frozen=True, slots=True)
class Group:
    """Operations on one kind of thing."""

    name: str
    title: str
    about: str
    operations: Sequence[Operation]


@blueprint.get("/api")
def show() -> str:
    """Show what the API does, or one group of it with all particulars."""
    spec = flask.current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    groups = list(_groups(spec))
    asked = flask.request.args.get("group", "")
    if not asked:
        return flask.render_template("pages/reference.html", groups=groups)
    found = next((group for group in groups if group.name == asked), None)
    if found is None:
        raise NotFound
    return flask.render_template("pages/reference_group.html", group=found)


def _groups(spec: Record) -> Iterator[Group]:
    chinese: Record = table()["groups"] if language() == "zh_Hans" else {}
    for tag in spec["tags"]:
        name = tag["name"]
        operations = [
            _operation(spec, path, method, one, shared.get("parameters", ()))
            for path, shared in spec["paths"].items()
            for method, one in shared.items()
            if method in METHODS and name in one["tags"]
        ]
        title, about = chinese.get(name, (name.replace("-", " ").capitalize(), tag["description"]))
        yield Group(name, title, about, operations)


def _operation(spec: Record, path: str, method: str, one: Record, shared: Sequence[Record]) -> Operation:
    chinese: Record = table()["summaries"] if language() == "zh_Hans" else {}
    name = one["operationId"]
    content = one.get("requestBody", {}).get("content", {})
    status = next(iter(sorted(one["responses"])))
    media = [found.get("schema", {}) for found in one["responses"][status].get("content", {}).values()]
    return Operation(
        name=name,
        method=method.upper(),
        path=path,
        summary=chinese.get(name, one["summary"]),
        parameters=[_parameter(found) for found in (*shared, *one.get("parameters", ()))],
        sent=[found for media in content.values() for found in _properties(spec, media.get("schema", {}))],
        answered=[found for schema in media for found in _properties(spec, schema)],
        status=status,
        example=_example(path, method, name),
    )


def _parameter(found: Record) -> Value:
    return Value(
        found["name"], found["in"], _kind(found.get("schema", {})), found.get("required", False), _about(found)
    )


def _properties(spec: Record, schema: Record) -> Iterator[Value]:
    schema = _resolved(spec, schema.get("items", schema) if schema.get("type") == "array" else schema)
    required = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        yield Value(name, "body", _kind(found), name in required, _about(found))


def _about(found: Record) -> str:
    """Return what a value means in the language in use: what is filled in on sheets too is called so in both."""
    english, chinese = found.get("description", ""), ""
    if "title" in found:
        english, chinese = found["title"], found.get("description", "")
    return by_language(chinese or table()["values"].get(english, ""), english)


def _resolved(spec: Record, schema: Record) -> Record:
    if "$ref" not in schema:
        return schema
    found: Record = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Record) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("enum"):
        return " | ".join(str(one) for one in schema["enum"] if one not in ("", None))
    kind = schema.get("type", "object")
    kinds = [kind] if isinstance(kind, str) else [one for one in kind if one != "null"]
    if kinds == ["array"]:
        return f"[{_kind(schema.get('items', {}))}]"
    return " | ".join([schema.get("format", one) for one in kinds])


def _example(path: str, method: str, name: str) -> str:
    found = next((one for one in table()["examples"] if one["operation"] == name), None)
    if found is None:
        return ""
    body = json.dumps(found["body"], ensure_ascii=False, indent=1).replace("'", "'\\''")
    address = path.format_map(found.get("path", {}))
    return (
        f'curl -X {method.upper()} "$TANJI_SERVER{address}" -H "Authorization: Bearer $TANJI_TOKEN" \\\n'
        f"  -H 'Content-Type: application/json' -d '{body}'"
    )
