"""Signed reports that are wrong, one maker for each way to be wrong; the name says which."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pikepdf
import polars as pl
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from lca.ghg import GhgInventory
from lca.ledger import ROW_SCHEMA
from lca.snapshot import LINES_INLINE, canonical_bytes
from service.reports import drawn, fonts, render
from service.reports.document import Document
from service.reports.keys import SigningKey, make
from service.reports.sign import sign
from tests.service.reports.fixture import inventory, ledger, snapshot

NOW = datetime(2023, 2, 1, 8, tzinfo=UTC)
TOTAL = "7.21"  # tCO2e on the first page of the fixture's report


@cache
def own_key() -> SigningKey:
    """The key of the organisation."""
    return make("Yuegang Secondary Aluminium", NOW)


@cache
def strangers_key() -> SigningKey:
    """The key of somebody else."""
    return make("Somebody Else Ltd", NOW)


def first_page(given: Mapping[str, Any], language: str = "zh") -> render.Page:
    """The first page of a report; the chapters are left out to save time."""
    whole = render.page(given, language)
    end = whole.html.index('<section class="chapter contents">')
    return dataclasses.replace(whole, html=whole.html[:end] + "</body></html>")


@cache
def page() -> render.Page:
    """The first page, to be falsified before it is laid out."""
    return first_page(snapshot())


def drawn_again(given: Mapping[str, Any], lines: Mapping[str, bytes], language: str, document: str = "") -> list[str]:
    """What ``service.reports.drawn.again`` is for whole reports."""
    return drawn.digests(Document(render.layout(first_page(given, language), fonts.locate(), lines)))


@cache
def unsigned() -> bytes:
    """The report before it is signed."""
    return laid_out()


@cache
def good() -> bytes:
    """The report as it should be."""
    return sign(unsigned(), own_key(), now=NOW)


def laid_out(**changed: Any) -> bytes:
    """Lay out the page with ``changed`` fields; ``html`` and ``snapshot`` are what forgers change."""
    return render.layout(dataclasses.replace(page(), **changed), fonts.locate(), {})


def flip(data: bytes, at: int) -> bytes:
    """Change one bit of the byte at ``at``."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def edited(change: Callable[[Pdf], None]) -> bytes:
    """Open the unsigned report, ``change`` it, and sign it again by a stranger."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        change(pdf)
        pdf.save(out)
    return sign(out.getvalue(), strangers_key(), now=NOW)


# --- the file ------------------------------------------------------------------------------------


def not_a_pdf() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(64)


def truncated() -> bytes:
    return good()[: len(good()) // 2]


def empty() -> bytes:
    return b""


def header_only() -> bytes:
    return b"%PDF-1.7\n" + b"nonsense " * 500


def huge() -> bytes:
    return b"%PDF-1.7\n" + bytes(64 * 1024 * 1024)


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def page_tree_in_a_circle() -> bytes:
    def change(pdf: Pdf) -> None:
        pages = pdf.Root.Pages
        pages.Kids = Array([pages])

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        change(pdf)
        pdf.save(out, linearize=False)
    return out.getvalue()


# --- the signature -------------------------------------------------------------------------------


def without_signature() -> bytes:
    return unsigned()


def signed_twice() -> bytes:
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    from service.reports.sign import simple_signer

    data = unsigned()
    for name in ("One", "Two"):
        about = PdfSignatureMetadata(field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        signer = PdfSigner(about, simple_signer(own_key()), new_field_spec=SigFieldSpec(name))
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        data = asyncio.run(signer.async_sign_pdf(writer)).getvalue()
    return data


def appended() -> bytes:
    """An incremental update after the signature: the shadow that shows another page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(good()))
    writer.root["/PageMode"] = generic.NameObject("/UseOutlines")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bytes_appended() -> bytes:
    return good() + b"\n% a remark\n"


