"""What a document is laid out from: its template, its chapters, and what the template may mention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Layout:
    """A template with the keys of its chapters, in order; a document of one page has none."""

    template: str
    chapters: tuple[str, ...]
    names: Mapping[str, Any]
