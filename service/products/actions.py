"""The verbs of products: hand a model in, list, show; a new version with a reason, the old one stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from lca.product_model import Model
from lca.product_reading import model
from service import db
from service.accounts.actions import Actor, require
from service.audit import actions as audit
from service.audit.kinds import Kind, RowKind
from service.errors import N_, NotFound, ReasonMissing
from service.products import accepted
from service.products.models import ProductModel

PRODUCT_MODEL = RowKind(
    "product_model",
    ProductModel.__table__,  # type: ignore[attr-defined]
    ("product", "version"),
    made="product_model.put",
    changed=("product_model.supersede",),
)
AUDITED: tuple[Kind, ...] = (PRODUCT_MODEL, accepted.ACCEPTED)
"""What the audit log holds entries of."""


def put_model(
    session: Session,
    actor: Actor,
    data: Mapping[str, Any],
    file_name: str,
    now: datetime,
    *,
    reason: str = "",
    expected: frozenset[str] = frozenset(),
) -> ProductModel:
    """Store a model; the same one a second time changes nothing, another becomes the next version with a reason.

    It is stored with the accepted footprints of suppliers that it names by their code.

    Raises:
        ChangedMeanwhile: what is held is no longer as ``expected``.
        NotFound: something is expected where nothing is.
        ModelInvalid: it makes no sense; every problem is named.
        ReasonMissing: there is another version, and no reason is given.
    """
    organisation_id = require(actor, "submit products")
    data = accepted.completed(session, actor, data)
    found = model(data)
    content = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(content.encode()).hexdigest()
    db.lock(session, f"products {organisation_id}")
    held = _current(session, organisation_id, found.id)
    if held is None and expected:
        raise NotFound(N_("product"), found.id)
    if held is not None:
        audit.refuse_changed(session, actor, PRODUCT_MODEL, held, expected)
        if held.content_sha256 == digest:
            return held
        if not reason.strip():
            raise ReasonMissing
    row = ProductModel(
        organisation_id=organisation_id,
        product=found.id,
        name_zh=found.name.zh,
        name_en=found.name.en,
        version=held.version + 1 if held else 1,
        reason=reason.strip() if held else "",
        content=content,
        content_sha256=digest,
        file_name=file_name,
        created=now,
    )
    session.add(row)
    session.flush()
    if held is not None:
        held.superseded_by = row.id
        audit.record_row(session, actor, PRODUCT_MODEL, "product_model.supersede", held, now)
    audit.record_row(session, actor, PRODUCT_MODEL, PRODUCT_MODEL.made, row, now)
    return row


def products(session: Session, actor: Actor) -> Sequence[ProductModel]:
    """Return the newest version of every product of the organisation."""
    condition = (ProductModel.organisation_id == require(actor, "read"), col(ProductModel.superseded_by).is_(None))
    return session.exec(select(ProductModel).where(*condition).order_by(ProductModel.product)).all()


def show(session: Session, actor: Actor, product: str) -> ProductModel:
    """Return the newest version of one product.

    Raises:
        NotFound: the organisation has none of this code.
    """
    row = _current(session, require(actor, "read"), product)
    if row is None:
        raise NotFound(N_("product"), product)
    return row


def versions(session: Session, actor: Actor, product: str) -> Sequence[ProductModel]:
    """Return every version of one product, oldest first.

    Raises:
        NotFound: the organisation has none of this code.
    """
    condition = (ProductModel.organisation_id == require(actor, "read"), ProductModel.product == product)
    rows = session.exec(select(ProductModel).where(*condition).order_by(col(ProductModel.version))).all()
    if not rows:
        raise NotFound(N_("product"), product)
    return rows


def value_of(row: ProductModel) -> Model:
    """Return the model that a row holds."""
    return model(json.loads(row.content))


def _current(session: Session, organisation_id: int, product: str) -> ProductModel | None:
    condition = (ProductModel.organisation_id == organisation_id, ProductModel.product == product)
    return session.exec(select(ProductModel).where(*condition, col(ProductModel.superseded_by).is_(None))).first()
