"""Organisations, activity data, own factors, inventories and the audit log."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from migrations.parts import changed, is_postgresql, refuse, refuse_to_forget, refuse_where

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What is handed in and what is recorded may be added to, never changed or deleted.
APPEND_ONLY = (
    *("audit_entry", "stream", "import_batch", "evidence"),
    *("activity_datum", "datum_evidence", "snapshot_part", "base_year_change"),
)
# What is frozen but for the columns that say, once, what became of it.
ONCE = {
    "inventory": ("superseded_by",),
    "instrument": ("withdrawn", "withdrawal"),
    "product_output": ("withdrawn", "withdrawal"),
    "exclusion": ("withdrawn", "withdrawal"),
    "own_factor": ("withdrawn", "withdrawal"),
    "closed_period": ("reopened", "reason"),
}
# What may be described otherwise, with a reason in the audit log, but stays the same thing.
IDENTITY = {"organisation": ("id", "code", "created"), "site": ("id", "organisation_id", "code", "created")}
APPROACHES = "'operational_control', 'financial_control', 'equity_share'"
CHANGES = "'structure', 'outsourcing', 'method', 'error', 'growth', 'grid_year'"
# Children before parents, for the way down.
TABLES = (
    *("base_year_change", "part_cache", "snapshot_part", "inventory", "own_factor", "closed_period"),
    *("exclusion", "product_output", "instrument", "datum_evidence", "activity_datum", "evidence"),
    *("import_batch", "stream", "site", "audit_entry", "organisation"),
)


def upgrade() -> None:
    for step in (_organisation, _audit_entry, _site_and_stream, _import_batch_and_evidence, _activity_datum):
        step()
    for step in (_instrument, _product_output, _exclusion_and_closed_period, _own_factor, _inventory):
        step()
    _base_year_change()
    _refuse_changes()


def downgrade() -> None:
    # Dropping a table takes its triggers with it and fires none of them.
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION tanji_append_only()")


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(*names: str) -> Iterator[sa.Column[str]]:
    return (sa.Column(name, sa.String(), nullable=False) for name in names)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _days(*names: str, nullable: bool = False) -> Iterator[sa.Column[object]]:
    return (sa.Column(name, sa.Date(), nullable=nullable) for name in names)


def _time(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _datum_id(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _same_organisation(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    ours, theirs = ["organisation_id", column], [f"{target}.organisation_id", f"{target}.{key}"]
    return sa.ForeignKeyConstraint(ours, theirs, name=f"fk_{table}_organisation_id_{column}")


def _in_order(table: str, start: str = "start", end: str = '"end"') -> sa.CheckConstraint:
    return _check(table, "period_in_order", f"{end} >= {start}")


def _with_a_reason(table: str, name: str, done: str, reason: str) -> sa.CheckConstraint:
    return _check(table, name, f"({done} IS NULL) = ({reason} = '')")


def _withdrawable(table: str) -> Iterator[sa.schema.SchemaItem]:
    yield _time("created")
    yield _time("withdrawn", nullable=True)
    yield from _text("withdrawal")
    yield _with_a_reason(table, "withdrawn_with_a_reason", "withdrawn", "withdrawal")


def _unique_where(table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(f"uq_{table}_{name}", table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _organisation() -> None:
    op.create_table(
        "organisation",
        _key(),
        *_text("code", "name_zh", "name_en", "credit_code", "legal_person", "address", "industry", "contact"),
        *_text("electricity_equivalent_kgce_per_kwh", "electricity_equivalent_source", "approach", "base_year"),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        _time("created"),
        *_text("reason"),
        _check("organisation", "approach_is_known", f"approach IN ({APPROACHES})"),
        _check("organisation", "is_not_its_own_parent", "parent_id <> id"),
        _foreign("organisation", "parent_id", "organisation"),
        _primary("organisation"),
        _unique("organisation", "code"),
    )
    op.create_index("ix_organisation_parent_id", "organisation", ["parent_id"])


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        *_text("verb", "subject"),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("entry", "nodes", "root")),
        _check("audit_entry", "counted_from_one", "id > 0"),
        _foreign("audit_entry", "organisation_id", "organisation"),
        _primary("audit_entry"),
    )
    op.create_index("ix_audit_entry_organisation_id", "audit_entry", ["organisation_id"])


def _site_and_stream() -> None:
    op.create_table(
        "site",
        _key(),
        _key("organisation_id"),
        *_text("code", "name_zh", "name_en", "region", "share_percent", "entity", "sector"),
        _time("created"),
        *_text("reason"),
        _foreign("site", "organisation_id", "organisation"),
        _primary("site"),
        _unique("site", "organisation_id", "code"),
        _unique("site", "organisation_id", "id"),
    )
    op.create_table(
        "stream",
        _key(),
        _key("organisation_id"),
        _key("site_id"),
        *_text("fingerprint", "identity", "activity", "unit", "name", "meter", "region", "parameters", "factor"),
        *_text("counterparty", "process_line", "quality", "uncertainty_percent"),
        _time("created"),
        _check("stream", "quality_is_known", "quality IN ('', 'measured', 'invoiced', 'estimated')"),
        _same_organisation("stream", "site_id", "site"),
        _primary("stream"),
        _unique("stream", "organisation_id", "fingerprint"),
        _unique("stream", "organisation_id", "id"),
    )
    op.create_index("ix_stream_organisation_id_identity", "stream", ["organisation_id", "identity"])


def _import_batch_and_evidence() -> None:
    op.create_table(
        "import_batch",
        _key(),
        _key("organisation_id"),
        sa.Column("sha256", sa.String(), nullable=True),
        *_text("name", "state"),
        *(_key(name) for name in ("total", "loaded", "skipped", "replaced", "errors")),
        *_text("digest", "reason", "actor"),
        _time("created"),
        _check("import_batch", "state_is_known", "state IN ('complete', 'partial')"),
        _check("import_batch", "every_row_is_counted", "total = loaded + skipped + errors"),
        _foreign("import_batch", "organisation_id", "organisation"),
        _primary("import_batch"),
        _unique("import_batch", "organisation_id", "sha256"),
        _unique("import_batch", "organisation_id", "id"),
    )
    op.create_table(
        "evidence",
        _key(),
        _key("organisation_id"),
        *_text("sha256", "name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *_text("media_type"),
        _time("created"),
        _check("evidence", "sha256_has_64_digits", "length(sha256) = 64"),
        _foreign("evidence", "organisation_id", "organisation"),
        _primary("evidence"),
        _unique("evidence", "organisation_id", "sha256"),
        _unique("evidence", "organisation_id", "id"),
    )


def _activity_datum() -> None:
    op.create_table(
        "activity_datum",
        _datum_id("id"),
        *(_key(name) for name in ("organisation_id", "stream_id")),
        *_days("start", "end"),
        *_text("amount"),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        _key("batch_id"),
        _datum_id("replaces_id", nullable=True),
        _in_order("activity_datum"),
        _same_organisation("activity_datum", "stream_id", "stream"),
        _same_organisation("activity_datum", "batch_id", "import_batch"),
        _same_organisation("activity_datum", "evidence_id", "evidence"),
        _foreign("activity_datum", "replaces_id", "activity_datum"),
        _primary("activity_datum"),
    )
    op.create_index("ix_activity_datum_stream_id_start", "activity_datum", ["stream_id", "start"])
    _unique_where("activity_datum", "replaces_id", ["replaces_id"], "replaces_id IS NOT NULL")
    op.create_table(
        "datum_evidence",
        _key(),
        _key("organisation_id"),
        _datum_id("datum_id"),
        _key("evidence_id"),
        _time("created"),
        _foreign("datum_evidence", "datum_id", "activity_datum"),
        _same_organisation("datum_evidence", "evidence_id", "evidence"),
        _primary("datum_evidence"),
    )
    op.create_index("ix_datum_evidence_datum_id", "datum_evidence", ["datum_id"])


def _instrument() -> None:
    op.create_table(
        "instrument",
        _key(),
        _key("organisation_id"),
        *_text("kind", "number_from", "number_to", "amount_kwh"),
        *_days("generated_from", "generated_to"),
        *_text("technology", "region"),
        *_days("valid_until", nullable=True),
        *_text("beneficiary"),
        *_days("retired_on", nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        *_text("contract"),
        *_withdrawable("instrument"),
        _check("instrument", "kind_is_known", "kind IN ('gec', 'direct_supply', 'ppa', 'onsite')"),
        _in_order("instrument", "generated_from", "generated_to"),
        _foreign("instrument", "organisation_id", "organisation"),
        _same_organisation("instrument", "site_id", "site"),
        _primary("instrument"),
    )
    op.create_index("ix_instrument_organisation_id", "instrument", ["organisation_id"])


def _product_output() -> None:
    op.create_table(
        "product_output",
        _key(),
        *(_key(name) for name in ("organisation_id", "site_id")),
        *_text("name_zh", "name_en", "amount", "unit"),
        *_days("start", "end"),
        *_text("value_added_cny"),
        *_withdrawable("product_output"),
        _in_order("product_output"),
        _same_organisation("product_output", "site_id", "site"),
        _primary("product_output"),
    )
    columns = ["organisation_id", "site_id", "name_zh", "unit", "start", "end"]
    _unique_where("product_output", "current", columns, "withdrawn IS NULL")


def _exclusion_and_closed_period() -> None:
    op.create_table(
        "exclusion",
        _key(),
        _key("organisation_id"),
        *_text("category", "reason", "estimate_kgco2e"),
        *_days("start", "end"),
        *_withdrawable("exclusion"),
        _in_order("exclusion"),
        _foreign("exclusion", "organisation_id", "organisation"),
        _primary("exclusion"),
    )
    _unique_where("exclusion", "current", ["organisation_id", "category", "start", "end"], "withdrawn IS NULL")
    op.create_table(
        "closed_period",
        _key(),
        _key("organisation_id"),
        *_days("start", "end"),
        _time("created"),
        *_text("actor"),
        _time("reopened", nullable=True),
        *_text("reason"),
        _in_order("closed_period"),
        _with_a_reason("closed_period", "reopened_with_a_reason", "reopened", "reason"),
        _foreign("closed_period", "organisation_id", "organisation"),
        _primary("closed_period"),
    )
    op.create_index("ix_closed_period_organisation_id", "closed_period", ["organisation_id"])


def _own_factor() -> None:
    op.create_table(
        "own_factor",
        _key(),
        _key("organisation_id"),
        *_text("activity", "kind"),
        sa.Column("site", sa.String(), nullable=True),
        *_text("counterparty"),
        *_text("factor_id", "name_en", "name_zh", "category", "scope_hint", "value", "unit", "gas"),
        _key("year"),
        *_days("valid_from"),
        *_days("valid_to", nullable=True),
        *_text("region", "source", "page", "licence", "confidence", "uncertainty_percent", "gwp_set", "note"),
        *_text("fuel", "parameter_set", "material", "boundary", "value_kind", "range_low", "range_high"),
        sa.Column("document", sa.String(), nullable=True),
        *_withdrawable("own_factor"),
        _check("own_factor", "kind_is_known", "kind IN ('own_factor', 'supplier')"),
        _check("own_factor", "has_value_and_unit", "value <> '' AND unit <> ''"),
        _check("own_factor", "has_source_and_licence", "source <> '' AND licence <> ''"),
        _foreign("own_factor", "organisation_id", "organisation"),
        _same_organisation("own_factor", "site", "site", "code"),
        _same_organisation("own_factor", "document", "evidence", "sha256"),
        _primary("own_factor"),
    )
    _unique_where("own_factor", "current", ["organisation_id", "factor_id"], "withdrawn IS NULL")


def _inventory() -> None:
    op.create_table(
        "inventory",
        *_text("id"),
        *(_key(name) for name in ("organisation_id", "year")),
        *_text("method"),
        _flag("is_group"),
        _flag("recalculates_base_year"),
        _key("version"),
        *_text("reason", "state", "snapshot_sha"),
        *_text("total_kgco2e", "total_location_kgco2e", "total_market_kgco2e", "total_method_kgco2e"),
        _time("created"),
        sa.Column("superseded_by", sa.String(), nullable=True),
        _check("inventory", "version_counts_from_one", "version > 0"),
        _check("inventory", "new_version_has_a_reason", "version = 1 OR reason <> ''"),
        _check("inventory", "does_not_supersede_itself", "superseded_by <> id"),
        _foreign("inventory", "organisation_id", "organisation"),
        _foreign("inventory", "superseded_by", "inventory"),
        _primary("inventory"),
        _unique("inventory", "organisation_id", "year", "method", "is_group", "version"),
    )
    op.create_table(
        "snapshot_part",
        _key("organisation_id"),
        *_text("sha256", "kind"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _check("snapshot_part", "sha256_has_64_digits", "length(sha256) = 64"),
        _foreign("snapshot_part", "organisation_id", "organisation"),
        _primary("snapshot_part", "organisation_id", "sha256"),
    )
    op.create_table(
        "part_cache",
        _key("organisation_id"),
        *_text("site", "month", "mark", "part_sha", "results"),
        _time("created"),
        _foreign("part_cache", "organisation_id", "organisation"),
        _primary("part_cache", "organisation_id", "site", "month"),
    )


def _base_year_change() -> None:
    op.create_table(
        "base_year_change",
        _key(),
        *(_key(name) for name in ("organisation_id", "year")),
        *_text("kind", "kgco2e", "reason", "actor"),
        _time("created"),
        _check("base_year_change", "kind_is_known", f"kind IN ({CHANGES})"),
        _check("base_year_change", "has_a_reason", "reason <> ''"),
        _foreign("base_year_change", "organisation_id", "organisation"),
        _primary("base_year_change"),
    )
    op.create_index("ix_base_year_change_organisation_id", "base_year_change", ["organisation_id"])


def _refuse_changes() -> None:
    if is_postgresql():
        op.execute(
            "CREATE FUNCTION tanji_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
    for table in APPEND_ONLY:
        refuse(table, "UPDATE")
    for table, columns in ONCE.items():
        others = [name for name in _columns(table) if name not in columns]
        refuse_where(table, [*changed(others), f"OLD.{columns[0]} IS NOT NULL"])
    for table, columns in IDENTITY.items():
        refuse_where(table, changed(columns))
    for table in (*APPEND_ONLY, *ONCE, *IDENTITY):
        refuse_to_forget(table)


def _columns(table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
