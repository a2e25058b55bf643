"""A submitted file as a set of named parts, whether it is one file, a zip or a folder; bounded, and safe to parse."""

from __future__ import annotations

import codecs
import json
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lxml import etree

from lca.errors import LciFileBroken, LciFileUnsafe

MOST_PARTS = 200_000
MOST_BYTES = 4 << 30  # unpacked, of all parts together
LARGEST_PART = 512 << 20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DOCTYPE = b"<!DOCTYPE"
START = 1 << 16  # enough to hold the start tag of a root element behind its comments


class Archive:
    """The parts of a file by their names; read one at a time, never all at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
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
        try:
            self._zip = zipfile.ZipFile(self.path)
            parts = self._zip.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
            raise LciFileBroken(self.path.name, self.path.name) from error
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise LciFileUnsafe(self.path.name, self.path.name)
        return sorted(part.filename for part in parts if not part.is_dir())

    def bytes_of(self, name: str) -> bytes:
        """Return the content of a part.

        Raises:
            LciFileBroken: it is damaged or cut off.
            LciFileUnsafe: it unpacks to more than anyone needs.
        """
        content = self._read(name, LARGEST_PART + 1)
        if self._zip is not None:
            self._seen += len(content)
        if len(content) > LARGEST_PART or self._seen > MOST_BYTES:
            raise LciFileUnsafe(self.path.name, name)
        return content

    def _read(self, name: str, most: int) -> bytes:
        try:
            if self._zip is None:
                path = self.path / name if self.path.is_dir() else self.path
                with path.open("rb") as file:
                    return file.read(most)
            with self._zip.open(name) as part:
                return part.read(most)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
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
