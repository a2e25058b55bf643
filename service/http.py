"""What every JSON endpoint shares: the house it works in, the transaction of a request, one shape of error.

A request that may change something (not GET, HEAD or OPTIONS) works on a writing session. It is committed when
the answer is below 400 and rolled back otherwise; no endpoint commits.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

import flask
import structlog
from flask import Flask, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import RateLimitExceeded
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from flask_smorest.spec import prepare_response
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.http import parse_accept_header

from factors.errors import FactorsError
from factors.library import Library
from lca.errors import LcaError
from service import db, i18n, logs
from service.audit.kinds import RowKind
from service.config import Settings
from service.errors import N_, InputInvalid, ServiceError, Wrong, problem, problem_of, status_of
from service.lasting import Lasting
from service.mail import Mail
from service.schemas import CURSOR_MESSAGE, Problem, cursor, named

PROBLEM = "application/problem+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# In an address: the largest key that a table can have; beyond it there is nothing, and the database would not be asked.
KEY = "int(max=2147483647)"
NUMBER = f"<{KEY}:number>"
VERSION = "<int(min=1, max=2147483647):version>"
MOST_JSON = 16 * 1024 * 1024  # bytes; files may be larger, and are not held in memory whole
LONGEST_NAME = 80  # characters of a submitted file's name; a folder takes 255 bytes
UNAUTHORISED = 401
PROGRAM = version("tanji")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

REPEATING: Mapping[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "chosen by the sender: sent again under it within a day, the request is not done again and is "
    "answered as before; another request under it is refused",
}

MESSAGES: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", N_("the request cannot be read")),
    401: ("sign-in-needed", N_("sign in first, or send a token that is good")),
    403: ("cross-site", N_("a page of another site may not change anything here")),
    404: ("not-found", N_("there is nothing at this address")),
    405: ("method-not-allowed", N_("this address does not answer this method")),
    406: ("not-acceptable", N_("there is no answer in a form that is accepted")),
    413: ("too-large", N_("what was sent is larger than is accepted")),
    415: ("unsupported-media-type", N_("what was sent has another media type than is read here")),
    422: ("input-invalid", N_("what was sent is not valid")),
    429: ("too-many-requests", N_("too many requests: wait a little, then try again")),
    500: ("internal", N_("something went wrong here; it has been written down")),
    503: ("unavailable", N_("the database does not answer; try again later")),
}
FLOODS: Mapping[str, str] = {
    "second": N_("too many requests: %(count)s a second are answered; wait a little, then try again"),
    "minute": N_("too many requests: %(count)s a minute are answered; wait a little, then try again"),
    "hour": N_("too many requests: %(count)s an hour are answered; wait a little, then try again"),
    "day": N_("too many requests: %(count)s a day are answered; wait a little, then try again"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# Nothing is called so; PostgreSQL would not even be asked for a name with a NUL.
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NUL = "\x00"
"""What PostgreSQL keeps in no text, and nobody enters into a form."""
TELLING = frozenset({"footprints"})
"""Pages that say themselves at which row a text cannot be written."""

LINK_SECRET = re.compile(r"[\w-]{43,}")  # 32 bytes in base64url

LISTED = range(2**31)  # keys that a table can have

Row = TypeVar("Row")
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])

log = logs.get("tanji.http")


@dataclass(frozen=True, slots=True)
class House:
    """What this process works with, made once at start."""

    settings: Settings
    database: db.Database
    library: Library
    mail: Mail
    gate: Any  # service.accounts.gate.Gate; this module stands below accounts
    providers: tuple[Any, ...] = ()  # service.accounts.providers.Provider
    lasting: Lasting = field(default_factory=Lasting)


def house() -> House:
    """Return what this process works with."""
    found: House = current_app.extensions["tanji"]
    return found


def now() -> datetime:
    """Return the time of this request; verbs are given it and never look at a clock."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    found: datetime = g.now
    return found


def asking() -> Any:
    """Return the ``Principal`` who asks; None for a stranger, at the few addresses that answer one."""
    return g.get("asking")


def acting(code: str) -> Any:
    """Return the ``Actor`` who acts for the organisation ``code`` in this request.

    Raises:
        NotFound: there is no such organisation, or none that whoever asks may see.
    """
    admitted = g.admitted
    if request.method in SAFE and admitted.code == code:  # found by the gate, in this very transaction
        return admitted.actor
    return house().gate.actor(db.session(), admitted.asking, code)


