"""The tables of organisations, people and programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import service.db  # noqa: F401  names the constraints


class Organisation(SQLModel, table=True):
    """A reporting entity. A group is an organisation whose companies name it as their parent."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "approach IN ('operational_control', 'financial_control', 'equity_share')", name="approach_is_known"
        ),
        CheckConstraint("parent_id <> id", name="is_not_its_own_parent"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str = ""
    credit_code: str = ""
    legal_person: str = ""
    address: str = ""
    industry: str = ""
    contact: str = ""
    electricity_equivalent_kgce_per_kwh: str = ""
    electricity_equivalent_source: str = ""
    approach: str = "operational_control"
    base_year: str = ""
    parent_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    created: datetime
    reason: str = ""  # why it was changed last


class Capacity(SQLModel, table=True):
    """In what an organisation stands besides holding its own data: as a lead, a certification body, a curator …"""

    __tablename__ = "capacity"
    __table_args__ = (UniqueConstraint("organisation_id", "capacity"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    capacity: str
    created: datetime


class Person(SQLModel, table=True):
    """Somebody who signs in; what a person may do stands in memberships."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email) AND email <> ''", name="email_is_folded"),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str = ""  # argon2id; '' for those who sign in elsewhere
    is_operator: bool = False
    totp_secret: str = ""  # sealed with the key of this installation, see ``service.sealing``
    totp_step: int = 0  # the last one used: a code counts once
    totp_confirmed: datetime | None = None
    created: datetime
    disabled: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """A code for whoever has lost the second factor, used once."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    code_sha256: str
    used: datetime | None = None


class Membership(SQLModel, table=True):
    """A role of a person in an organisation, from when until when; ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            *("organisation_id", "person_id", "role"),
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    role: str
    created: datetime
    ended: datetime | None = None


class Invitation(SQLModel, table=True):
    """An invitation to a role, by e-mail; whoever has what hashes to ``token_sha256`` may take it up, once."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("person_id IS NULL OR ended IS NOT NULL", name="taken_is_ended"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    email: str
    role: str
    token_sha256: str = Field(unique=True)
    made_by: str
    created: datetime
    expires: datetime
    ended: datetime | None = None  # taken up, where there is a person, or withdrawn
    person_id: int | None = Field(default=None, foreign_key="person.id")


class PasswordReset(SQLModel, table=True):
    """A secret sent by mail by which a person sets another password, once."""

    __tablename__ = "password_reset"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_sha256: str = Field(unique=True)
    created: datetime
    expires: datetime
    used: datetime | None = None


class Identity(SQLModel, table=True):
    """Who a person is at a provider of single sign-on; one of each provider at a time, ended and never deleted."""

    __tablename__ = "identity"
    __table_args__ = (
        Index(
            "uq_identity_subject",
            *("issuer", "subject"),
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
        Index(
            "uq_identity_person",
            *("person_id", "issuer"),
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    issuer: str
    subject: str
    created: datetime
    ended: datetime | None = None


class SignIn(SQLModel, table=True):
    """A session of a person's browser: its cookie holds what hashes to ``token_sha256``."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    browser: str
    address: str
    created: datetime
    expires: datetime
    ended: datetime | None = None


class FailedSignIn(SQLModel, table=True):
    """A try that failed, by the digest of what was typed as e-mail, whether anyone is called so or not."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_email_sha256_at", "email_sha256", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    email_sha256: str
    at: datetime


class ApiClient(SQLModel, table=True):
    """A program that acts for an organisation by OAuth2 client credentials; only the digest of its secret is kept."""

    __tablename__ = "api_client"

    id: str = Field(primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str
    scopes: str  # separated by blanks
    secret_sha256: str
    earlier_sha256: str = ""  # of the secret before the last rotation
    earlier_until: datetime | None = None
    created: datetime
    revoked: datetime | None = None


class AccessToken(SQLModel, table=True):
    """What a program shows to be let in: of an API client for an hour, or of a person's scripts until a day."""

    __tablename__ = "access_token"
    __table_args__ = (CheckConstraint("(api_client_id IS NULL) <> (person_id IS NULL)", name="is_of_one_holder"),)

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    api_client_id: str | None = Field(default=None, foreign_key="api_client.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    name: str = ""
    scopes: str
    created: datetime
    expires: datetime
    revoked: datetime | None = None


class KeptAnswer(SQLModel, table=True):
    """What a request under a key was answered, for a day: see ``repeats``."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("holder", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    holder: str  # who asked, by name
    key: str
    request_sha256: str  # of address, query and content
    status: int
    headers: str  # JSON
    body: bytes | None = None  # compressed; None where it is not to be had again
    created: datetime = Field(index=True)
