"""What each page draws: a digest of all that its dictionary leads to, fonts and boxes included.

A report is made of its snapshot alone, so drawing the snapshot again has to give the same pages. That holds
where the text of a page does not: a total drawn as lines, a digit whose glyph is another one, a white cover.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

from pyhanko.pdf_utils import generic

from service.reports.document import Document, guarded
from service.reports.words import LANGUAGES, Words

NOT_DRAWN = frozenset({"/Parent", "/Annots", "/StructParents", "/Tabs", "/Type"})
INHERITED = ("/MediaBox", "/CropBox", "/Rotate", "/Resources", "/UserUnit")
ENCODING = frozenset({"/Length", "/Filter", "/DecodeParms"})
MAX_OBJECTS = 200_000  # of one page
MAX_DEPTH = 32  # of the tree of pages


def again(snapshot: Mapping[str, Any], lines: Mapping[str, bytes], language: str, document: str = "") -> list[str]:
    """Draw a document of ``snapshot`` here and return the digest of each page.

    Raises:
        FontMissing: the fonts are not installed.
    """
    # Layout takes a second to import; what fails before it must not wait.
    from service.reports import render

    return digests(Document(render.pdf(snapshot, language, document=document, parts=lines)))


def digests(document: Document) -> list[str]:
    """Return the digest of every page as it is drawn.

    Raises:
        Refused: ``file-damaged``.
    """
    return guarded("file-damaged", lambda: [_Digest().of(page) for page in document.pages()])


def language_of(text: str) -> str:
    """Return the language of a first page by its claim, of which a report in both languages holds two."""
    held = [language for language in ("zh", "en") if _squeezed(language) in text]
    return held[0] if len(held) == 1 else LANGUAGES[-1]


def _squeezed(language: str) -> str:
    return "".join(Words(language).plain("self_declared").split())


class _Digest:
    """Walks what a page refers to; an object met again is named by the place where it was met first."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.met: dict[tuple[int, int], int] = {}

    def of(self, page: Any) -> str:
        """Return the digest of ``page``."""
        for key, value in _page_entries(page):
            self.hash.update(key.encode())
            self._add(value)
        return self.hash.hexdigest()

    def _add(self, value: Any) -> None:
        if isinstance(value, generic.IndirectObject):
            place = (value.idnum, value.generation)
            if place in self.met:
                self.hash.update(f"R{self.met[place]}".encode())
                return
            self.met[place] = len(self.met)
            if len(self.met) > MAX_OBJECTS:
                raise ValueError("a page of too many objects")
            reference: Any = value
            value = reference.get_object()
        if isinstance(value, generic.DictionaryObject):
            self.hash.update(b"<")
            for key in sorted(key for key in value if key not in ENCODING):
                self.hash.update(key.encode())
                self._add(value.raw_get(key))
            if isinstance(value, generic.StreamObject):
                self.hash.update(hashlib.sha256(value.data).digest())
        elif isinstance(value, generic.ArrayObject):
            self.hash.update(b"[%d" % len(value))
            for index in range(len(value)):
                self._add(value.raw_get(index))
        else:
            out = io.BytesIO()
            value.write_to_stream(out)
            self.hash.update(out.getvalue() + b" ")


def _page_entries(page: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a page holds or inherits, in order of the keys."""
    entries = {key: page.raw_get(key) for key in page if key not in NOT_DRAWN}
    above, steps = page, 0
    while "/Parent" in above:
        above, steps = above["/Parent"], steps + 1
        if steps > MAX_DEPTH:
            raise ValueError("a tree of pages without end")
        entries = {key: above.raw_get(key) for key in INHERITED if key in above} | entries
    yield from sorted(entries.items())
