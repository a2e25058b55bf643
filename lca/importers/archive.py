"""A submitted file as a set of named parts, whether it is one file, a zip or a folder; bounded, and safe to parse."""

from __future__ import annotations

import codecs
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lxml import etree

from lca.errors import LciFileBroken, LciFileUnsafe, LciPartsTooMany

LARGEST_PART = 512 << 20
MARK = b"PK\x01\x02"  # every entry in the directory of a zip begins with it
PIECE = 1 << 20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DOCTYPE = b"<!DOCTYPE"
START = 1 << 16  # enough to hold the start tag of a root element behind its comments
# What zipfile and the programs that unpack for it raise at a zip with wrong bytes: at names that are no UTF-8 and
# places before the file's beginning, too (ValueError), or at an entry without a name (IndexError).
DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, KeyError, IndexError, NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading a zip may cost: its parts, and the bytes to which all of them unpack."""

    parts: int
    unpacked: int


DATABASE = Bounds(200_000, 4 << 30)
STATEMENT = Bounds(2_000, 100 << 20)
"""Of one declaration with the flows, units and sources that it names."""


def most_parts(path: Path) -> int:
    """Return how many parts a zip has at most: as many as there are marks of an entry in it.

    They are counted before ``zipfile`` makes an object of each, of which 50 MB hold a million.
    """
    count, kept = 0, b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            count += (kept + piece).count(MARK)
            kept = piece[1 - len(MARK) :]
    return count


class Archive:
    """The parts of a file by their names; read one at a time, never all at once."""

    def __init__(self, path: Path, bounds: Bounds = DATABASE) -> None:
        self.path, self.bounds = path, bounds
        self._zip: zipfile.ZipFile | None = None
        self._seen = 0
        self.names = tuple(self._listed())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._zip is not None:
            self._zip.close()

    def _listed(self) -> Iterator[str]:
        if self.path.is_dir():
            yield from sorted(str(one.relative_to(self.path)) for one in self.path.rglob("*") if one.is_file())
        elif zipfile.is_zipfile(self.path) and self.path.suffix.lower() not in (".xlsx", ".xlsm"):
            yield from self._unzipped()
        elif self.path.suffix.lower() == ".zip":
            raise LciFileBroken(self.path.name, self.path.name)
        else:
            yield self.path.name

    def _unzipped(self) -> list[str]:
        count = most_parts(self.path)
        if count > self.bounds.parts:
            raise LciPartsTooMany(self.path.name, count, self.bounds.parts)
        try:
            self._zip = zipfile.ZipFile(self.path)
            parts = self._zip.infolist()
            names = sorted(part.filename for part in parts if not part.is_dir())
        except DAMAGED as error:
            raise LciFileBroken(self.path.name, self.path.name) from error
        if sum(part.file_size for part in parts) > self.bounds.unpacked:
            raise LciFileUnsafe(self.path.name, self.path.name)
        return names

    def bytes_of(self, name: str) -> bytes:
        """Return the content of a part.

        Raises:
            LciFileBroken: it is damaged or cut off.
            LciFileUnsafe: it unpacks to more than anyone needs.
        """
        most = min(LARGEST_PART, self.bounds.unpacked - self._seen) if self._zip is not None else LARGEST_PART
        content = self._read(name, most + 1)
        if self._zip is not None:
            self._seen += len(content)
        if len(content) > most:
            raise LciFileUnsafe(self.path.name, name)
        return content

    def _read(self, name: str, most: int) -> bytes:
        if self._zip is None:
            path = self.path / name if self.path.is_dir() else self.path
            with path.open("rb") as file:
                return file.read(most)
        try:
            with self._zip.open(name) as part:
                return part.read(most)
        except DAMAGED as error:
            raise LciFileBroken(self.path.name, name) from error

    def text_of(self, name: str) -> str:
        """Return a part as text: UTF-8, UTF-16 with its mark, or as Windows writes it.

        Raises:
            As ``bytes_of``.
        """
        content = self.bytes_of(name)
        if content.startswith(UTF_16):
            return content.decode("utf-16", errors="replace")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", errors="replace")

    def json_of(self, name: str) -> Any:
        """Return a part as JSON.

        Raises:
            LciFileBroken: it is no JSON.
        """
        try:
            return json.loads(self.bytes_of(name))
        except (ValueError, RecursionError) as error:
            raise LciFileBroken(self.path.name, name) from error

    def xml_of(self, name: str) -> etree._Element:
        """Return the root element of a part; schemas are not asked, real files break them.

        Raises:
            LciFileBroken: it is no XML.
            LciFileUnsafe: it declares a document type; nothing here needs one, and entities hide in it.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        content = self.bytes_of(name)
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise self._not_xml(name, content, error) from error
        if root.getroottree().docinfo.doctype:
            raise LciFileUnsafe(self.path.name, name)
        return root

    def root_of(self, name: str) -> str:
        """Return the name of a part's root element as '{namespace}tag', '' where it is no XML; reads its start alone.

        Raises:
            LciFileBroken: the part is damaged.
            LciFileUnsafe: it declares a document type by which the parser stops.
        """
        parser = etree.XMLPullParser(("start",), resolve_entities=False, no_network=True, load_dtd=False)
        start = self._read(name, START)
        try:
            parser.feed(start)
        except etree.XMLSyntaxError as error:
            if DOCTYPE in start:
                raise LciFileUnsafe(self.path.name, name) from error
            return ""
        return str(next((element.tag for _, element in parser.read_events()), ""))

    def elements_of(self, name: str, tag: str) -> Iterator[etree._Element]:
        """Yield the elements ``tag`` of a part; each is gone when the next is asked for, so that size costs no memory.

        Raises:
            As ``xml_of``.
        """
        content = self.bytes_of(name)
        source = etree.iterparse(BytesIO(content), tag=tag, resolve_entities=False, no_network=True, load_dtd=False)
        try:
            for _, element in source:
                if element.getroottree().docinfo.doctype:
                    raise LciFileUnsafe(self.path.name, name)
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise self._not_xml(name, content, error) from error

    def _not_xml(self, name: str, content: bytes, error: etree.XMLSyntaxError) -> LciFileBroken | LciFileUnsafe:
        """Return what is wrong with a part that is no XML: entities that multiply stop the parser before it is read."""
        if DOCTYPE in content[:START]:
            return LciFileUnsafe(self.path.name, name)
        return LciFileBroken(self.path.name, f"{name}: {error}")
