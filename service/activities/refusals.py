"""A file that cannot be read at all, with the reason; the intake turns it into one problem of the whole file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submitted file may cost. Larger data comes in several files."""

    file_bytes: int = 50_000_000
    unpacked_bytes: int = 300_000_000  # a full worksheet of 300,000 rows unpacks to about 150 MB
    cells: int = 10_000_000  # rows times columns of one worksheet, empty cells included: readers store them densely
    parts: int = 5_000  # files inside a workbook
    merges: int = 10_000  # merged ranges of one worksheet
    reader_bytes: int = 1_000_000_000  # memory of the reader; a full worksheet of ``cells`` numbers takes 750 MB
    reader_seconds: int = 60  # of computing; that worksheet takes 5 s


class FileRefused(Exception):
    """The file as a whole is refused; ``code`` is one of ``messages.yaml``."""

    def __init__(self, code: str, sheet: str = "", **params: str) -> None:
        self.code, self.sheet, self.params = code, sheet, params
        super().__init__(code)


def megabytes(count: int) -> str:
    """Write a number of bytes in millions, as messages quote it."""
    return f"{count / 1_000_000:.1f}"
