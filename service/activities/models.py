"""The tables of activity data. Every row names its organisation, and a key of one never points into another's."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints

# Rows are counted in millions and kept for ten years; SQLite only makes INTEGER keys its own row ids.
DatumId = BigInteger().with_variant(Integer(), "sqlite")


def _same_organisation(column: str, table: str) -> ForeignKeyConstraint:
    """Return a key into ``table`` that also holds the organisation, so that the database keeps tenants apart."""
    return ForeignKeyConstraint(["organisation_id", column], [f"{table}.organisation_id", f"{table}.id"])


class Site(SQLModel, table=True):
    """A place that emits."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("organisation_id", "code"), UniqueConstraint("organisation_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    code: str
    name_zh: str
    name_en: str = ""
    region: str
    share_percent: str = "100"
    entity: str = ""
    sector: str = ""
    created: datetime
    reason: str = ""  # why it was changed last


class Stream(SQLModel, table=True):
    """An emission source: everything about an activity datum except when and how much. Never changed.

    ``fingerprint`` is the digest of all of it. ``identity`` leaves out what may be put right later without
    its becoming another source (unit, quality, uncertainty, parameters, chosen factor, region): two amounts
    of one identity and period are suspected of being the same amount handed in twice.
    """

    __tablename__ = "stream"
    __table_args__ = (
        UniqueConstraint("organisation_id", "fingerprint"),
        UniqueConstraint("organisation_id", "id"),
        _same_organisation("site_id", "site"),
        Index("ix_stream_organisation_id_identity", "organisation_id", "identity"),
        CheckConstraint("quality IN ('', 'measured', 'invoiced', 'estimated')", name="quality_is_known"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int
    site_id: int
    fingerprint: str
    identity: str
    activity: str
    unit: str
    name: str = ""
    meter: str = ""
    region: str = ""
    parameters: str = "[]"  # canonical JSON: pairs of name and value, sorted
    factor: str = ""
    counterparty: str = ""
    process_line: str = ""
    quality: str = ""
    uncertainty_percent: str = ""
    created: datetime


class ImportBatch(SQLModel, table=True):
    """One act of handing in: a file (known by its SHA-256) or a single entry (without one).

    Who, when and why stand here once and not on each of perhaps a million rows.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("state IN ('complete', 'partial')", name="state_is_known"),
        CheckConstraint("total = loaded + skipped + errors", name="every_row_is_counted"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    sha256: str | None = None
    name: str
    state: str
    total: int
    loaded: int
    skipped: int
    replaced: int
    errors: int
    digest: str  # of the loaded rows, see service.activities.store.rows.digest
    reason: str = ""
    actor: str
    created: datetime


class Evidence(SQLModel, table=True):
    """A file that proves amounts; the content lies under TANJI_DATA/evidence, named by its SHA-256."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("length(sha256) = 64", name="sha256_has_64_digits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    sha256: str
    name: str
    size: int = Field(sa_type=BigInteger)
    media_type: str = ""
    created: datetime


class ActivityDatum(SQLModel, table=True):
    """How much of one source in one period. Never changed, never deleted: a correction replaces it.

    Lean on purpose: an inventory of a million rows is normal. ``amount`` is the text as submitted, since
    SQLite would give ``1.200000000`` back for a Numeric ``1.2``; ``value`` is the same number for arrays.
    """

    __tablename__ = "activity_datum"
    __table_args__ = (
        _same_organisation("stream_id", "stream"),
        _same_organisation("batch_id", "import_batch"),
        _same_organisation("evidence_id", "evidence"),
        Index("ix_activity_datum_stream_id_start", "stream_id", "start"),
        Index(
            "uq_activity_datum_replaces_id",
            "replaces_id",
            unique=True,
            sqlite_where=text("replaces_id IS NOT NULL"),
            postgresql_where=text("replaces_id IS NOT NULL"),
        ),
        CheckConstraint('"end" >= start', name="period_in_order"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=DatumId)
    organisation_id: int
    stream_id: int
    start: date
    end: date
    amount: str
    value: float
    evidence_id: int | None = None
    batch_id: int
    replaces_id: int | None = Field(default=None, foreign_key="activity_datum.id", sa_type=DatumId)


class DatumEvidence(SQLModel, table=True):
    """Evidence attached to an amount after it was handed in; the newest counts."""

    __tablename__ = "datum_evidence"
    __table_args__ = (_same_organisation("evidence_id", "evidence"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int
    datum_id: int = Field(foreign_key="activity_datum.id", sa_type=DatumId, index=True)
    evidence_id: int
    created: datetime


class Instrument(SQLModel, table=True):
    """A contractual instrument for electricity. Withdrawn with a reason, never deleted."""

    __tablename__ = "instrument"
    __table_args__ = (
        CheckConstraint("kind IN ('gec', 'direct_supply', 'ppa', 'onsite')", name="kind_is_known"),
        CheckConstraint("generated_to >= generated_from", name="period_in_order"),
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        _same_organisation("site_id", "site"),
        Index("ix_instrument_organisation_id", "organisation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    kind: str
    number_from: str = ""
    number_to: str = ""
    amount_kwh: str
    generated_from: date
    generated_to: date
    technology: str = ""
    region: str = ""
    valid_until: date | None = None
    beneficiary: str = ""
    retired_on: date | None = None
    site_id: int | None = None
    contract: str = ""
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""  # why


class ProductOutput(SQLModel, table=True):
    """What a site made in a period. Withdrawn with a reason, never deleted."""

    __tablename__ = "product_output"
    __table_args__ = (
        _same_organisation("site_id", "site"),
        CheckConstraint('"end" >= start', name="period_in_order"),
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        Index(
            "uq_product_output_current",
            *("organisation_id", "site_id", "name_zh", "unit", "start", "end"),
            unique=True,
            sqlite_where=text("withdrawn IS NULL"),
            postgresql_where=text("withdrawn IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int
    site_id: int
    name_zh: str
    name_en: str = ""
    amount: str
    unit: str
    start: date
    end: date
    value_added_cny: str = ""
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""  # why


class Exclusion(SQLModel, table=True):
    """A category left out of the inventories of a period. Withdrawn with a reason, never deleted."""

    __tablename__ = "exclusion"
    __table_args__ = (
        CheckConstraint('"end" >= start', name="period_in_order"),
        CheckConstraint("(withdrawn IS NULL) = (withdrawal = '')", name="withdrawn_with_a_reason"),
        Index(
            "uq_exclusion_current",
            *("organisation_id", "category", "start", "end"),
            unique=True,
            sqlite_where=text("withdrawn IS NULL"),
            postgresql_where=text("withdrawn IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    category: str
    reason: str
    estimate_kgco2e: str = ""
    start: date
    end: date
    created: datetime
    withdrawn: datetime | None = None
    withdrawal: str = ""  # why


class ClosedPeriod(SQLModel, table=True):
    """A period whose amounts may not change any more, until it is reopened with a reason."""

    __tablename__ = "closed_period"
    __table_args__ = (
        CheckConstraint('"end" >= start', name="period_in_order"),
        CheckConstraint("(reopened IS NULL) = (reason = '')", name="reopened_with_a_reason"),
        Index("ix_closed_period_organisation_id", "organisation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    start: date
    end: date
    created: datetime
    actor: str
    reopened: datetime | None = None
    reason: str = ""
