"""``python -m service.remote.generate``: writes ``operations.py`` from the OpenAPI file, so that the two cannot differ.

A test writes it anew and compares.
"""

from __future__ import annotations

import json
import keyword
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service.remote.client import method_name

METHODS = ("get", "post", "put", "patch", "delete")
PLAIN = {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}
INTO = Path(__file__).with_name("operations.py")
HEAD = '''"""Every operation of the API as a method, with what it takes and gives; ``generate`` writes this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict, cast

from service.remote.client import Caller, SentFile, address
'''

Record = Mapping[str, Any]


def written(spec: Record) -> str:
    """Return the module for an OpenAPI file."""
    schemas = spec["components"]["schemas"]
    parts = [HEAD]
    parts += ["\n".join(_type(name, schema)) for name, schema in sorted(schemas.items())]
    parts.append("\n".join(_client(spec)))
    return "\n\n".join(parts) + "\n"


def _type(name: str, schema: Record) -> Iterator[str]:
    # By the call and not by a class: names of properties may be words of the language.
    yield f"{name} = TypedDict("
    yield f'    "{name}",'
    yield "    {"
    for key, found in schema.get("properties", {}).items():
        yield f'        "{key}": "{_kind(found)}",'
    yield "    },"
    yield "    total=False,"
    yield ")"


def _kind(schema: Record) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    return " | ".join(_one(kind, schema) for kind in kinds)


def _one(kind: str, schema: Record) -> str:
    if kind == "array":
        return f"list[{_kind(schema.get('items', {}))}]"
    if kind == "null":
        return "None"
    return PLAIN.get(kind, "dict[str, Any]")


def _client(spec: Record) -> Iterator[str]:
    yield "class Remote(Caller):"
    yield '    """A service elsewhere: a method for every operation."""'
    for path, operations in sorted(spec["paths"].items()):
        for method in METHODS:
            if method in operations:
                yield from _method(path, method, operations[method], operations.get("parameters", ()))


def _method(path: str, method: str, one: Record, shared: Any) -> Iterator[str]:
    parameters = [*shared, *one.get("parameters", ())]
    inside = [found for found in parameters if found["in"] == "path"]
    query = [found for found in parameters if found["in"] == "query"]
    headers = [found for found in parameters if found["in"] == "header"]
    is_list = any(found["name"] == "cursor" for found in query) and _answer(one).startswith("list[")
    query = [found for found in query if not (is_list and found["name"] == "cursor")]
    content = one.get("requestBody", {}).get("content", {})
    is_file = "multipart/form-data" in content
    body = _kind(next(iter(content.values()))["schema"]) if content and not is_file else ""
    takes = [f"{_name(found['name'])}: {_kind(found['schema'])}" for found in inside]
    takes += ["body: " + body] if body else []
    takes += ["files: dict[str, SentFile]"] if is_file else []
    options = [
        f"{_name(found['name'])}: {_kind(found['schema']).replace(' | None', '')} | None = None" for found in query
    ]
    options += [f'{_name(found["name"])}: str = ""' for found in headers]
    gives = f"Iterator[{_answer(one)[5:-1]}]" if is_list else _answer(one)
    yield ""
    yield f"    def {method_name(one['operationId'])}("
    yield "        self,"
    yield from (f"        {taken}," for taken in takes)
    if options:
        yield "        *,"
        yield from (f"        {option}," for option in options)
    yield f"    ) -> {gives}:"
    yield f'        """{one["summary"]}"""'
    values = "".join(f", {_name(found['name'])}={_name(found['name'])}" for found in inside)
    # The names in the braces become those of the arguments.
    place = path
    for found in inside:
        place = place.replace(f"{{{found['name']}}}", f"{{{_name(found['name'])}}}")
    yield f'        path = address("{place}"{values})'
    if is_list:
        yield f'        return cast("{gives}", self.rows(path, {_pairs(query)}))'
        return
    given = [f"query={_pairs(query)}"] if query else []
    given += ["body=body"] if body else []
    given += ["files=files"] if is_file else []
    given += [f"headers={_pairs(headers)}"] if headers else []
    call = ", ".join([f'"{method.upper()}"', "path", *given])
    yield f'        return cast("{gives}", self.call({call}))'


def _pairs(parameters: Any) -> str:
    return "{" + ", ".join(f'"{found["name"]}": {_name(found["name"])}' for found in parameters) + "}"


def _answer(one: Record) -> str:
    status = min(code for code in one["responses"] if code.startswith("2"))
    content = one["responses"][status].get("content", {})
    if not content:
        return "None"
    schema = next(iter(content.values()))["schema"]
    return "bytes" if schema.get("format") == "binary" else _kind(schema)


def _name(name: str) -> str:
    found = name.lower().replace("-", "_")
    return f"{found}_" if keyword.iskeyword(found) else found


if __name__ == "__main__":
    INTO.write_text(written(json.load(sys.stdin)), encoding="utf-8")
