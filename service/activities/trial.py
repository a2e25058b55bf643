"""One reading of a workbook in a process of its own: what ends the reader must not end the service.

    python -I trial.py FILE BYTES SECONDS

workbook.py runs it so, and it imports nothing of the house: it starts in a few hundredths of a second, and unlike a
fork it shares nothing with the threads of Polars. It ends with 0, BROKEN or COSTLY, or by the signal that ended it.
"""

from __future__ import annotations

import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

BROKEN, COSTLY = 3, 4


def bound(kind: int, most: int) -> None:
    """Let this process have no more than ``most`` of something, or than it was given."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def read(path: str) -> int:
    """Read every worksheet and its merged ranges; what is read is of no interest, only that it can be."""
    try:
        book = CalamineWorkbook.from_path(path)
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                _ = book.get_sheet_by_name(sheet.name).merged_cell_ranges
    except CalamineError:
        return BROKEN
    except MemoryError:
        return COSTLY
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # not exported by the reader, and no Exception
            raise
        return BROKEN
    return 0


def main(path: str, memory: int, seconds: int) -> int:
    """Read a workbook within these bounds."""
    bound(resource.RLIMIT_CORE, 0)
    bound(resource.RLIMIT_AS, memory)
    bound(resource.RLIMIT_CPU, seconds)
    return read(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
