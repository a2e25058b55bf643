"""Migrations of the database, run by ``service.db.upgrade`` from wherever the package is installed."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

# Every module that declares tables; a new feature with tables adds its name here.
MODELS = (
    "service.accounts.models",
    "service.audit.models",
    "service.events.models",
    "service.catalogue.models",
    "service.activities.models",
    "service.products.models",
    "service.calculations.models",
    "service.suppliers.models",
    "service.jobs.models",
    "service.webhooks.models",
    "service.exchange.pact.models",
    "service.sector.models",
)


def metadata() -> MetaData:
    """Return all tables of the service."""
    from sqlmodel import SQLModel

    for name in MODELS:
        import_module(name)
    return SQLModel.metadata