def acting_for_none() -> Any:
    """Return the ``Actor`` of this request who acts for no organisation."""
    return house().gate.house(asking())


def rooms(session: Session) -> Any:
    """Return the organisations that whoever asks may see, by code."""
    return house().gate.rooms(session, asking())


@contextmanager
def only_reading(code: str) -> Iterator[tuple[Session, Any]]:
    """Give a reading session and who acts on it, inside a request that may write: what takes long needs no lock.

    Raises:
        NotFound: there is no such organisation, or none that whoever asks may see.
    """
    with house().database.session(write=False) as session:
        yield session, house().gate.actor(session, asking(), code)


class Api(SmorestApi):  # type: ignore[misc]
    """The API with one shape of error, RFC 9457, in the OpenAPI file too."""

    ERROR_SCHEMA = Problem

    def handle_http_exception(self, error: HTTPException) -> flask.Response:
        """Answer what Flask, webargs or a missing address raised."""
        return _http_problem(error)

    def _register_responses(self) -> None:
        # As flask-smorest does it, but with the media type that errors have here.
        from http import HTTPStatus

        named = {status.name: status.phrase for status in HTTPStatus if status >= 400}
        for name, phrase in {**named, "DEFAULT_ERROR": "Any other error"}.items():
            response: dict[str, Any] = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(name, response, lazy=True)


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """A group of endpoints; flask-smorest's own, with types that a checker can follow."""

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Serve a view at ``rule``."""
        return cast(Callable[[View], View], super().route(rule, **options))

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:
        """Check what is sent by ``schema`` and hand it to the view first."""
        return cast(Callable[[View], View], super().arguments(schema, **options))

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        """Answer with ``status_code`` and what the view returns, written by ``schema``."""
        return cast(Callable[[View], View], super().response(status_code, schema, **options))

    def doc(self, **said: Any) -> Callable[[View], View]:
        """Say in the OpenAPI file what the other decorators cannot."""
        return cast(Callable[[View], View], super().doc(**said))


class Sessions(SecureCookieSessionInterface):
    """The cookie of pages; what programs ask for is answered without a look at it."""

    def open_session(self, app: Flask, request: flask.Request) -> Any:
        """Return what the cookie holds, nothing for a program."""
        return self.make_null_session(app) if is_for_programs(request) else super().open_session(app, request)


def is_for_programs(asked: flask.Request) -> bool:
    """Tell whether a request is of the JSON API, where nobody is let in by a cookie."""
    return asked.path.startswith("/api/")


def install(app: Flask) -> None:
    """Give every request its transaction, language, security headers and log line, and every error its shape.

    ``guard`` comes after it: between the two it is known who asks, and not yet whether he may.
    """
    app.session_interface = Sessions()
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_end)
    for kind in (ServiceError, FactorsError, LcaError):
        app.register_error_handler(kind, _problem)
    app.register_error_handler(OperationalError, _no_database)


def guard(app: Flask) -> None:
    """Hold every request against the rule of its address, and read nothing of strangers who may send nothing."""
    app.before_request(_let_in)
    app.before_request(_refuse_unreadable)
    app.before_request(_answer_again)


def _begin() -> None:
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex)
    i18n.set_language(_wanted_language())
    if CONTROL.search(request.path) or (wants_page() and any(map(CONTROL.search, request.args.values()))):
        raise NotFound
    _refuse_cross_site()
    opened = house().database.open(write=request.method not in SAFE)
    g.scope = db.using(opened)
    g.session = g.scope.__enter__()
    g.asking = None
    with _looking_up() as session:
        g.asking = house().gate.identify(session, request, now())


def _let_in() -> None:
    if request.endpoint is not None:
        with _looking_up() as session:
            g.admitted = house().gate.let_in(session, request, asking())


def _answer_again() -> flask.Response | None:
    """Return the answer of a request that was answered before; remember to keep the answer of one that may come again.

    It is looked for without the writer's lock; of two that are being answered at once, the later one finds out at its
    end and is undone.
    """
    if request.endpoint is None or request.method in SAFE or not is_for_programs(request):
        return None
    asked = house().gate.repeatable(asking(), request)
    if asked is None:
        return None
    with _looking_up() as session:
        answer: flask.Response | None = house().gate.answered(session, asked, now())
    if answer is None:
        g.repeatable = asked
    return answer


@contextmanager
def _looking_up() -> Iterator[Session]:
    """Give a session without the writer's lock: what is asked may take long before it writes."""
    if request.method in SAFE:
        yield g.session
    else:
        with house().database.session(write=False) as session:
            yield session