def overlapping_ranges() -> bytes:
    """Signed ranges that overlap and still add up to the size of the file, leaving its end unsigned."""
    data = good()
    start = data.index(b"/ByteRange")
    first, last = data.index(b"[", start), data.index(b"]", start)
    _, length, second, rest = (int(number) for number in data[first + 1 : last].split())
    moved = f"0 {length} {second - 1000} {rest}".encode()
    return data[: first + 1] + moved.ljust(last - first - 1) + data[last:]


def byte_flipped_in_content() -> bytes:
    return flip(good(), good().index(b"stream\n") + 200)


def byte_flipped_in_attachment() -> bytes:
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        raw = pdf.attachments["snapshot.json"].obj.EF.F.read_raw_bytes()
    return flip(good(), good().index(raw) + len(raw) // 2)


def byte_flipped_in_padding() -> bytes:
    """The noughts that fill up the signature are under no digest; they must be noughts all the same."""
    at = good().index(b"0" * 64 + b">") + 32
    return good()[:at] + b"1" + good()[at + 1 :]


def expired_certificate() -> bytes:
    key = make("Yuegang Secondary Aluminium", NOW - timedelta(days=20 * 365))
    return sign(unsigned(), _Careless(key.key, key.certificate), now=NOW)


class _Careless(SigningKey):
    """A signer that does not look at its certificate's dates."""

    def check(self, now: datetime) -> None:
        """Let everything pass."""


def stranger() -> bytes:
    return sign(unsigned(), strangers_key(), now=NOW)


# --- what the document holds ---------------------------------------------------------------------


def script() -> bytes:
    def change(pdf: Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))

    return edited(change)


def hidden_layer() -> bytes:
    def change(pdf: Pdf) -> None:
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("other figures")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))

    return edited(change)


def covering_stamp() -> bytes:
    def change(pdf: Pdf) -> None:
        stamp = Dictionary(
            Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([90, 500, 300, 560]), Contents=String("1.00")
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(stamp)])

    return edited(change)


def covering_image() -> bytes:
    def change(pdf: Pdf) -> None:
        image = Stream(pdf, bytes(3), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8)
        image.ColorSpace = Name.DeviceRGB
        pdf.pages[0].obj.Resources.XObject = Dictionary(Cover=pdf.make_indirect(image))

    return edited(change)


def no_attachment() -> bytes:
    def change(pdf: Pdf) -> None:
        del pdf.attachments["snapshot.json"]

    return edited(change)


def second_attachment() -> bytes:
    def change(pdf: Pdf) -> None:
        twin = pikepdf.AttachedFileSpec(pdf, b"{}", filename="snapshot.json")
        pdf.attachments["zz"] = twin

    return edited(change)


def foreign_attachment() -> bytes:
    def change(pdf: Pdf) -> None:
        pdf.attachments["invoice.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ", filename="invoice.exe")

    return edited(change)


