"""A client of PACT hosts: sign in, list with paging, fetch, send events; versions 2 and 3.

Sign-in is OAuth2 with client credentials (RFC 6749, 4.4): the token endpoint is the one that
``/.well-known/openid-configuration`` names, else ``/auth/token``.
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from service.errors import N_
from service.exchange.pact import events, paging
from service.exchange.pact.errors import AddressRefused, PartnerUnreachable
from service.exchange.pact.transport import OTHER_HOST, Answer, Http, host_of, same_origin, shown
from service.i18n import Text

Record = Mapping[str, Any]

MOST_PAGES = 1_000
TRIES = 3
"""How often a question is asked while a host is busy or away."""

PAUSE = 1.0
"""Seconds before the second try, at least; twice as many before each further one, and up to as many again by lot."""

LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one a little later."""

EARLY = 30.0
"""Seconds before its end from which on a token is not used any more."""

STATUS = N_("it answered %(status)s: %(said)s")
NO_TOKEN = N_("it gives no token: %(said)s")
NO_JSON = N_("its answer is no JSON")
NO_DATA = N_("its answer has no '%(key)s'")
ENDLESS = N_("its list has more than %(most)s pages")


class Refused(PartnerUnreachable):
    """A host that answered, and said no; ``status`` is what it said."""

    code = "pact-partner-refuses"

    def __init__(self, host: str, answered: int, said: str) -> None:
        self.answered = answered
        super().__init__(host=host, reason=Text(STATUS, status=answered, said=said))


