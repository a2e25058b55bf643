"""The cut font holds every character of the page; what the font lacks is written as its code point."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from weasyprint.urls import FatalURLFetchingError, fetch

from service.reports import fonts
from service.reports.errors import FontMissing
from service.reports.supply import Supply

RARE = "𠮷镕喆"  # a character outside the basic plane and two outside GB 2312, all in people's names


@pytest.fixture(scope="module")
def files() -> fonts.FontFiles:
    return fonts.locate()


def test_a_font_that_is_not_installed_is_named_with_its_package() -> None:
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        fonts.locate(regular="/nowhere.ttc")


def test_the_cut_holds_every_character_and_is_small(files: fonts.FontFiles) -> None:
    text = fonts.characters_of("粤港再生铝业有限公司 tCO2e " + RARE)
    for path in (files.regular, files.bold):
        data = fonts.cut(path, text)
        assert set(map(ord, text)) <= set(TTFont(io.BytesIO(data)).getBestCmap())
        assert len(data) < 100_000  # the whole font has 19 million


def test_character_ids_are_glyph_indices(files: fonts.FontFiles) -> None:
    """WeasyPrint writes glyph indices where a PDF reader looks for character ids: they must be one."""
    font = TTFont(io.BytesIO(fonts.cut(files.regular, fonts.characters_of("温室气体"))))
    charset = font["CFF "].cff.topDictIndex[0].charset
    assert charset[1:] == [f"cid{index:05d}" for index in range(1, len(charset))]
    # 温 has the width of a full em; a wrong mapping would give another glyph its width.
    assert font["hmtx"][font.getBestCmap()[ord("温")]][0] == font["head"].unitsPerEm


def test_what_the_font_lacks_is_shown_by_its_code_point(files: fonts.FontFiles) -> None:
    assert fonts.drawable("厂 😀 ሀ", files) == "厂 [U+1F600] [U+1200]"
    assert fonts.drawable("a\u2009b\u200bc\x07d", files) == "a bcd"  # a thin space is a space, the rest nothing
    assert fonts.drawable(f"无缺字 {RARE}", files) == f"无缺字 {RARE}"
    assert fonts.missing("温 😀", files) == {"😀"}


def test_a_page_may_fetch_its_fonts_and_drawings_and_nothing_else(files: fonts.FontFiles, tmp_path: Path) -> None:
    supply = Supply(files, fonts.characters_of("温"), {"qr": lambda: "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    with fetch(supply, "tanji-font:400") as response:
        assert response.read()[:4] == b"OTTO"
    with fetch(supply, "tanji-image:qr") as response:
        assert b"svg" in response.read()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for url in (secret.as_uri(), "http://127.0.0.1/", "data:text/plain,x", "tanji-font:900", "tanji-image:other"):
        with pytest.raises(FatalURLFetchingError), fetch(supply, url):
            pass
