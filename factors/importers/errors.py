"""Why a publisher's file is refused as a whole; what is wrong inside a readable file is a ``Problem``."""

from __future__ import annotations

from collections.abc import Iterable

from factors.errors import N_, FactorsError, listed


class FileRefused(FactorsError):
    """Root of the reasons for not reading a file at all."""

    code = "file-refused"
    message = N_("'%(file)s' cannot be imported")


class FileMissing(FileRefused):
    """No such file, or a directory."""

    code = "file-missing"
    message = N_("there is no file '%(file)s'")

    def __init__(self, file: str) -> None:
        super().__init__(file=file)


class FileTooLarge(FileRefused):
    """More bytes than any publisher's table has."""

    code = "file-too-large"
    message = N_("'%(file)s' has %(size)s bytes; at most %(limit)s are read")

    def __init__(self, file: str, size: int, limit: int) -> None:
        super().__init__(file=file, size=size, limit=limit)


class ArchiveTooLarge(FileRefused):
    """A workbook that unpacks to far more than a table: a zip bomb, or not a publisher's file."""

    code = "archive-too-large"
    message = N_("'%(file)s' unpacks to more than %(limit)s bytes (part '%(part)s'); it is not read")

    def __init__(self, file: str, part: str, limit: int) -> None:
        super().__init__(file=file, part=part, limit=limit)


class SheetTooLarge(FileRefused):
    """A cell so far out that the sheet would fill the memory."""

    code = "sheet-too-large"
    message = N_("'%(file)s' has a cell at %(cell)s, far beyond any publisher's table; it is not read")

    def __init__(self, file: str, cell: str) -> None:
        super().__init__(file=file, cell=cell)


class MacroWorkbook(FileRefused):
    """A workbook that carries a program. Nothing in a workbook is ever run here; it is not even opened."""

    code = "macro-workbook"
    message = N_("'%(file)s' carries macros (%(part)s); save it as a workbook without macros (.xlsx) and import that")

    def __init__(self, file: str, part: str) -> None:
        super().__init__(file=file, part=part)


class UnsafeXml(FileRefused):
    """XML with a document type: entity expansion and outside references begin there."""

    code = "unsafe-xml"
    message = N_("'%(file)s' declares a document type in part '%(part)s'; a workbook has none, it is not read")

    def __init__(self, file: str, part: str) -> None:
        super().__init__(file=file, part=part)


class FileUnreadable(FileRefused):
    """Cut off, encrypted, of another kind or in another encoding than the publisher's."""

    code = "file-unreadable"
    message = N_("'%(file)s' cannot be read as %(kind)s: %(reason)s; download it again from the publisher")

    def __init__(self, file: str, kind: str, reason: str) -> None:
        super().__init__(file=file, kind=kind, reason=reason)


class UnknownLayout(FileRefused):
    """Not the layout that the importer knows: refused rather than guessed at."""

    code = "unknown-layout"
    message = N_(
        "'%(file)s' is no layout of %(publisher)s known here: %(place)s: expected %(expected)s, found %(found)s"
    )

    def __init__(self, file: str, publisher: str, place: str, expected: str, found: str) -> None:
        super().__init__(file=file, publisher=publisher, place=place, expected=expected, found=found or "nothing")


class UnknownPublisher(FactorsError):
    """No importer of that name."""

    code = "unknown-publisher"
    message = N_("no importer for '%(publisher)s'; known: %(known)s")

    def __init__(self, publisher: str, known: Iterable[str]) -> None:
        super().__init__(publisher=publisher, known=listed(known))
