"""ILCD data sets, from XML or JSON, as one kind of tree.

A node is a mapping: attributes and simple values by their local name, child elements as lists of nodes, the text of an
element under 'value'. JSON comes in two dialects, that of soda4LCA and that of XML turned into JSON ('@refObjectId',
'#text', 'common:UUID'); both end up alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from lca.errors import LciFileBroken
from lca.importers.archive import Archive

Node = Mapping[str, Any]
DEEPEST = 60  # ILCD nests to a dozen

_RENAMED = {"#text": "value", "text": "value"}


def tree_of(archive: Archive, name: str) -> tuple[str, Node]:
    """Return the kind of a data set ('processDataSet', '' where it does not say) and its root.

    Raises:
        LciFileBroken: neither XML nor JSON, or nested deeper than any data set.
        LciFileUnsafe: it declares a document type.
    """
    if not name.casefold().endswith(".json"):
        root = archive.xml_of(name)
        return _local(root.tag), _of_xml(root, archive.path.name, name)
    node = _of_json(archive.json_of(name), archive.path.name, name)
    if not isinstance(node, dict):
        raise LciFileBroken(archive.path.name, name)
    kinds = [key for key in node if key.endswith("DataSet") and isinstance(node[key], dict)]
    if len(kinds) == 1:
        return kinds[0], node[kinds[0]]
    return ("processDataSet" if "processInformation" in node else ""), node


def _local(tag: object) -> str:
    found = str(tag).rpartition("}")[2].rpartition(":")[2].lstrip("@")
    return _RENAMED.get(found, found)


def _of_xml(element: etree._Element, file: str, name: str, depth: int = 0) -> dict[str, Any]:
    if depth > DEEPEST:
        raise LciFileBroken(file, name)
    node: dict[str, Any] = {_local(key): value for key, value in element.attrib.items()}
    for child in element:
        if isinstance(child.tag, str):
            held = node.setdefault(_local(child.tag), [])
            if not isinstance(held, list):
                held = node[_local(child.tag)] = []
            held.append(_of_xml(child, file, name, depth + 1))
    if written := (element.text or "").strip():
        node["value"] = written
    return node


def _of_json(value: Any, file: str, name: str, depth: int = 0) -> Any:
    if depth > 2 * DEEPEST:
        raise LciFileBroken(file, name)
    if isinstance(value, dict):
        return {_local(key): _of_json(held, file, name, depth + 1) for key, held in value.items()}
    if isinstance(value, list):
        return [_of_json(held, file, name, depth + 1) for held in value]
    return value


def every(node: Node, *path: str) -> Iterator[Node]:
    """Yield the nodes at the end of ``path``; a simple value is a node of its own."""
    if not path:
        yield node
        return
    held = node.get(path[0])
    for child in held if isinstance(held, list) else [held]:
        if isinstance(child, dict):
            yield from every(child, *path[1:])
        elif child is not None and len(path) == 1:
            yield {"value": child}


def only(node: Node, *path: str) -> Node:
    """Return the first node at the end of ``path``, an empty one where there is none."""
    return next(every(node, *path), {})


def text(node: Node, *path: str) -> str:
    """Return the first text at the end of ``path``."""
    for found in every(node, *path):
        value = found.get("value")
        if value is not None and not isinstance(value, dict | list):
            return str(value).strip() if not isinstance(value, bool) else str(value).lower()
    return ""


def texts(node: Node, *path: str) -> list[str]:
    """Return every text at the end of ``path`` that is not empty."""
    return [found for one in every(node, *path) if (found := text({"value": one.get("value")}, "value"))]


def languages(node: Node, *path: str) -> dict[str, str]:
    """Return the text at the end of ``path`` by language; what says none is English, as the format rules."""
    found: dict[str, str] = {}
    for one in every(node, *path):
        if written := text({"value": one.get("value")}, "value"):
            found.setdefault(str(one.get("lang") or "en"), written)
    return found


def spoken(words: Mapping[str, str]) -> str:
    """Return the English text, else the first there is."""
    return words.get("en") or next(iter(words.values()), "")


def chinese(words: Mapping[str, str]) -> str:
    """Return the Chinese text, if there is one."""
    return next((words[lang] for lang in words if lang.casefold().startswith("zh")), "")