def attachment_bomb() -> bytes:
    """Three hundred megabytes of noughts in three hundred kilobytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(300)) + packer.flush()

    def change(pdf: Pdf) -> None:
        stream = pdf.attachments["snapshot.json"].obj.EF.F
        stream.write(packed, filter=Name.FlateDecode)

    return edited(change)


def attachment_not_json() -> bytes:
    return sign(laid_out(snapshot=b"not json"), own_key(), now=NOW)


def attachment_nested_too_deeply() -> bytes:
    return sign(laid_out(snapshot=b"[" * 100_000), own_key(), now=NOW)


def attachment_not_canonical() -> bytes:
    pretty = json.dumps(snapshot(), ensure_ascii=False, indent=1).encode()
    return sign(laid_out(snapshot=pretty), own_key(), now=NOW)


def attachment_swapped() -> bytes:
    """The attachment of a better year, signed by a stranger, under the old first page."""
    better = snapshot()
    better["results"]["total_kgco2e"] = "1"
    return sign(laid_out(snapshot=canonical_bytes(better)), strangers_key(), now=NOW)


@cache
def apart() -> GhgInventory:
    """An inventory of so many rows that its snapshot keeps their lines apart."""
    rows = [(f"D{n}", 0, date(2022, 1, 1), date(2022, 1, 1), "0.001", "") for n in range(LINES_INLINE + 1)]
    return inventory(given=ledger(rows=pl.DataFrame(rows, schema=ROW_SCHEMA, orient="row")))


def with_lines_apart(change: bytes = b"") -> bytes:
    """A sound report with its lines attached beside the snapshot; ``change`` takes the place of the lines."""
    found = apart()
    parts = {sha256: change or lines for sha256, lines in found.parts.items()}
    return sign(render.layout(first_page(found.snapshot), fonts.locate(), parts), own_key(), now=NOW)


def lines_apart_changed() -> bytes:
    """Lines under a digest that is not theirs."""
    return with_lines_apart(b"[]")


def unknown_schema() -> bytes:
    other = snapshot()
    other["schema"] = "tanji.inventory/999"
    return _with_its_own_digest(other)


def results_changed() -> bytes:
    """A lower total, on the first page and in the attachment alike: only the sum itself tells."""
    lower = snapshot()
    lower["results"]["total_kgco2e"] = "1206.5981597"
    lower["results"]["total_location_kgco2e"] = "1206.5981597"
    return _with_its_own_digest(lower)


def operands_changed() -> bytes:
    """Gases that do not follow from the factor beside them."""
    lower = snapshot()
    named = lower["calculations"][1]["views"]["location"]
    lower["valuations"][named]["gases"]["CO2"] = "0.1"
    return _with_its_own_digest(lower)


def results_missing() -> bytes:
    bare = snapshot()
    del bare["calculations"]
    return _with_its_own_digest(bare)


def _with_its_own_digest(changed: dict[str, Any]) -> bytes:
    """Lay out the page with another snapshot and that snapshot's digest on its face."""
    from lca.snapshot import digest

    old, new = page().digest, digest(changed)
    html = page().html
    for start in range(0, len(old), 16):
        html = html.replace(old[start : start + 16], new[start : start + 16])
    return sign(laid_out(html=html, snapshot=canonical_bytes(changed)), own_key(), now=NOW)


# --- the first page ------------------------------------------------------------------------------


def wrong_total_on_the_face() -> bytes:
    return sign(laid_out(html=page().html.replace(f"{TOTAL} <small>", "1.21 <small>", 1)), own_key(), now=NOW)


def right_total_hidden_in_small_print() -> bytes:
    """The right figure is there for programs, too small to be seen; the one a person reads is another."""
    html = page().html.replace(f"{TOTAL} <small>", f'<i style="font-size:.5pt">{TOTAL} tCO2e</i>1.21 <small>', 1)
    return sign(laid_out(html=html), own_key(), now=NOW)


def claim_removed() -> bytes:
    return sign(laid_out(html=page().html.replace("自我声明，未经第三方核查", "已通过第三方核查")), own_key(), now=NOW)


def another_organisation_on_the_face() -> bytes:
    html = page().html
    for name in ("粤港再生铝业有限公司", "Yuegang Secondary Aluminium Co., Ltd."):
        html = html.replace(name, "别家公司")
    return sign(laid_out(html=html), own_key(), now=NOW)


def no_text_on_the_face() -> bytes:
    html = page().html
    start = html.index('<div class="cover">')
    return sign(laid_out(html=html[:start] + "<div class=cover id=sealed>.</div></body></html>"), own_key(), now=NOW)


# --- pages that show something else than their text ----------------------------------------------


def _drawn_over(content: bytes) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        _append(pdf, content)

    return change


def _append(pdf: Pdf, content: bytes) -> None:
    first = pdf.pages[0].obj
    first.Contents = pdf.make_indirect(Stream(pdf, first.Contents.read_bytes() + b"\n" + content))


def total_covered_in_white() -> bytes:
    """The text is there; a white rectangle over the page leaves nothing of it to see."""
    return edited(_drawn_over(b"q 1 1 1 rg 0 0 600 850 re f Q"))


