"""The rows of an inventory by site and month: exact sums, canonical lines, one digest each.

A part is method-neutral: it knows emission sources and amounts, no factor. So it serves every method,
and one changed row changes the part of its own site and month alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from lca.ledger import Ledger, Stream
from lca.snapshot import canonical_bytes

Record = dict[str, Any]

DECIMAL_DIGITS = 38
KEY_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One site and month: the exact amount of every emission source and the lines it is the sum of."""

    site: str
    month: str  # '2025-03', or '2025' for rows that span months
    rows: int
    sha256: str
    amounts: Mapping[str, Record]  # stream key -> {"amount": exact decimal, "rows": n, "end": last day}
    lines: bytes  # canonical JSON array of [row id, stream key, start, end, amount, evidence]; b"" where not at hand
    evidence: tuple[str, ...] = ()  # digests of the files that prove its rows

    def record(self, lines: Sequence[Sequence[str]] | None) -> Record:
        """Return this part as a snapshot holds it, with its lines where they are few."""
        kept: Record = {
            "site": self.site,
            "month": self.month,
            "rows": self.rows,
            "sha256": self.sha256,
            "amounts": {key: dict(entry) for key, entry in self.amounts.items()},
        }
        return kept if lines is None else kept | {"lines": [list(line) for line in lines]}


def stream_key(stream: Stream) -> str:
    """Return the name of an emission source inside snapshots: the first digits of the digest of its fields."""
    fields = asdict(stream) | {"parameters": [list(pair) for pair in stream.parameters]}
    return hashlib.sha256(canonical_bytes(fields)).hexdigest()[:KEY_LENGTH]


def stream_keys(ledger: Ledger) -> tuple[str, ...]:
    """Return the key of every stream of ``ledger``, in its order."""
    return tuple(stream_key(stream) for stream in ledger.streams)


def month_of() -> pl.Expr:
    """Return the label of a row's part: its month, or its year when it spans months."""
    same = pl.col("start").dt.strftime("%Y-%m") == pl.col("end").dt.strftime("%Y-%m")
    return pl.when(same).then(pl.col("end").dt.strftime("%Y-%m")).otherwise(pl.col("end").dt.strftime("%Y"))


def build(ledger: Ledger) -> list[Part]:
    """Group the rows of ``ledger`` into parts, in the order of site and month.

    Sums are exact decimals of the submitted text, so they do not depend on the order of the rows.
    """
    keys = pl.DataFrame(
        {
            "stream": pl.Series(range(len(ledger.streams)), dtype=pl.UInt32),
            "site": [stream.site for stream in ledger.streams],
            "key": list(stream_keys(ledger)),
        },
        schema_overrides={"site": pl.String, "key": pl.String},
    )
    rows = ledger.rows.lazy().join(keys.lazy(), on="stream", how="left").with_columns(month=month_of())
    rows = rows.sort("site", "month", "key", "start", "end", "id").with_columns(line=_line())
    frame = rows.select("site", "month", "key", "end", "amount", "evidence", "line").collect()
    sums = _sums(frame)
    texts = frame.group_by("site", "month", maintain_order=True).agg(
        pl.col("line").str.join(",").alias("text"), pl.len().alias("rows"), pl.col("evidence").unique().sort()
    )
    del frame
    return [
        _part(site, month, text, count, evidence, sums[(site, month)])
        for site, month, text, count, evidence in texts.iter_rows()
    ]


def _part(site: str, month: str, text: str, rows: int, evidence: list[str], amounts: Mapping[str, Record]) -> Part:
    lines = b"[" + text.encode() + b"]"
    proven = tuple(sha for sha in evidence if sha)
    return Part(site, month, rows, hashlib.sha256(lines).hexdigest(), amounts, lines, proven)


def _line() -> pl.Expr:
    """Write one row as canonical JSON; ids, keys, dates and numbers hold nothing that needs an escape."""
    return pl.format(
        '["{}","{}","{}","{}","{}","{}"]',
        "id",
        "key",
        pl.col("start").dt.strftime("%Y-%m-%d"),
        pl.col("end").dt.strftime("%Y-%m-%d"),
        "amount",
        "evidence",
    )


def _sums(frame: pl.DataFrame) -> dict[tuple[str, str], dict[str, Record]]:
    grouped = frame.group_by("site", "month", "key", maintain_order=True)
    counted = grouped.agg(pl.len().alias("rows"), pl.col("end").max())
    exact = _vector_sums(frame) if _fits(frame) else _slow_sums(frame)
    found: dict[tuple[str, str], dict[str, Record]] = {}
    for site, month, key, rows, end in counted.iter_rows():
        entry = {"amount": plain(exact[(site, month, key)]), "rows": rows, "end": end.isoformat()}
        found.setdefault((site, month), {})[key] = entry
    return found


def _fits(frame: pl.DataFrame) -> bool:
    """Do all amounts fit a 128-bit decimal of one scale, with room for the sum?"""
    text = pl.col("amount").str.strip_prefix("-")
    whole, places = text.str.split(".").list.get(0).str.len_bytes(), _places()
    sizes = frame.select(whole.max().alias("whole"), places.max().alias("places"))
    largest, scale = sizes.row(0) if frame.height else (0, 0)
    return (largest or 0) + (scale or 0) + len(str(frame.height)) < DECIMAL_DIGITS


def _places() -> pl.Expr:
    fraction = pl.col("amount").str.split(".").list.get(1, null_on_oob=True)
    return fraction.str.len_bytes().fill_null(0)


def _vector_sums(frame: pl.DataFrame) -> dict[tuple[str, str, str], Decimal]:
    scale = frame.select(_places().max()).item() or 0
    exact = frame.with_columns(pl.col("amount").cast(pl.Decimal(DECIMAL_DIGITS, scale)))
    sums = exact.group_by("site", "month", "key").agg(pl.col("amount").sum())
    return {(site, month, key): amount for site, month, key, amount in sums.iter_rows()}


def _slow_sums(frame: pl.DataFrame) -> dict[tuple[str, str, str], Decimal]:
    sums: dict[tuple[str, str, str], Decimal] = {}
    for site, month, key, amount in frame.select("site", "month", "key", "amount").iter_rows():
        sums[(site, month, key)] = sums.get((site, month, key), Decimal(0)) + Decimal(amount)
    return sums


def plain(value: Decimal) -> str:
    """Write an exact decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_lines(part: Mapping[str, Any], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield what does not fit between a part and its lines: digest, number of rows, exact sums."""
    text = canonical_bytes([list(line) for line in lines])
    if hashlib.sha256(text).hexdigest() != part["sha256"]:
        yield "digest"
    if len(lines) != part["rows"]:
        yield "rows"
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line[1]] = sums.get(line[1], Decimal(0)) + Decimal(line[4])
    if {key: plain(value) for key, value in sums.items()} != {k: e["amount"] for k, e in part["amounts"].items()}:
        yield "amounts"
