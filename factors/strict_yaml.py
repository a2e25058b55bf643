"""YAML for files that are checked by people: a key written twice is an error, not the last one's win."""

from __future__ import annotations

from typing import Any

import yaml

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one


class StrictLoader(_Safe):  # type: ignore[misc]
    """A safe loader that refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Read a mapping.

        Raises:
            ConstructorError: a key stands twice; it names the key and its line.
        """
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


class TextLoader(StrictLoader):
    """A strict loader that leaves every scalar the text it was written as, and tells the line of every mapping.

    Amounts keep the digits that a person wrote; ``no`` is a word. A mapping gains the key ``LINE``.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  how PyYAML declares them

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Read a mapping with the number of its first line.

        Raises:
            ConstructorError: as ``StrictLoader``.
        """
        return {**super().construct_mapping(node, deep), LINE: str(node.start_mark.line + 1)}


LINE = "line"
