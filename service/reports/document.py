"""A PDF read with suspicion: bounded, strictly parsed, nothing repaired, nothing fetched.

One parser answers every question. Two parsers may see two documents in one damaged file, and then the
signature would be checked on one and the figures read from the other.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pikepdf
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator.errors import PathError, ValidationError

from service.reports import pdf_text
from service.reports.refusal import HOSTILE, Refused, reason

MIB = 1024 * 1024
MAX_FILE_BYTES = 64 * MIB  # a report with a year of quarter-hour readings attached stays far below
MAX_STREAM_BYTES = 256 * MIB
MAX_NODES = 4096  # of a tree of names or pages: deeper or wider is no report
QUIET_ANNOTATIONS = frozenset({"/Link", "/Widget"})
# A link inside the document is all that a report needs; anything else acts or shows something else later.
LOUD_CATALOGUE = ("/OpenAction", "/AA", "/OCProperties", "/Collection", "/JavaScript")
LINKS_INSIDE = "/GoTo"

T = TypeVar("T")


def read_bounded(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a file that is not too large.

    Raises:
        Refused: ``file-missing`` or ``file-too-large``.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
            size = stream.seek(0, io.SEEK_END)
    except OSError as error:
        raise Refused("file-missing") from error
    return bounded(data, limit, size)


def bounded(data: bytes, limit: int, size: int | None = None) -> bytes:
    """Return ``data`` if it is not too large (``size`` is that of the whole, when ``data`` is its beginning).

    Raises:
        Refused: ``file-too-large``.
    """
    if len(data) > limit:
        raise Refused("file-too-large", size=size or len(data), limit=limit)
    return data


def guarded(code: str, action: Callable[[], T]) -> T:
    """Do ``action`` on a file nobody vouches for; whatever it raises becomes the refusal ``code``."""
    try:
        return action()
    except (*HOSTILE, PdfError, pikepdf.PdfError, PathError, ValidationError) as error:
        raise Refused(code, reason=reason(error)) from error


class Document:
    """A PDF as its one strict reader sees it."""

    def __init__(self, data: bytes) -> None:
        """Open ``data``.

        Raises:
            Refused: ``file-not-pdf``, ``file-damaged`` or ``file-encrypted``.
        """
        if not data.startswith(b"%PDF-"):
            raise Refused("file-not-pdf")
        self.data = data
        limits = DecodeLimits(
            per_stream=StreamDecodeLimits(max_output_size=MAX_STREAM_BYTES),
            document_budget=DocumentDecodeBudget(base_allowance=2 * MAX_STREAM_BYTES, max_ratio=0),
        )
        self.reader: Any = guarded(
            "file-damaged", lambda: PdfFileReader(io.BytesIO(data), strict=True, decode_limits=limits)
        )
        if guarded("file-damaged", lambda: bool(self.reader.encrypted)):
            raise Refused("file-encrypted")
        # Whole or not: a file cut off half-way often opens, and fails only where the rest is missing.
        guarded("file-damaged", lambda: self._first_page())

    def signatures(self) -> list[Any]:
        """The signatures in the file, in order."""
        found: list[Any] = guarded("signature-unreadable", lambda: list(self.reader.embedded_signatures))
        return found

    def attachments(self) -> list[tuple[str, bytes]]:
        """Every attached file, by name, as often as it is there.

        Raises:
            Refused: ``attachment-unreadable``.
        """
        return guarded("attachment-unreadable", self._attached_once)

    def _attached_once(self) -> list[tuple[str, bytes]]:
        """The files of the catalogue's list of names; what it lists as associated has to be among them."""
        named = [_attached(specification) for specification in self._file_specifications()]
        associated = [_attached(entry.get_object()) for entry in _array(self.reader.root, "/AF")]
        return named + [one for one in associated if one not in named]

    def face(self) -> str:
        """The visible text of the first page.

        Raises:
            Refused: ``face-unreadable``.
        """
        return guarded("face-unreadable", lambda: pdf_text.text_of(self._first_page()))

    def loud(self) -> str:
        """Name the first thing that could act, hide or cover: a script, a layer, a stamp; '' when there is none.

        Raises:
            Refused: ``file-damaged``.
        """
        return guarded("file-damaged", lambda: next(self._loud_parts(), ""))

    def _loud_parts(self) -> Iterator[str]:
        root = self.reader.root
        yield from (key for key in LOUD_CATALOGUE if key in root)
        if "/Names" in root and "/JavaScript" in root["/Names"]:
            yield "/JavaScript"
        if "/AcroForm" in root and "/XFA" in root["/AcroForm"]:
            yield "/XFA"
        yield from _loud_outline(_dictionary(root, "/Outlines"))
        for page in self.pages():
            if "/AA" in page:
                yield "page /AA"
            for annotation in _array(page, "/Annots"):
                yield from _loud_annotation(annotation.get_object())
        objects = _dictionary(self._first_page()["/Resources"], "/XObject")
        yield from (f"image {name}" for name in objects if objects[name].get("/Subtype") == "/Image")

    def _file_specifications(self) -> Iterator[Any]:
        names = _dictionary(self.reader.root, "/Names")
        if "/EmbeddedFiles" not in names:
            return
        nodes = [names["/EmbeddedFiles"]]
        for _ in range(MAX_NODES):
            if not nodes:
                return
            node = nodes.pop()
            nodes.extend(kid.get_object() for kid in _array(node, "/Kids"))
            entries = _array(node, "/Names")
            yield from (entry.get_object() for entry in entries[1::2])
        raise ValueError("a tree of attachments without end")

    def pages(self) -> Iterator[Any]:
        """Yield the dictionaries of the pages in order."""
        nodes = [self.reader.root["/Pages"]]
        for _ in range(MAX_NODES):
            if not nodes:
                return
            node = nodes.pop()
            if "/Kids" in node:
                nodes.extend(kid.get_object() for kid in reversed(list(node["/Kids"])))
            else:
                yield node
        raise ValueError("a tree of pages without end")

    def _first_page(self) -> Any:
        return next(self.pages())