def another_total_in_lines() -> bytes:
    """A figure drawn as strokes, which is no text."""
    return edited(_drawn_over(b"q 5 w 100 500 m 100 600 l 160 600 m 160 500 l S Q"))


def cut_to_a_corner() -> bytes:
    """A crop box shows a part of the page."""

    def change(pdf: Pdf) -> None:
        pdf.pages[0].CropBox = Array([0, 0, 100, 100])

    return edited(change)


def digits_with_other_glyphs() -> bytes:
    """The font's programs are exchanged: the bold one draws what the regular one should."""

    def change(pdf: Pdf) -> None:
        one, other = (font.DescendantFonts[0].FontDescriptor for font in pdf.pages[0].Resources.Font.values())
        one.FontFile3, other.FontFile3 = other.FontFile3, one.FontFile3

    return edited(change)


def form_over_the_total() -> bytes:
    """A form drawn last."""

    def change(pdf: Pdf) -> None:
        form = Stream(pdf, b"1 1 1 rg 0 0 600 850 re f")
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 600, 850])
        pdf.pages[0].Resources.XObject = Dictionary(Over=pdf.make_indirect(form))
        _append(pdf, b"q /Over Do Q")

    return edited(change)


SPOOFED = (
    total_covered_in_white, another_total_in_lines, cut_to_a_corner, digits_with_other_glyphs, form_over_the_total,
)  # fmt: skip


def link_with_an_appearance() -> bytes:
    """A link that draws something over the page."""

    def change(pdf: Pdf) -> None:
        look = Stream(pdf, b"1 1 1 rg 0 0 600 850 re f")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 600, 850])
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 600, 850]), AP=Dictionary(N=pdf.make_indirect(look))
        )
        pdf.pages[0].Annots = Array([pdf.make_indirect(link)])

    return edited(change)


def bookmark_with_a_script() -> bytes:
    """A bookmark that runs something."""

    def change(pdf: Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        item = pdf.make_indirect(Dictionary(Title=String("x"), A=script))
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))

    return edited(change)


def attachment_with_two_contents() -> bytes:
    """One reader opens the first content, another one the second."""

    def change(pdf: Pdf) -> None:
        named = pdf.Root.Names.EmbeddedFiles.Names
        named[1].EF.UF = pdf.make_indirect(Stream(pdf, b"{}"))

    return edited(change)


def attachment_beside_the_list() -> bytes:
    """A file that only the catalogue's associated files name."""

    def change(pdf: Pdf) -> None:
        content = pdf.make_indirect(Stream(pdf, b"{}"))
        other = Dictionary(
            Type=Name.Filespec, F=String("other.json"), UF=String("other.json"), EF=Dictionary(F=content)
        )
        pdf.Root.AF = Array([*pdf.Root.AF, pdf.make_indirect(other)])

    return edited(change)


def signed_tomorrow() -> bytes:
    """A signing time that the verifier has not reached."""
    return sign(unsigned(), own_key(), now=NOW + timedelta(days=30))


def enormous_exponent() -> bytes:
    """A figure that would fill the memory once it is written out."""
    other = snapshot()
    other["parts"][0]["amounts"][next(iter(other["parts"][0]["amounts"]))]["amount"] = "1E+999999999"
    return _with_its_own_digest(other)


def invented_factor(*, library: str = "") -> bytes:
    """A published value, a little smaller, under its own name and source; of another library where one is named."""
    other = snapshot()
    other["factors"]["cn-elec-2022-cn-gd"]["value"] = "0.0403"
    if library:
        other["library"]["version"] = library
    return _with_its_own_digest(other)


def invented_method(version: str) -> bytes:
    """A method that names another clause for its edition, as a version of its own or of the one published."""
    other = snapshot()
    other["method"]["edition"]["clause"] = "none"
    other["method"]["version"] = version
    return _with_its_own_digest(other)
