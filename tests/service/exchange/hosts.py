"""PACT hosts on real sockets for the tests: Ling's service, with Bo's firm as her partner and Chen as another one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import make
from cryptography.fernet import Fernet
from sqlmodel import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from factors.library import load
from service import config, db
from service.accounts import clients
from service.accounts.actions import Actor
from service.calculations import footprint_runs
from service.exchange.pact import partners, publishing, received
from service.exchange.pact.client import Client, Login
from service.exchange.pact.partners import NewPartner
from service.exchange.pact.transport import Http
from service.products import actions as products
from service.sealing import Seal
from tests.lca.exchanged import BOARD, data

SOURCE = "https://ling.example/3/events"
SAID: dict[str, Any] = {
    "company_ids": ["urn:pact:company:customcode:supplier-id:ling"],
    "product_ids": ["urn:gtin:4712345060507"],
    "description": "Wood-fibre board, 16 mm",
    "fossil_carbon_kg": "0.05",
    "ccs_included": "false",
    "classifications": ["urn:cpc:3141"],
    "standards": ["ISO14067"],
}
library = cache(load)


class Known(Seal):
    """A seal whose key everybody knows."""

    def _key(self) -> Fernet:
        return Fernet(b"A" * 43 + b"=")


SEAL = Known(Path(), "partner")


@dataclass
class Host:
    """A service that answers at ``url``; ``logins`` are who its partners are there."""

    url: str
    database: db.Database
    logins: dict[str, Login] = field(default_factory=dict)

    def client(self, who: str = "bo", **changed: Any) -> Client:
        """A partner's client."""
        return Client(replace(self.logins[who], **changed), Http(frozenset({"127.0.0.1"})), pause=lambda _: None)


def board(session: Session, actor: Actor, product: str = "board", glue: str = "0.3") -> str:
    """Freeze a footprint of a board and return its name."""
    given = data(BOARD.replace("amount: 0.3,", f"amount: {glue},").replace("id: board", f"id: {product}", 1))
    products.put_model(session, actor, given, "board.yaml", make.NOW, reason="other glue")
    study = footprint_runs.Study(product, "pact.3.0", "other glue")
    return footprint_runs.run(session, actor, study, library(), make.NOW).id


def published(session: Session, actor: Actor, product: str = "board", **said: Any) -> str:
    """Publish a board and return its identifier."""
    name = board(session, actor, product)
    return publishing.publish(session, actor, name, SAID | said, make.NOW, source=SOURCE).id


def partner(
    session: Session, actor: Actor, code: str, sees: tuple[str, ...] = ("*",), scopes: str = "pact", **more: Any
) -> tuple[str, str]:
    """Register a partner with a client of its own; return the client's id and secret."""
    row, secret = clients.create(session, actor, f"{code}'s host", scopes, make.NOW)
    given = NewPartner(code, code.title(), api_client_id=row.id, sees=sees, **more)
    partners.add(session, actor, given, SEAL, make.NOW)
    return row.id, secret


def fill(session: Session, actor: Actor) -> None:
    """Put a row into every table of the exchange."""
    partner(session, actor, "bo", base_url="https://bo.example", client_id="ling", client_secret="hush")
    row = publishing.show(session, actor, published(session, actor))
    document = publishing.written(row, "3") or {}
    received.keep(session, actor, partners.show(session, actor, "bo"), document, "3", make.NOW)


class Silent(WSGIRequestHandler):
    """Says nothing of every request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(app: Any, url_of: Any) -> Iterator[str]:
    """Serve an application on a free port; ``url_of`` is told the address before the first request."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    url = f"http://127.0.0.1:{server.server_port}"
    url_of(url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def ours(database_url: str, folder: Path, **settings: str) -> Iterator[Host]:
    """Our own service."""
    from service.app import create_app

    given = {"DATABASE_URL": database_url, "TANJI_DATA": str(folder / "data"), "TANJI_LANGUAGE": "en"}
    app = create_app(config.load({**given, "TANJI_LOG_LEVEL": "error", **settings}))

    def reached_at(url: str) -> None:
        if "TANJI_BASE_URL" not in settings:
            house = app.extensions["tanji"]
            app.extensions["tanji"] = replace(house, settings=replace(house.settings, base_url=url))

    try:
        with serving(app, reached_at) as url:
            yield Host(url, app.extensions["tanji"].database)
    finally:
        app.extensions["tanji"].database.dispose()
