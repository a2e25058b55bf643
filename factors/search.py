"""Finding a record as people ask for it: 电力 广东 2023, 電力 廣東, dianli guangdong, dl gd 2023.

For every record the index holds one line of words: its names, place, category, what its table is about,
and the pinyin of the Chinese ones, in full and by initials. It is built once per library version; asking
needs neither OpenCC nor pypinyin.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from factors.errors import UnknownFactor
from factors.geographies import Geographies
from factors.records import Factor

if TYPE_CHECKING:
    from factors.library import Library

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z0-9][a-z0-9.\-/]*")
_TOKEN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9][a-z0-9.\-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_CJK = range(0x3400, 0xA000)

# An exact word counts more than the beginning of one, and that more than a part of one.
_EXACT, _BEGINS, _WITHIN = 4, 2, 1
_SHORTEST_PART = 3  # two letters stand inside nearly every pinyin word


class _Index(NamedTuple):
    simplified: dict[int, int]  # traditional character -> simplified one
    ids: tuple[str, ...]
    lines: tuple[str, ...]
    order: tuple[tuple[int, ...], ...]  # what decides between equally good answers, smallest first


def build_index(
    factors: Iterable[Factor],
    geographies: Geographies,
    categories: Mapping[str, str],
    keywords: Mapping[str, str],
) -> bytes:
    """Pack the words of every record; ``keywords`` says by record id what its table is about."""
    simplified = _simplified()
    spelled = _Pinyin()
    ids, lines, order = [], [], []
    for factor in factors:
        place = geographies.by_code[factor.region]
        texts = [
            *(factor.id, factor.name_en, factor.name_zh, factor.category, categories.get(factor.category, "")),
            *(*place.names, keywords.get(factor.id, ""), factor.gas, factor.fuel, factor.material, str(factor.year)),
        ]
        words = dict.fromkeys(word for text in texts for word in _words(_fold(text, simplified), spelled))
        ids.append(factor.id)
        lines.append(f" {' '.join(words)} ")
        is_foreign = factor.region.split("-")[0] != "CN"
        order.append((int(not factor.usable), int(is_foreign), -factor.year, len(factor.region)))
    content = [{chr(a): chr(b) for a, b in simplified.items()}, ids, lines, order]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def search(library: Library, query: str, limit: int | None = 20) -> tuple[Factor, ...]:
    """Return the ``limit`` best records that answer every word of ``query``, or all of them, the best first.

    Words may be Traditional or Simplified Chinese, pinyin in full or by initials, English, places, years.
    Of equally good answers usable ones come first, then Chinese ones, then the newest year, then the widest place.
    """
    index = _index(library)
    tokens = _TOKEN.findall(_fold(query, index.simplified))
    if not tokens:
        return ()
    phrase = f" {' '.join(tokens)} "
    scores = _scores(tokens, index)
    scores |= {position: score + _EXACT for position, score in scores.items() if phrase in index.lines[position]}
    best = sorted(scores, key=lambda position: (-scores[position], *index.order[position], position))
    return tuple(library.factors[index.ids[position]] for position in best[:limit])


def history(library: Library, factor_id: str) -> tuple[Factor, ...]:
    """Return the same quantity in other years and publications, oldest first, the record itself among them.

    The same quantity has the same name (years apart), gas and place, and a unit of the same reading; or it
    stands in the same row of another year's edition of its publication.

    Raises:
        UnknownFactor: the library has no such record.
    """
    if factor_id not in library.factors:
        raise UnknownFactor(factor_id, [found.id for found in search(library, factor_id.replace("-", " "), 5)])
    keys = set(_quantities(library, library.factors[factor_id]))
    same = [factor for factor in library.factors.values() if not keys.isdisjoint(_quantities(library, factor))]
    return tuple(sorted(same, key=lambda factor: (factor.year, library.sources[factor.source].year, factor.id)))


def _quantities(library: Library, factor: Factor) -> Iterator[tuple[str, ...]]:
    unit = library.units[factor.unit]
    reading = (factor.gas, factor.region, unit.of, unit.denominator, unit.basis, factor.parameter_set, factor.gwp_set)
    name = " ".join(_YEAR.sub("", factor.name_en).split()).casefold()
    yield ("name", name, factor.category.casefold(), factor.scope_hint, *reading)
    if factor.page.startswith("row "):
        row = factor.page.partition(",")[0]
        yield ("row", library.sources[factor.source].publisher, row, *reading)


@lru_cache(maxsize=4)
def _index(library: Library) -> _Index:
    simplified, ids, lines, order = json.loads(library.search_index)
    table = {ord(old): ord(new) for old, new in simplified.items()}
    return _Index(table, tuple(ids), tuple(lines), tuple(map(tuple, order)))


def _scores(tokens: Iterable[str], index: _Index) -> dict[int, int]:
    """Return position -> score of the lines that hold every token."""
    scores = dict.fromkeys(range(len(index.lines)), 0)
    for token in tokens:
        found = _holding(token, scores, index) or _in_two_parts(token, scores, index)
        scores = {position: scores[position] + score for position, score in found.items()}
    return scores


def _holding(token: str, positions: Iterable[int], index: _Index) -> dict[int, int]:
    """Return position -> score for one token."""
    exact, begins = f" {token} ", f" {token}"
    is_partial = not _YEAR.fullmatch(token) and (len(token) >= _SHORTEST_PART or ord(token[0]) in _CJK)
    wanted = token if is_partial else exact
    found = {}
    for position in positions:
        line = index.lines[position]
        if wanted in line:
            found[position] = _EXACT if exact in line else _BEGINS if begins in line else _WITHIN
    return found


def _in_two_parts(token: str, positions: Iterable[int], index: _Index) -> dict[int, int]:
    """Read Chinese written without a space ('广东电力') as two words, the first cut that finds something."""
    if ord(token[0]) not in _CJK:
        return {}
    for cut in range(2, len(token) - 1):
        first = _holding(token[:cut], positions, index)
        second = _holding(token[cut:], first, index)
        if second:
            return {position: first[position] + score for position, score in second.items()}
    return {}


def _fold(text: str, simplified: Mapping[int, int]) -> str:
    """Fold full-width letters, case and Traditional Chinese."""
    return unicodedata.normalize("NFKC", text).casefold().translate(simplified)


def _words(text: str, spelled: _Pinyin) -> Iterator[str]:
    """Yield the words of a folded text: Latin words with and without hyphens, Chinese runs and their pinyin."""
    for word in _LATIN.findall(text):
        word = word.rstrip(".-/")
        yield word
        if "-" in word or "/" in word:
            yield re.sub(r"[-/]", "", word)
            yield from re.split(r"[-/]", word)
    for run in _HAN.findall(text):
        yield run
        yield from spelled.of(run)


class _Pinyin:
    """Pinyin of Chinese runs, in full and by initials, each run once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, run: str) -> tuple[str, str]:
        """Return (full pinyin without tones, initials): 广东 -> ('guangdong', 'gd')."""
        if run not in self._known:
            import pypinyin  # only to build the index

            syllables = pypinyin.lazy_pinyin(run)
            self._known[run] = ("".join(syllables), "".join(syllable[0] for syllable in syllables))
        return self._known[run]


def _simplified() -> dict[int, int]:
    """Return the map from Traditional to Simplified characters that OpenCC holds."""
    import opencc  # only to build the index

    converter = opencc.OpenCC("t2s")
    characters = [chr(code) for code in _CJK]
    # A line each, so that no two neighbours are taken for a phrase.
    converted = converter.convert("\n".join(characters)).split("\n")
    return {ord(old): ord(new) for old, new in zip(characters, converted, strict=True) if old != new and len(new) == 1}
