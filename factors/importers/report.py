"""What an import found, for a person in English or Chinese and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from factors.importers.compare import Change, Differences, Proposal
from factors.importers.frame import Imported, Problem
from factors.records import Source

SHOWN = 20
"""Differences and problems that are printed one by one; ``as_json`` has them all. Lines for series.csv are
printed in full, to be copied."""

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "title": ("%(publisher)s, edition %(edition)s: %(file)s", "%(publisher)s %(edition)s 版：%(file)s"),
        "source": ("source %(id)s: %(title)s", "来源 %(id)s：%(title)s"),
        "counts": (
            "rows read %(rows)s, records %(records)s: %(same)s held and equal, %(new)s new, "
            "%(changed)s held otherwise; held but not in the file %(gone)s; cells without a value %(skipped)s",
            "读取 %(rows)s 行，得到 %(records)s 条记录：库中已有且一致 %(same)s 条，新增 %(new)s 条，库中已有但不一致 "
            "%(changed)s 条；库中有而文件中没有 %(gone)s 条；无数值单元格 %(skipped)s 个",
        ),
        "changed": (
            "held otherwise (held -> file; the library keeps what it holds):",
            "与库中不一致（库中值 -> 文件值；保留库中原值，不覆盖）：",
        ),
        "problems": ("to look at:", "需要查看："),
        "blocking": ("to mend first; nothing was written:", "须先处理以下问题，未写入任何内容："),
        "gone": ("held but not in the file:", "库中有而文件中没有："),
        "series": (
            "series that hold an earlier edition; add the lines that are meant to series.csv:",
            "以下序列目前采用较早版本；如需采用本版，请将对应行加入 series.csv：",
        ),
        "more": ("… and %(count)s more", "……另有 %(count)s 项"),
        "written": ("written:", "已写入："),
        "would": ("would be written (dry run):", "将写入（试运行，未实际写入）："),
        "nothing": ("nothing to write", "没有需要写入的内容"),
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """One import, complete."""

    publisher: str
    file: str
    imported: Imported
    differences: Differences
    blocking: tuple[Problem, ...]
    proposals: tuple[Proposal, ...]
    files: tuple[str, ...]  # below the data directory; written, or to be written
    dry_run: bool

    @property
    def is_blocked(self) -> bool:
        """Whether something must be mended before the new records can be written."""
        return bool(self.blocking)

    def text(self, language: str = "en") -> str:
        """Return the report for a person, 'en' or 'zh'."""
        return "\n".join(_lines(self, 1 if language.startswith("zh") else 0)) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Return the report for a program: everything, nothing shortened, numbers of factors as strings."""
        found = self.differences
        return {
            "publisher": self.publisher,
            "edition": self.imported.edition,
            "file": self.file,
            "source": _source(self.imported.source),
            "dry_run": self.dry_run,
            "blocked": self.is_blocked,
            "rows": self.imported.rows,
            "records": len(self.imported.factors),
            "skipped": self.imported.skipped,
            "same": len(found.same),
            "new": [factor.id for factor in found.new],
            "changed": [_change(change) for change in found.changed],
            "gone": list(found.gone),
            "problems": [_problem(problem) for problem in (*self.blocking, *self.imported.problems)],
            "series": [{"line": each.line, "follows": each.follows} for each in self.proposals],
            "files": list(self.files),
        }


def _source(source: Source) -> dict[str, str]:
    return {"id": source.id, "title": source.title, "licence": source.licence}


def _change(change: Change) -> dict[str, Any]:
    columns = {column: {"held": held, "file": file} for column, (held, file) in change.columns.items()}
    return {"id": change.id, "at": str(change.at), "touches_results": change.touches_results, "columns": columns}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "sheet": problem.at.sheet,
        "row": problem.at.row,
        "column": problem.at.column,
        "blocking": problem.blocking,
        "text": problem.text("en"),
        "text_zh": problem.text("zh"),
    }


def _say(key: str, language: int, **params: object) -> str:
    return _WORDS[key][language] % params


def _lines(report: Report, language: int) -> Iterator[str]:
    imported, found = report.imported, report.differences
    title = imported.source.title_zh if language and imported.source.title_zh else imported.source.title
    yield _say("title", language, publisher=report.publisher, edition=imported.edition, file=report.file)
    yield _say("source", language, id=imported.source.id, title=title)
    yield _say(
        "counts",
        language,
        rows=imported.rows,
        records=len(imported.factors),
        same=len(found.same),
        new=len(found.new),
        changed=len(found.changed),
        gone=len(found.gone),
        skipped=imported.skipped,
    )
    # What changes results comes before what changes words.
    ordered = sorted(found.changed, key=lambda change: not change.touches_results)
    yield from _list("changed", language, [_change_line(change) for change in ordered])
    yield from _list("gone", language, list(found.gone))
    spoken = "zh" if language else "en"
    yield from _list("problems", language, _grouped(imported.problems, spoken))
    yield from _list("series", language, [each.line for each in report.proposals], shown=len(report.proposals))
    if report.is_blocked:
        yield from _list("blocking", language, [problem.text(spoken) for problem in report.blocking])
    elif report.files:
        yield from _list("would" if report.dry_run else "written", language, list(report.files))
    else:
        yield _say("nothing", language)


def _list(key: str, language: int, items: Sequence[str], shown: int = SHOWN) -> Iterator[str]:
    if not items:
        return
    yield _say(key, language)
    for item in items[:shown]:
        yield f"  {item}"
    if len(items) > shown:
        yield "  " + _say("more", language, count=len(items) - shown)


def _change_line(change: Change) -> str:
    columns = "; ".join(f"{column}: {held!r} -> {file!r}" for column, (held, file) in change.columns.items())
    return f"{change.id} ({change.at}): {columns}"


def _grouped(problems: Sequence[Problem], language: str) -> list[str]:
    """Return the sentences of all problems, those of a rare kind before those of a frequent one."""
    frequency = Counter(problem.code for problem in problems)
    return [problem.text(language) for problem in sorted(problems, key=lambda problem: frequency[problem.code])]