def _wanted_language() -> str:
    asked = request.args.get("language", "")
    if asked in ("zh", "en"):
        return asked
    return _first_spoken(request.headers.get("Accept-Language", "")) or house().settings.language


@lru_cache(256)
def _first_spoken(wishes: str) -> str:
    """Return the first language of an Accept-Language header that is spoken here, '' where none is."""
    for wish in parse_accept_header(wishes, LanguageAccept).values():
        if wish.lower().startswith(("zh", "en")):
            return wish
    return ""


def _refuse_cross_site() -> None:
    """Refuse what a page of another site makes a browser send; the forms' own tokens come on top of it."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    if site not in ("none", "same-origin") or origin != request.host_url.rstrip("/"):
        raise Forbidden


def _refuse_unreadable() -> None:
    """Refuse what the rooms behind fail on.

    In JSON: thousands of digits or brackets, halves of characters, too much; in forms: NUL.
    """
    is_form = request.method not in SAFE and request.blueprint not in TELLING
    if request.is_json:
        if len(request.get_data()) > MOST_JSON:
            raise RequestEntityTooLarge
        try:
            json.dumps(json.loads(request.get_data()), ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise BadRequest from error
    elif is_form and any(NUL in text for _, text in request.form.items(multi=True)):
        raise BadRequest


def _finish(response: flask.Response) -> flask.Response:
    opened = g.get("session")
    if opened is not None and request.method not in SAFE:
        response = _ended(opened, response)
    if "tag" in g and response.status_code < 300:
        response.set_etag(g.tag)
        response.headers["Cache-Control"] = "private, no-cache"  # whoever keeps it asks every time whether he still may
        if request.method in SAFE and "If-None-Match" in request.headers:
            response.make_conditional(request)
    if "next" in g:
        response.headers["Link"] = g.next
    present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  iterating gives pairs
    response.headers.extend((name, value) for name, value in HEADERS.items() if name.lower() not in present)
    if is_for_programs(request) or "token" in (request.view_args or {}):  # what a secret opens, no cache keeps
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Factor-Library-Version"] = house().library.version
    response.headers.add("Vary", "Accept-Language")
    if house().settings.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "started" in g:
        took = round((time.perf_counter() - g.started) * 1000, 1)
        log.info("request", method=request.method, path=_told(request), status=response.status_code, ms=took)
    return response


def _told(asked: flask.Request) -> str:
    """Return the path of a request as the log has it: whoever reads it must not be let in by the secret of a link."""
    if asked.url_rule is None:  # a link with something behind it, or asked for by another method, is still that link
        return LINK_SECRET.sub("…", asked.path)
    secret = (asked.view_args or {}).get("token")
    return asked.path.replace(secret, "…") if secret else asked.path


def _ended(opened: Session, response: flask.Response) -> flask.Response:
    asked = g.get("repeatable")
    if response.status_code < 400 and asked is not None:
        try:
            house().gate.keep(opened, asked, request.endpoint, response, now())
        except ServiceError as error:
            response = _problem(error)
    if response.status_code < 400:
        opened.commit()
    else:
        opened.rollback()
    return response


def _end(_: BaseException | None) -> None:
    scope = g.pop("scope", None)
    if scope is not None:
        scope.__exit__(None, None, None)
        g.pop("session").close()


def _problem(error: Exception) -> flask.Response:
    status = status_of(error)
    if status == UNAUTHORISED:
        return _unknown(error)
    if status >= 500:
        log.error("failed", code=getattr(error, "code", ""), error=str(error))
    return _answer(problem_of(error), status)


def _unknown(error: Exception) -> flask.Response:
    """Send a person to the page that asks who he is, and tell a program how to say it."""
    if wants_page() and request.method == "GET":
        wanted = request.full_path.removesuffix("?")
        return cast(flask.Response, flask.redirect(flask.url_for("people.sign_in", next=wanted), 303))
    response = _answer(problem_of(error), UNAUTHORISED)
    response.headers["WWW-Authenticate"] = 'Bearer realm="tanji"'
    return response


def _no_database(error: OperationalError) -> flask.Response:
    log.error("database", error=str(error.orig))
    code, message = MESSAGES[503]
    return _answer(problem(code, 503, i18n.gettext(message)), 503)


def _http_problem(error: HTTPException) -> flask.Response:
    status = error.code or 500
    code, _ = MESSAGES.get(status, ("http-error", ""))
    wrong = list(named(getattr(error, "data", {}).get("messages", {})))
    answer = _answer(problem(code, status, sentence(error), wrong), status)
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def sentence(error: HTTPException) -> str:
    """Return what an error of the web says to whoever asked, in the language in use."""
    if isinstance(error, RateLimitExceeded):
        reached = error.limit.limit
        return i18n.gettext(FLOODS[reached.GRANULARITY.name], count=reached.amount)
    _, message = MESSAGES.get(error.code or 500, ("", error.name))
    return i18n.gettext(message)


def _answer(shape: Mapping[str, object], status: int) -> flask.Response:
    if wants_page():
        page = flask.render_template("pages/error.html", problem=shape)
        return flask.Response(page, status, mimetype="text/html")
    return flask.Response(flask.json.dumps(shape), status, mimetype=PROBLEM)


def place(asked: Mapping[str, Any], kind: type[T], first: T) -> T:
    """Return what the part of a list that is asked for stands behind, ``first`` for the first part.

    Raises:
        InputInvalid: the cursor is of another list.
    """
    if asked["cursor"] is None:
        return first
    found = asked["cursor"]
    if not isinstance(found, kind) or (CONTROL.search(found) if isinstance(found, str) else found not in LISTED):
        raise InputInvalid([Wrong("cursor", "not-a-cursor", CURSOR_MESSAGE)])
    return found


def part(rows: Sequence[T], asked: Mapping[str, Any], key: Callable[[T], str | int], *, whole: bool = True) -> list[T]:
    """Return the part of a list that is asked for; a header names the next one.

    ``rows`` are the whole list, or begin at the place asked for and hold one row more than the part.

    Raises:
        InputInvalid: the cursor is of another list, or of a row that has left this one.
    """
    begin = 0
    if whole and asked["cursor"] is not None:
        begin = next((number for number, row in enumerate(rows, 1) if key(row) == asked["cursor"]), 0)
        if not begin:
            raise InputInvalid([Wrong("cursor", "not-a-cursor", CURSOR_MESSAGE)])
    end = begin + asked["limit"]
    found = list(rows[begin:end])
    if len(rows) > end:
        query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
        address = f"{request.path}?{urlencode([*query, ('cursor', cursor(key(found[-1])))])}"
        g.next = f'<{quote(address, safe="/?&=%")}>; rel="next"'
    return found


def tagged(kind: RowKind, row: Row) -> Row:
    """Return a row, and send its digest along: whoever changes it can say by it what he saw."""
    g.tag = kind.digest(row)
    return row


def frozen(sha256: str, make: Callable[[], object]) -> flask.Response:
    """Answer with what ``make`` reads off a frozen content, by whose digest it is kept and known to the client.

    Whether whoever asks may see it, the caller has asked before.
    """
    # Another program may say the same content otherwise.
    key = hashlib.sha256(f"{request.endpoint} {sha256} {PROGRAM}".encode()).hexdigest()
    content = house().lasting.get(key, lambda: flask.json.dumps(make(), separators=(",", ":")).encode())
    g.tag = key
    return flask.Response(content, mimetype="application/json")


def keep_as(response: flask.Response, name: str) -> None:
    """Make an answer a file to be kept under ``name``.

    A header holds ASCII alone: any other name is said encoded (RFC 6266), with what is left of it in ASCII beside it.
    """
    simple = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = (
        {"filename": simple} if simple == name else {"filename": simple, "filename*": f"UTF-8''{quote(name, safe='')}"}
    )
    response.headers.set("Content-Disposition", "attachment", **names)


def harmless(name: str) -> str:
    """Return the name under which a submitted file may lie in a folder: its own in any script, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char if char.isalnum() or char in "._- ()" else "_" for char in last)
    return kept.strip(". ")[-LONGEST_NAME:].lstrip(".- ") or "file"


def wants_page() -> bool:
    """Tell whether an answer is for a person in a browser rather than a program."""
    return not request.path.startswith(("/api/", "/oauth/", "/health", "/ready"))