@dataclass(frozen=True, slots=True)
class Login:
    """Where a partner's host is, and who we are there."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str = ""  # where it is another than the base
    version: str = "3"


@dataclass
class Client:
    """Speaks to one host. The token is kept until it ends."""

    login: Login
    http: Http
    pause: Callable[[float], None] = time.sleep
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def footprints(self, query: Mapping[str, Sequence[str]] | None = None, limit: int = 0) -> Iterator[Record]:
        """Yield the footprints that the host lists, page by page.

        Raises:
            PartnerUnreachable: it does not answer as the specification says.
            AddressRefused: the host may not be spoken to, or sends us to another one.
        """
        asked = {**(query or {}), **({"limit": [str(limit)]} if limit else {})}
        url = self._address("footprints") + (f"?{urlencode(asked, doseq=True)}" if asked else "")
        for _ in range(MOST_PAGES):
            answer = self._get(url)
            listed = self._data(answer)
            if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
                raise PartnerUnreachable(host=host_of(url), reason=Text(NO_DATA, key="data: […]"))
            yield from listed
            following = paging.next_of(answer.headers.get("link", ""))
            if not following:
                return
            if not same_origin(url, following):
                raise AddressRefused(url=shown(following), reason=Text(OTHER_HOST))
            url = following
        raise PartnerUnreachable(host=host_of(url), reason=Text(ENDLESS, most=MOST_PAGES))

    def footprint(self, identifier: str) -> Record:
        """Return one footprint.

        Raises:
            Refused: there is none, or not for us.
            PartnerUnreachable, AddressRefused: as ``footprints``.
        """
        answer = self._get(f"{self._address('footprints')}/{quote(identifier, safe='')}")
        found = self._data(answer)
        if not isinstance(found, Mapping):
            raise PartnerUnreachable(host=host_of(self.login.base_url), reason=Text(NO_DATA, key="data: {…}"))
        return found

    def send(self, event: Record) -> None:
        """Send an event once; who calls decides when to try again.

        Raises:
            Refused: the host does not take it.
            PartnerUnreachable, AddressRefused: as ``footprints``.
        """
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"Content-Type": events.MEDIA_TYPE}
        answer = self._signed("POST", self._address("events"), headers, body)
        if not 200 <= answer.status < 300:
            raise self._refused(answer)

    def ask(self, what: str, body: bytes = b"", media_type: str = "") -> Answer:
        """Return the bare answer of the host to a question behind its version: ``footprints?limit=1``."""
        headers = {"Accept": "application/json", **({"Content-Type": media_type} if media_type else {})}
        return self._signed("POST" if body else "GET", self._address(what), headers, body)

    # --- sign-in ---------------------------------------------------------------------------------

    def _sign_in(self) -> str:
        if self._token and time.monotonic() < self._until:
            return self._token
        login = self.login
        pair = f"{quote(login.client_id, safe='')}:{quote(login.client_secret, safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        answer = self.http.send("POST", self._token_endpoint(), headers, b"grant_type=client_credentials")
        found = _json(answer.body)
        token = found.get("access_token") if isinstance(found, Mapping) else None
        if not 200 <= answer.status < 300 or not isinstance(token, str) or not token.isprintable() or not token:
            said = f"{answer.status} {_said(answer)}"
            raise PartnerUnreachable(host=host_of(self._auth()), reason=Text(NO_TOKEN, said=said))
        lasts = found.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and not isinstance(lasts, bool) else EARLY
        self._token, self._until = token, time.monotonic() + seconds - EARLY
        return token

    def _auth(self) -> str:
        return (self.login.auth_url or self.login.base_url).rstrip("/")

    def _token_endpoint(self) -> str:
        """Return the endpoint that discovery names; a host without discovery has it at ``/auth/token``."""
        fallback = f"{self._auth()}/auth/token"
        answer = self.http.send("GET", f"{self._auth()}/.well-known/openid-configuration", {"Accept": "*/*"})
        found = _json(answer.body) if answer.status == 200 else None
        named = found.get("token_endpoint") if isinstance(found, Mapping) else None
        return named if isinstance(named, str) and named else fallback

    # --- questions -------------------------------------------------------------------------------

    def _address(self, what: str) -> str:
        return f"{self.login.base_url.rstrip('/')}/{self.login.version}/{what}"

    def _get(self, url: str) -> Answer:
        """Ask, again and later while the host is busy or away."""
        wait = PAUSE
        for left in reversed(range(TRIES)):
            try:
                answer = self._signed("GET", url, {"Accept": "application/json"})
            except PartnerUnreachable:
                if not left:
                    raise
            else:
                if answer.status not in LATER or not left:
                    break
            self.pause(wait + random.uniform(0, wait))  # noqa: S311  spreads load, guards nothing
            wait *= 2
        if not 200 <= answer.status < 300:
            raise self._refused(answer)
        return answer

    def _signed(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send with a token; one that the host no longer takes is renewed once."""
        for is_last in (False, True):
            authorised = {**headers, "Authorization": f"Bearer {self._sign_in()}"}
            answer = self.http.send(method, url, authorised, body)
            if answer.status != 401 or is_last:
                break
            self._token = ""
        return answer

    def _data(self, answer: Answer) -> Any:
        found = _json(answer.body)
        if found is None:
            raise PartnerUnreachable(host=host_of(self.login.base_url), reason=Text(NO_JSON))
        if not isinstance(found, Mapping) or "data" not in found:
            raise PartnerUnreachable(host=host_of(self.login.base_url), reason=Text(NO_DATA, key="data"))
        return found["data"]

    def _refused(self, answer: Answer) -> Refused:
        return Refused(host_of(self.login.base_url), answer.status, _said(answer))


def _json(body: bytes) -> Any:
    """Return a document, None for what is none, or holds half a character, which nobody can store."""
    try:
        found = json.loads(body)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


def _said(answer: Answer) -> str:
    """Return what a host says of a refusal: its code and message, else the beginning of its answer."""
    found = _json(answer.body)
    if isinstance(found, Mapping):
        keys = ("code", "message", "error", "error_description")
        told = " ".join(str(found[key]) for key in keys if isinstance(found.get(key), str))
        if told:
            return told[:300]
    return answer.body[:120].decode("utf-8", "replace")
