"""Floods: how many requests whoever asks may make, so that nobody is kept from what is there by somebody else.

A person is counted wherever the request comes from, a program under its client, a stranger under the address: of
version 6 under the first 64 bits, which one household has to itself. Counts are kept in this process, or for all of
them together at ``REDIS_URL``; while that does not answer, in this process again, which is written down.
"""

from __future__ import annotations

import ipaddress
from functools import partial

import flask
from flask import Flask
from flask_limiter import ApplicationLimit, Limiter

from service.accounts.people import digest
from service.config import Settings
from service.http import asking, now

GUESSES = frozenset(
    {
        *("people.sign_in", "people.enter_code", "people.forgot", "people.reset", "people.invitation"),
        *("people.change_password", "people.confirm_second_factor", "people.turn_off_second_factor"),
        *("oauth.token", "pact.token"),
    }
)
"""Where something secret can be guessed at, or a letter is sent: what is posted there has a limit of its own."""

SIGN_ON = frozenset({"sign-on.begin", "sign-on.done", "sign-on.take_up"})
"""What asks a provider each time; a browser is sent there, and posts nothing."""

COSTLY = frozenset(
    {
        *("verification.verify", "pages.report", "reports.issue", "reports.workbook", "jobs.report"),
        *("footprint-trials.compute", "footprint-trials.compute_file", "footprints.upload"),
        *("product-templates.workbook", "templates.workbook", "supply.workbook", "answers.state_file"),
    }
)
"""What takes seconds of this machine, each counted for itself."""

COSTLY_POSTED = frozenset({"supply.answer"})
"""A form to look at, and the same work as those above where something is posted."""

UNCOUNTED = frozenset({"static", "pages.health"})
NETWORK, REDIS_SECONDS = 64, 1
SCHEMES = {"unix": "redis+unix"}
"""What the client of Redis and the library that counts call differently."""


def install(app: Flask, settings: Settings) -> None:
    """Count every request to ``app``, once it is known who asks, and tell in every answer what is left."""
    scheme, _, rest = settings.redis_url.partition("://")
    limiter = Limiter(
        who,
        application_limits=[
            ApplicationLimit(partial(_general, settings), key_function=who),
            ApplicationLimit(partial(_tight, settings), key_function=who, scope=_scope),
        ],
        strategy="sliding-window-counter",
        storage_uri=f"{SCHEMES.get(scheme, scheme)}://{rest}" if rest else "memory://",
        storage_options=dict.fromkeys(("socket_connect_timeout", "socket_timeout"), REDIS_SECONDS) if rest else {},
        in_memory_fallback_enabled=True,
        key_prefix="tanji",
        request_identifier=lambda: flask.request.endpoint or "nothing",
    )
    limiter.request_filter(_is_uncounted)
    limiter.init_app(app)
    app.after_request(partial(_tell, limiter))


def who() -> str:
    """Return under what this request is counted."""
    found = asking()
    if found is not None and found.client_id:
        return f"client {found.client_id}"
    if found is not None:  # by e-mail, whether a page asks or a token; the counter need not know it
        return f"person {digest(found.name)}"
    return f"address {network(flask.request.remote_addr or '')}"


def network(address: str) -> str:
    """Return what an address belongs to: of version 6 the network of one household, of version 4 itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "none"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, NETWORK), strict=False))


def _general(settings: Settings) -> str:
    return settings.limit_strangers if asking() is None else settings.limit_known


def _tight(settings: Settings) -> str:
    endpoint = flask.request.endpoint
    if endpoint in SIGN_ON or (endpoint in GUESSES and flask.request.method == "POST"):
        return settings.limit_guesses
    is_costly = endpoint in COSTLY or (endpoint in COSTLY_POSTED and flask.request.method == "POST")
    return settings.limit_costly if is_costly else ""


def _scope(endpoint: str) -> str:
    return "guesses" if endpoint in GUESSES | SIGN_ON else endpoint


def _is_uncounted() -> bool:
    found = asking()
    return flask.request.endpoint in UNCOUNTED or (found is not None and found.acts_for_all)


def _tell(limiter: Limiter, response: flask.Response) -> flask.Response:
    found = limiter.current_limit
    if found is not None:
        response.headers["X-RateLimit-Limit"] = str(found.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(max(found.remaining, 0))
        response.headers["X-RateLimit-Reset"] = str(found.reset_at)
        if found.breached:
            response.headers["Retry-After"] = str(max(found.reset_at - int(now().timestamp()), 1))
    return response