def _attached(specification: Any) -> tuple[str, bytes]:
    names = {str(specification[key]) for key in ("/UF", "/F") if key in specification}
    contents = {bytes(specification["/EF"][key].data) for key in specification["/EF"]}
    if len(names) != 1 or len(contents) != 1:
        raise ValueError("an attachment of several names or contents")
    return names.pop(), contents.pop()


def _loud_annotation(annotation: Any) -> Iterator[str]:
    kind = str(annotation["/Subtype"])
    if kind not in QUIET_ANNOTATIONS:
        yield f"annotation {kind}"
    yield from (f"annotation {key}" for key in ("/AA", "/PA") if key in annotation)
    if "/AP" in annotation and kind != "/Widget":
        yield f"annotation {kind} with an appearance"
    if kind == "/Widget" and any(float(edge) for edge in _array(annotation, "/Rect")):
        yield "visible field"
    yield from _loud_action(annotation)


def _loud_action(owner: Any) -> Iterator[str]:
    if "/A" in owner:
        action = owner["/A"]
        if str(action["/S"]) != LINKS_INSIDE or "/Next" in action:
            yield f"action {action['/S']}"


def _loud_outline(top: Any) -> Iterator[str]:
    """Name actions of bookmarks that do more than turn to a page."""
    found = [top["/First"]] if "/First" in top else []
    for _ in range(MAX_NODES):
        if not found:
            return
        item = found.pop()
        yield from _loud_action(item)
        found.extend(item[key] for key in ("/First", "/Next") if key in item)
    raise ValueError("a tree of bookmarks without end")


def _array(dictionary: Any, key: str) -> list[Any]:
    return list(dictionary[key]) if key in dictionary else []


def _dictionary(parent: Any, key: str) -> Any:
    # ``get`` of this library returns a reference where indexing follows it.
    return parent[key] if key in parent else {}  # noqa: SIM401
