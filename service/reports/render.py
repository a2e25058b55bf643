"""A snapshot becomes a page and the page a PDF/A-3 that carries the snapshot.

Nothing but the snapshot is read: the same snapshot gives the same report in ten years, in either
language or both. No file and no address is fetched while rendering; the two fonts come from memory.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib import resources
from itertools import count
from typing import Any

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from lca.snapshot import canonical_bytes
from service.reports import charts, fonts, numbers
from service.reports.attached import PART_NAME, SNAPSHOT_NAME
from service.reports.content import statement
from service.reports.content.context import Context
from service.reports.errors import FaceTooLong
from service.reports.face import SHORT_DIGEST, Face
from service.reports.kinds import kind_of
from service.reports.words import Words

COLOURS = "--srgb"
SEAL = "sealed"  # id of what ends the first page: number, digest, how to verify


@dataclass(frozen=True, slots=True)
class Page:
    """A report as HTML, with the characters its fonts must hold and the drawings it asks for."""

    html: str
    characters: str
    drawings: Mapping[str, Callable[[], str]]
    snapshot: bytes
    digest: str
    number: str
    created: datetime
    is_one_page: bool


def page(
    snapshot: Mapping[str, Any],
    language: str,
    *,
    document: str = "",
    files: fonts.FontFiles | None = None,
    is_dense: bool = False,
) -> Page:
    """Write a snapshot down as one HTML document in ``language`` (zh, en or both).

    Args:
        snapshot: of an inventory or a footprint.
        language: zh, en or both.
        document: which of the documents of this kind of snapshot; the usual one by default.
        files: the fonts; by default Debian's fonts-noto-cjk.
        is_dense: in smaller type on its first page.

    Raises:
        SnapshotUnreadable: not a snapshot of a schema this program writes, or it has no such document.
        LanguageUnknown: another language.
        FontMissing: no font with Chinese characters.
    """
    kind = kind_of(snapshot)
    document = document or next(iter(kind.DOCUMENTS))
    kind.check(snapshot, document)
    files = files or fonts.locate()
    content = canonical_bytes(snapshot)
    snapshot = json.loads(content)  # in the one order that its bytes have, however it came here
    context = kind.context(snapshot, Words(language), hashlib.sha256(content).hexdigest())
    first = kind.face(context, document)
    specs = kind.charts(snapshot, context.words)
    specs = {name: json.loads(fonts.drawable(charts.text_of(spec), files)) for name, spec in specs.items()}
    about, laid = kind.about(snapshot), kind.layout(context, document)
    names = _names(context, first, specs, files) | {"css": _css(language, is_dense=is_dense)}
    names |= {"chapters": laid.chapters, "created": about.created, **laid.names}
    shown = fonts.drawable(_environment().get_template(laid.template).render(names), files)
    return Page(
        html=shown,
        characters=fonts.characters_of(shown, *map(charts.text_of, specs.values())),
        drawings={name: partial(charts.svg, spec, fonts.FAMILY) for name, spec in specs.items()}
        | {"qr": partial(_qr, first)},
        snapshot=content,
        digest=context.digest,
        number=first.number,
        created=datetime.fromisoformat(about.created),
        is_one_page=not laid.chapters,
    )


def pdf(
    snapshot: Mapping[str, Any],
    language: str,
    *,
    document: str = "",
    parts: Mapping[str, bytes] | None = None,
    files: fonts.FontFiles | None = None,
) -> bytes:
    """Return the report as PDF/A-3u with the snapshot attached, unsigned.

    Args:
        snapshot: the whole snapshot; lines stored apart come in ``parts``, sha256 -> canonical bytes.
        language: zh, en or both.
        document: which of the documents of this kind of snapshot; the usual one by default.
        parts: the lines that the snapshot keeps apart.
        files: the fonts; by default Debian's fonts-noto-cjk.

    Raises:
        FaceTooLong: its first page does not hold what must stand on it, not in smaller type either.
    """
    files = files or fonts.locate()
    try:
        return layout(page(snapshot, language, document=document, files=files), files, parts or {})
    except FaceTooLong:
        dense = page(snapshot, language, document=document, files=files, is_dense=True)
        return layout(dense, files, parts or {})


def layout(made: Page, files: fonts.FontFiles, parts: Mapping[str, bytes]) -> bytes:
    """Lay out a page and write it as PDF/A-3u with its snapshot and ``parts`` attached.

    Raises:
        FaceTooLong: the digest does not come to stand on the first page, or one page becomes two: nobody could verify
            the document, or would read it as one of one page.
    """
    # WeasyPrint loads Pango; a command that renders nothing must not wait for it.
    from weasyprint import HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    from service.reports.supply import Supply

    described = {SNAPSHOT_NAME: made.snapshot} | {PART_NAME.format(sha256): data for sha256, data in parts.items()}
    attachments = [
        Attachment(
            string=data,
            name=name,
            description=f"{made.number} {name}",
            relationship="Source" if name == SNAPSHOT_NAME else "Data",
            created=made.created,
            modified=made.created,
        )
        for name, data in described.items()
    ]
    with _collector_at_rest():
        html = HTML(string=made.html, url_fetcher=Supply(files, made.characters, made.drawings))
        options: dict[str, Any] = {
            "output_intent": COLOURS,
            "attachments": attachments,
            "pdf_variant": "pdf/a-3u",
            "pdf_tags": True,
            "pdf_identifier": bytes.fromhex(made.digest)[:16],
            "full_fonts": True,  # they are cut to the page's characters already
        }
        drawn = html.render(FontConfiguration(), color_profiles={COLOURS: _srgb()}, **options)
        if SEAL not in drawn.pages[0].anchors or (made.is_one_page and len(drawn.pages) > 1):
            raise FaceTooLong(number=made.number)
        written = drawn.write_pdf(**options)
    return bytes(written)


def _srgb() -> Any:
    """The colour profile of every colour on the page, which PDF/A asks for: the sRGB that WeasyPrint brings."""
    from weasyprint.css import ColorProfile

    data = resources.files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()
    return ColorProfile(io.BytesIO(data), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Lay out without the cycle collector: it would walk a million live boxes again and again and free none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("service", "templates/reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css(language: str, *, is_dense: bool) -> str:
    names = ["report.css"] + ["both.css"] * (language == "both") + ["dense.css"] * is_dense
    folder = resources.files("service").joinpath("templates/reports")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def _names(c: Context, first: Face, specs: Mapping[str, charts.Spec], files: fonts.FontFiles) -> dict[str, Any]:
    """Everything that a template of any kind may mention."""
    counters = {"table": count(1), "figure": count(1)}
    return {
        "c": c,
        "s": c.snapshot,
        "w": c.words,
        "face": first,
        "running": _running(first),
        "fonts": fonts.face_rules(),
        "gap": numbers.GAP * 2,
        "number": lambda kind: next(counters[kind]),
        "charts": specs,
        "images": charts.SCHEME,
        "statement": statement,
        "replaced": bool(fonts.missing(canonical_bytes(c.snapshot).decode(), files)),
    }


def _running(first: Face) -> str:
    """The CSS of the running lines: who reports, whose claim it is, which report this is."""
    imprint = _css_string(f"{first.imprint}{numbers.GAP * 3}")
    corners = {
        "top-left": _css_string(first.organisation_plain),
        "bottom-left": _css_string(first.running_claim),
        "bottom-right": f'{imprint} counter(page) " / " counter(pages)',
    }
    rules = "".join(f"@{corner}{{content:{content}}}" for corner, content in corners.items())
    none = "".join(f"@{corner}{{content:none}}" for corner in (*corners, "top-right"))
    return f"@page{{{rules}}}@page cover{{{none}}}"


def _css_string(text: str) -> str:
    """Quote ``text`` for CSS; every character that could end the string or the style is written by its code."""
    return '"' + "".join(c if c.isalnum() or c in " ·,-_/()" else f"\\{ord(c):x} " for c in text) + '"'


def _qr(first: Face) -> str:
    """A QR code that says which report this is and how to verify it without the network."""
    lines = [first.number, f"sha256:{first.digest[:SHORT_DIGEST]}", "tanji verify FILE.pdf"]
    out = io.BytesIO()
    segno.make("\n".join(lines), error="m", micro=False).save(out, kind="svg", border=0, dark="#24323a", xmldecl=False)
    return out.getvalue().decode()
