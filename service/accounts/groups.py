"""Groups: organisations and the companies below them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from service.accounts.models import Organisation


def within(session: Session, numbers: Sequence[int]) -> Sequence[Organisation]:
    """Return the organisations of these numbers and those below them, by code."""
    found = below(session, numbers)
    return session.exec(select(Organisation).where(col(Organisation.id).in_(found)).order_by(Organisation.code)).all()


def below(session: Session, numbers: Sequence[int]) -> set[int]:
    """Return these numbers and those of all organisations below them."""
    # Groups are a few levels deep; the parents already met end a circle that the database cannot forbid.
    found, level = set(numbers), set(numbers)
    while level:
        rows = session.exec(select(Organisation.id).where(col(Organisation.parent_id).in_(level)))
        level = {number for number in rows if number is not None} - found
        found |= level
    return found
