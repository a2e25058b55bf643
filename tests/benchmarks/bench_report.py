"""How long a report takes, and what the cut font is worth: ratios measured in one run on one machine.

``python -m tests.benchmarks.bench_report [SNAPSHOT.json]``; without a file, the small inventory of the
report tests. Times are the best of three, in seconds of processor time, warm.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from weasyprint import HTML
from weasyprint.pdf import fonts as pdf_fonts
from weasyprint.text.fonts import FontConfiguration

from service.reports import charts, fonts, render
from service.reports.sign import sign
from service.reports.supply import Supply
from service.reports.verify import verify_bytes
from service.reports.workbook import workbook
from tests.bad.pdf import makers
from tests.service.reports.fixture import snapshot

ROUNDS = 3


def best(action: Callable[[], Any]) -> float:
    """Processor seconds of the fastest of a few rounds."""
    seconds = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return min(seconds)


def as_weasyprint_does(made: render.Page, *, harfbuzz: bool) -> bytes:
    """Lay the same page out in the installed font, cut by WeasyPrint itself: with HarfBuzz, or with fontTools."""
    html = made.html.replace(fonts.face_rules(), "").replace(f'"{fonts.FAMILY}"', f'"{charts.MEASURED_IN}"')
    library, pdf_fonts.harfbuzz_subset = pdf_fonts.harfbuzz_subset, pdf_fonts.harfbuzz_subset if harfbuzz else None
    try:
        document = HTML(string=html, url_fetcher=Supply(fonts.locate(), made.characters, made.drawings))
        written = document.write_pdf(font_config=FontConfiguration(), pdf_variant="pdf/a-3u", pdf_tags=True)
    finally:
        pdf_fonts.harfbuzz_subset = library
    return bytes(written)


def main() -> None:
    """Print the times and the ratios."""
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")) if len(sys.argv) > 1 else snapshot()
    files = fonts.locate()
    start = time.process_time()
    pdf = render.pdf(found, "zh")
    cold = time.process_time() - start
    made = render.page(found, "zh")
    ours = best(lambda: render.pdf(found, "zh"))
    tools = best(lambda: as_weasyprint_does(made, harfbuzz=False))
    signed = sign(pdf, makers.own_key(), now=makers.NOW)
    rows = {
        "page written (HTML, with charts)": best(lambda: render.page(found, "zh")),
        "fonts cut, two weights": best(lambda: [_cut(path, made.characters) for path in (files.regular, files.bold)]),
        "report, cold": cold,
        "report, warm": ours,
        "the same by WeasyPrint with fontTools": tools,
    }
    if pdf_fonts.harfbuzz_subset:
        rows["the same by WeasyPrint with HarfBuzz"] = best(lambda: as_weasyprint_does(made, harfbuzz=True))
    rows |= {
        "signed": best(lambda: sign(pdf, makers.own_key(), now=makers.NOW)),
        "verified": best(lambda: verify_bytes(signed)),
        "workbook": best(lambda: workbook(found)),
    }
    out = io.StringIO()
    for name, seconds in rows.items():
        out.write(f"{name:40} {seconds:7.2f} s {seconds / ours:6.1f} x\n")
    out.write(f"{'cells of tables':40} {made.html.count('<td'):7}\n{'size of the report':40} {len(pdf):7} bytes\n")
    sys.stdout.write(out.getvalue())


def _cut(path: Path, characters: str) -> bytes:
    fonts.cut.cache_clear()
    return fonts.cut(path, characters)


if __name__ == "__main__":
    main()
