"""The first page of a report: what it shows, and how it is read back when the report is verified.

Rendering and verifying share this one place, so that a first page can be held against its attachment
word for word: report number, digest, whose footprint or inventory of when, the figures and whose claim it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.reports import numbers
from service.reports.content.context import Cell
from service.reports.words import Words

DIGEST_GROUP = 16
SHORT_DIGEST = 16
INVENTED = ("（虚构）", "(虚构)")
CREATED_SHOWN = len("2026-01-31T08:00")


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot is of: what reports, pages and steps of verification call it."""

    identifier: str
    created: str  # ISO 8601, UTC
    start: str
    end: str
    names: tuple[str, ...]  # one of them stands on every first page
    owner: str  # who signs


@dataclass(frozen=True, slots=True)
class Face:
    """The first page, ready to be laid out."""

    number: str
    digest: str
    eyebrow: Cell
    title: Cell
    title_plain: str
    organisation: Cell
    organisation_second: str
    organisation_plain: str
    facts: tuple[tuple[Cell, Cell], ...]
    total_label: Cell
    total: str
    parts: tuple[tuple[Cell, str], ...]
    unit: Cell
    unit_plain: str
    claim: Cell
    claim_plain: str
    running_claim: str
    imprint: str
    demonstration: Cell

    @property
    def digest_parts(self) -> list[str]:
        """The digest in groups that an eye can compare."""
        return [self.digest[i : i + DIGEST_GROUP] for i in range(0, len(self.digest), DIGEST_GROUP)]


def number_of(identifier: str, digest: str, mark: str = "") -> str:
    """The report's unique number: what it is of, the beginning of its digest, and the mark of its document."""
    return f"TJ-{identifier}-{digest[:8].upper()}{mark}"


def created_at(created: str) -> str:
    """A stored moment as a page shows it."""
    return created.replace("T", " ")[:CREATED_SHOWN] + " UTC"


def figures_on(page: str, unit: str) -> list[str]:
    """The figures in ``unit`` that the squeezed text of a page shows, in order."""
    found: list[str] = re.findall(rf"({numbers.MINUS}?[0-9]+(?:\.[0-9]+)?){unit}", page)
    return found


def claims() -> tuple[str, ...]:
    """The wordings of the claim, one of which a first page must carry."""
    return tuple(squeezed(Words(language).plain("self_declared")) for language in ("zh", "en"))


def squeezed(text: str) -> str:
    """Leave out all white space, which a page may break and a reader of pages may lose."""
    return "".join(text.split())
