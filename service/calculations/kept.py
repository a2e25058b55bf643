"""Canonical bytes under their own digest: snapshots, and the lines of long inventories."""

from __future__ import annotations

import hashlib
import zlib

from sqlmodel import Session

from service.calculations.models import SnapshotPart
from service.errors import N_, NotFound, PartDamaged

SNAPSHOT, LINES = "snapshot", "lines"


def keep(session: Session, organisation_id: int, sha: str, kind: str, content: bytes) -> None:
    """Store ``content`` under its digest, once."""
    if session.get(SnapshotPart, (organisation_id, sha)) is None:
        packed = zlib.compress(content, level=1)
        session.add(SnapshotPart(organisation_id=organisation_id, sha256=sha, kind=kind, content=packed))
        session.flush()


def kept(session: Session, organisation_id: int, sha: str) -> bytes:
    """Return what was kept under ``sha``.

    Raises:
        NotFound: nothing of this organisation is.
        PartDamaged: what is stored is not what was kept.
    """
    row = session.get(SnapshotPart, (organisation_id, sha))
    if row is None:
        raise NotFound(N_("stored part"), sha)
    content = zlib.decompress(row.content)
    if hashlib.sha256(content).hexdigest() != sha:
        raise PartDamaged(sha)
    return content
