"""The service as its own machine's operator sees it: tests of what it does need nobody to sign in."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from service import db
from service.accounts.gate import MACHINE, Gate, Principal
from service.accounts.rights import PUBLIC, RULES
from service.app import create_app
from service.config import Settings


class OwnMachine(Gate):
    """Lets everyone in as the operator; the rules hold all the same, but tests may add addresses of their own."""

    def rule(self, endpoint: str) -> str | None:
        """Return the rule of an address."""
        return RULES.get(endpoint, PUBLIC)

    def identify(self, *_: object) -> Principal:
        """Return the operator."""
        return MACHINE


def application(settings: Settings, database: db.Database | None = None) -> Flask:
    """Return the application, with its operator asking."""
    app = create_app(settings, database)
    app.extensions["tanji"] = replace(app.extensions["tanji"], gate=OwnMachine())
    app.config["WTF_CSRF_ENABLED"] = False
    return app
