"""A look at the XML of a workbook before its reader may open it: how far its sheets reach, and which cells compute.

The reader takes up memory for every cell between the first and the last, and for every copy of a text, and ends the
process where it runs out. So the extent and the texts are counted here first, tag by tag.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from lca.errors import LciFileBroken, LciFileUnsafe

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # that a spreadsheet has
MOST_CELLS = 4_000_000  # between the first and the last, of all sheets together
MOST_TEXT = 256 << 20  # characters that the reader would hold

MOST_BYTES = 512 << 20  # of all parts, unpacked
_CHUNK = 1 << 20
_MACROS = ("vbaproject.bin", "macrosheets/")
_DOCTYPE = re.compile(rb"<!doctype", re.IGNORECASE)
Cell = tuple[int, int]  # row and column from 1


@dataclass
class Seen:
    """What one sheet holds that its values do not show."""

    computed: set[Cell] = field(default_factory=set)
    last_row: int = 0
    last_column: int = 0
    texts: dict[int, int] = field(default_factory=dict)  # number of a shared text -> how often
    characters: int = 0

    @property
    def area(self) -> int:
        """Return how many cells lie between the first and the last."""
        return self.last_row * self.last_column

    @property
    def is_beyond(self) -> bool:
        """Whether a cell lies where no spreadsheet has one."""
        return self.last_row > LAST_ROW or self.last_column > LAST_COLUMN


def look(name: str, content: bytes) -> Mapping[str, frozenset[Cell]]:
    """Return, by sheet, the cells that a formula computes.

    Raises:
        LciFileBroken: it is no workbook, or a damaged one.
        LciFileUnsafe: it carries macros or a document type, or would fill the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            _check_parts(name, book)
            return _looked(name, book)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, *_ODD) as error:
        raise LciFileBroken(name, str(error) or type(error).__name__) from error


# What damaged parts raise on the way: missing ones, numbers that are none, methods of compression that nobody knows.
_ODD = (KeyError, ValueError, EOFError, OSError, NotImplementedError, RuntimeError)


def _check_parts(name: str, book: zipfile.ZipFile) -> None:
    """Unpack every part piece by piece, whatever size and name it claims."""
    unpacked = 0
    for part in book.infolist():
        if any(mark in part.filename.lower() for mark in _MACROS):
            raise LciFileUnsafe(name, part.filename)
        tail = b""
        with book.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                # A zero byte between letters is UTF-16: the same words, two bytes each.
                if unpacked > MOST_BYTES or _DOCTYPE.search((tail + chunk).replace(b"\x00", b"")):
                    raise LciFileUnsafe(name, part.filename)
                tail = chunk[-32:]


def _looked(name: str, book: zipfile.ZipFile) -> Mapping[str, frozenset[Cell]]:
    lengths = _shared_lengths(book)
    computed: dict[str, frozenset[Cell]] = {}
    cells = characters = 0
    for sheet, part in _parts(book):
        seen = _sheet(book, part)
        cells += seen.area
        characters += seen.characters + sum(
            lengths[index] * times for index, times in seen.texts.items() if index < len(lengths)
        )
        if cells > MOST_CELLS or characters > MOST_TEXT or seen.is_beyond:
            raise LciFileUnsafe(name, sheet)
        computed[sheet] = frozenset(seen.computed)
    return computed


def _parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield every worksheet with the part that holds it."""
    targets: dict[str, str] = {}
    for tag, given in _tags(book, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship" and given.get("Type", "").endswith("/worksheet"):  # charts have sheets of their own
            targets[given.get("Id", "")] = given.get("Target", "")
    for tag, given in _tags(book, "xl/workbook.xml"):
        if tag == "sheet":
            link = next((value for key, value in given.items() if key.endswith("}id") or key == "r:id"), "")
            if link in targets:
                target = posixpath.join("/xl", targets[link].replace("\\", "/"))
                yield given.get("name", ""), posixpath.normpath(target).lstrip("/")


def _tags(book: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, given: found.append((_local(tag), given))
    parser.Parse(book.read(part), True)
    return found


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    return parser


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _shared_lengths(book: zipfile.ZipFile) -> list[int]:
    """Return how long each of the workbook's shared texts is."""
    lengths: list[int] = []
    if "xl/sharedStrings.xml" not in book.namelist():
        return lengths

    def start(tag: str, _: dict[str, str]) -> None:
        if _local(tag) == "si":
            lengths.append(0)

    def characters(found: str) -> None:
        if lengths:
            lengths[-1] += len(found)

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler = start, characters
    with book.open("xl/sharedStrings.xml") as stream:
        parser.ParseFile(stream)
    return lengths


class _SheetParser:
    """Follows rows and cells; a row or a cell without an address follows the one before it."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._row = self._column = 0
        self._shared = self._in_value = False
        self._value = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
        elif tag == "c":
            self._cell(given)
        elif tag == "f":
            self.seen.computed.add((self._row, self._column))
        elif tag == "v":
            self._in_value, self._value = True, ""

    def _cell(self, given: dict[str, str]) -> None:
        if address := given.get("r"):
            letters = address.rstrip("0123456789")
            self._row, self._column = int(address[len(letters) :]), _column(letters)
            if not (letters.isascii() and letters.isalpha() and self._row):
                raise ValueError(address)
        else:
            self._column += 1
        self._shared = given.get("t") == "s"
        self.seen.last_row = max(self.seen.last_row, self._row)
        self.seen.last_column = max(self.seen.last_column, self._column)

    def end(self, tag: str) -> None:
        if _local(tag) != "v":
            return
        self._in_value = False
        if self._shared and self._value.strip().isdecimal():
            index = int(self._value)
            self.seen.texts[index] = self.seen.texts.get(index, 0) + 1

    def characters(self, found: str) -> None:
        self.seen.characters += len(found)
        if self._in_value:
            self._value += found


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - 64
    return column


def _sheet(book: zipfile.ZipFile, part: str) -> Seen:
    taker = _SheetParser()
    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = taker.start, taker.end
    parser.CharacterDataHandler = taker.characters
    with book.open(part) as stream:
        parser.ParseFile(stream)
    return taker.seen
