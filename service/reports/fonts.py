"""The report's font, cut to the characters in use before the page is laid out.

Left to itself, WeasyPrint hands the whole 65 535-glyph font to fontTools for each weight, which takes seconds a
report. HarfBuzz cuts the same font in milliseconds; the PDF then embeds the cut as it is. Since the cut is made
from the very characters of the page, there is nothing it can lack that the font has; what the font itself lacks
is written as its code point (``[U+1F600]``) before the page is laid out, so that no empty box ever stands for a
character somebody wrote.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont

from service.reports.errors import FontMissing

FAMILY = "Tanji Report"
SCHEME = "tanji-font"  # of the addresses under which a page asks for its two fonts
FACE_NAME = "CJK SC"  # a collection holds one face per country; a Chinese report takes the Simplified Chinese one
REGULAR_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf",
)
BOLD_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJKsc-Bold.otf",
)
FULL_NAME = 4  # name id of the OpenType 'name' table
# Layout tables would only bring alternates that no character of the page asks for.
UNUSED_TABLES = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")
# The digits, signs and letters of every report; a cut made once with them serves many reports.
COMMON = "".join(chr(code) for code in range(0x20, 0x7F)) + "\N{NO-BREAK SPACE}\N{MINUS SIGN}×·%‰±≤≥–—…°²³"


@dataclass(frozen=True, slots=True)
class FontFiles:
    """Where the two weights of the report's font lie."""

    regular: Path
    bold: Path


def locate(regular: str = "", bold: str = "") -> FontFiles:
    """Find the font: the files given, else Debian's fonts-noto-cjk.

    Raises:
        FontMissing: neither is there.
    """
    return FontFiles(_first((regular,) if regular else REGULAR_PLACES), _first((bold,) if bold else BOLD_PLACES))


def _first(places: Iterable[str]) -> Path:
    tried = list(places)
    for place in tried:
        if Path(place).is_file():
            return Path(place)
    raise FontMissing(paths=", ".join(tried))


@lru_cache(maxsize=8)
def _face(path: Path) -> hb.Face:
    """Open the Simplified Chinese face of a font file; the file is mapped, not read."""
    blob = hb.Blob.from_file_path(str(path))
    first = hb.Face(blob, 0)
    faces = (hb.Face(blob, index) for index in range(first.count))
    return next((face for face in faces if (face.get_name(FULL_NAME) or "").find(FACE_NAME) >= 0), first)


@lru_cache(maxsize=8)
def _characters(path: Path) -> frozenset[int]:
    return frozenset(_face(path).unicodes)


def missing(text: str, files: FontFiles) -> frozenset[str]:
    """Return the visible characters of ``text`` that the font cannot draw in both weights."""
    drawable = _characters(files.regular) & _characters(files.bold)
    return frozenset(c for c in set(text) if ord(c) not in drawable and not _is_blank(c))


def _is_blank(character: str) -> bool:
    return character in "\t\n\r"


def drawable(text: str, files: FontFiles) -> str:
    """Replace what the font cannot draw by its code point, ``[U+1F600]``; a control character by nothing."""
    lacking = missing(text, files)
    if not lacking:
        return text
    return text.translate({ord(c): _stand_in(c) for c in lacking})


def _stand_in(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "" if category in ("Cc", "Cf") else f"[U+{ord(character):04X}]"


@lru_cache(maxsize=32)
def cut(path: Path, characters: str) -> bytes:
    """Cut the font at ``path`` to ``characters`` (sorted, each once); an OpenType font comes back."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.set({ord(c) for c in characters})
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode("ascii"), "big") for tag in UNUSED_TABLES)
    return _number_by_glyph(hb.subset(_face(path), wanted).blob.data)


def _number_by_glyph(font_bytes: bytes) -> bytes:
    """Make character id and glyph index of a CID-keyed font the same number.

    A cut font keeps the character ids of the whole one while its glyphs are renumbered. WeasyPrint
    writes glyph indices into the PDF, where a reader takes them for character ids: left alone, the
    page would show other characters than its text says.
    """
    font = TTFont(io.BytesIO(font_bytes), lazy=True, recalcBBoxes=False, recalcTimestamp=False)  # no outline is touched
    if "CFF " in font:
        top = font["CFF "].cff.topDictIndex[0]
        strings = top.CharStrings
        names = [".notdef", *(f"cid{index:05d}" for index in range(1, len(top.charset)))]
        strings.charStrings = {new: strings.charStrings[old] for new, old in zip(names, top.charset, strict=True)}
        top.charset = names
        font.setGlyphOrder(names)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def characters_of(*texts: str) -> str:
    """The distinct characters of ``texts`` and the common ones, sorted: the key of a cut."""
    return "".join(sorted({c for text in (COMMON, *texts) for c in text if not _is_blank(c)}))


def face_rules() -> str:
    """The CSS that names the two cut fonts."""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};src:url({SCHEME}:{weight})}}' for weight in (400, 700)
    )
