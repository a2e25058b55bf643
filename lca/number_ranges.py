"""Numbers of certificates: ranges such as GEC-2025-000101 to GEC-2025-000200, and whether two of them overlap."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lca.errors import NumbersInvalid

_NUMBER = re.compile(r"(.*?)(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A run of certificate numbers that differ only in their last digits."""

    prefix: str
    first: int
    last: int

    @property
    def count(self) -> int:
        """Return how many certificates there are."""
        return self.last - self.first + 1

    def overlaps(self, other: NumberRange) -> bool:
        """Tell whether a certificate stands in both."""
        return self.prefix == other.prefix and self.first <= other.last and other.first <= self.last


def number_range(number_from: str, number_to: str) -> NumberRange:
    """Read a range; ``number_to`` may be left out for a single certificate.

    Raises:
        NumbersInvalid: no digits at the end, different beginnings or lengths, or the end before the start.
    """
    begins = _NUMBER.fullmatch(number_from.strip())
    ends = _NUMBER.fullmatch(number_to.strip() or number_from.strip())
    if begins is None or ends is None:
        raise NumbersInvalid(number_from=number_from, number_to=number_to)
    (prefix, first), (same, last) = begins.groups(), ends.groups()
    # Numbers of one register have one length; 'A9' to 'A11' would be two registers or a slip.
    if prefix != same or len(first) != len(last) or int(last) < int(first):
        raise NumbersInvalid(number_from=number_from, number_to=number_to)
    return NumberRange(prefix, int(first), int(last))
