"""From checked rows to the ledger that an inventory is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from lca.ledger import ROW_SCHEMA, Ledger, Organisation, Site, Stream
from service.activities.sections import Sections
from service.activities.wholes import Table

NOBODY = Organisation("", "", "")


def build_ledger(
    rows: pl.DataFrame,
    streams: Sequence[Stream],
    tables: Sequence[Table],
    sections: Sections,
    *,
    organisation: Organisation | None,
    sites: Mapping[str, Site],
    evidence: Mapping[str, str],
) -> Ledger:
    """Return the ledger: streams in use only, numbered anew; every row with an id that tells where it stood."""
    used = rows["stream"].unique(maintain_order=True).to_list()
    kept = tuple(streams[number] for number in used)
    numbers = pl.Series(range(len(used)), dtype=pl.UInt32)
    ids = pl.col("sheet").replace_strict(dict(enumerate(table.key for table in tables)), return_dtype=pl.String)
    data = rows.with_columns(
        pl.concat_str(ids, pl.lit("-"), pl.col("row").cast(pl.String)).alias("id"),
        pl.col("stream").replace_strict(pl.Series(used, dtype=pl.UInt32), numbers, return_dtype=pl.UInt32),
    ).select(list(ROW_SCHEMA))
    start, end = _period(rows, sections)
    at = {stream.site for stream in kept} | {product.site for product in sections.products}
    return Ledger(
        organisation=organisation or NOBODY,
        start=start,
        end=end,
        sites=sections.sites or tuple(site for code, site in sites.items() if code in at),
        streams=kept,
        rows=data,
        instruments=sections.instruments,
        products=sections.products,
        exclusions=sections.exclusions,
        evidence=dict(evidence),
    )


def _period(rows: pl.DataFrame, sections: Sections) -> tuple[date, date]:
    """Return the declared period, else the days that the rows reach."""
    if sections.periods:
        return min(first for first, _ in sections.periods), max(last for _, last in sections.periods)
    first, last = rows["start"].min(), rows["end"].max()
    return (first, last) if isinstance(first, date) and isinstance(last, date) else (date.min, date.min)
