"""One report as text: a change of wording, layout or figures shows in review.

``python -m tests.service.reports.test_golden`` writes the file anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from service.reports import render
from tests.service.reports.fixture import CN, snapshot
from tests.service.reports.test_render import Text

GOLDEN = Path(__file__).parents[2] / "golden" / "report_cn_zh.txt"


def report() -> str:
    """The Chinese guideline report of the fixture, a table row to a line, without what every build changes."""
    given = snapshot(CN)
    html = render.page(given, "zh").html
    broken = re.sub(r"</(tr|p|h1|h2|h3|caption|li|dd|dt|figcaption|a|div)>", r"</\1>\n", html)
    lines = [str(Text(part)) for part in re.sub(r"(?s)<style>.*?</style>", "", broken).split("\n")]
    text = "\n".join(line for line in lines if line)
    digest = render.page(given, "zh").digest
    for start in range(0, len(digest), 16):
        text = text.replace(digest[start : start + 16], "…")
    return text.replace(digest[:8].upper(), "…").replace(given["library"]["version"], "…") + "\n"


def test_the_report_reads_as_it_was_reviewed() -> None:
    assert report() == GOLDEN.read_text(encoding="utf-8"), "rewrite with: python -m tests.service.reports.test_golden"


if __name__ == "__main__":
    GOLDEN.write_text(report(), encoding="utf-8")
