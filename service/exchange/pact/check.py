"""Whether a host keeps the specification where a partner would notice: asked from outside, one line for each question.

The questions are those of PACT's conformance tests that need no second host: sign-in, list, pages, single footprints,
refusals, and whether the footprints keep what the check of ours knows.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from lca.pact_check import problems
from service.errors import N_, ServiceError
from service.exchange.pact import events, paging
from service.exchange.pact.client import Client, Login, Refused
from service.exchange.pact.errors import PartnerUnreachable
from service.exchange.pact.transport import Http
from service.i18n import Text, tell

MOST_CHECKED = 200
"""Footprints that are looked through."""

LIST = N_("footprints are listed to who signs in")
WRONG_SECRET = N_("a wrong secret is given no token")
LIMIT = N_("no more than the limit, with a link to the rest on the same host")
ONE = N_("each is fetched by its identifier")
SOUND = N_("footprints keep the specification")
UNKNOWN = N_("an identifier of nothing is not found, by an error object")
STRANGER = N_("without a token nothing is given")
BAD_EVENT = N_("an event that is none is refused, by an error object")

ANSWERED = N_("it answered %(status)s: %(said)s")
WRONG = N_("%(count)s things wrong; first: %(first)s")
DIFFERS = N_("footprint %(key)s is another one when it is fetched")
TOO_MANY = N_("%(count)s footprints, 1 was asked for")
NO_LINK = N_("there is more, and no link to it")
TAKEN = N_("it was let in")
NOTHING = N_("no footprint was listed that could be looked at")


@dataclass(frozen=True, slots=True)
class Line:
    """One question, and what is wrong with the answer: '' if nothing is."""

    question: str
    problem: str


def checked(login: Login, http: Http) -> Iterator[Line]:
    """Ask a host and yield what it answers to each question."""
    asked = _Asked(Client(login, http))
    for question, ask in (
        (LIST, asked.listed),
        (WRONG_SECRET, asked.wrong_secret),
        (LIMIT, asked.limited),
        (ONE, asked.fetched),
        (SOUND, asked.sound),
        (UNKNOWN, asked.unknown),
        (STRANGER, asked.stranger),
        (BAD_EVENT, asked.bad_event),
    ):
        yield Line(question, _told(ask))


def _told(ask: Callable[[], str | Text]) -> str:
    try:
        return tell(ask())
    except ServiceError as error:
        return tell(error)


class _Asked:
    """A host that is asked; footprints are listed once."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.found: list[Mapping[str, Any]] = []

    def listed(self) -> str | Text:
        self.found = list(islice(self.client.footprints(), MOST_CHECKED))
        return ""

    def wrong_secret(self) -> str | Text:
        other = Client(replace(self.client.login, client_secret=uuid.uuid4().hex), self.client.http)
        try:
            list(islice(other.footprints(), 1))
        except Refused as error:  # a token was given; only what it opens is closed
            return tell(error)
        except PartnerUnreachable:
            return ""
        return TAKEN

    def limited(self) -> str | Text:
        answer = self.client.ask("footprints?limit=1")
        data = json.loads(answer.body)["data"] if answer.status == 200 else []
        if len(data) > 1:
            return Text(TOO_MANY, count=len(data))
        if len(self.found) > 1:
            if not paging.next_of(answer.headers.get("link", "")):
                return NO_LINK
            list(islice(self.client.footprints(limit=1), 3))  # a link to another host is refused
        return ""

    def fetched(self) -> str | Text:
        for one in self.found[:10]:
            if self.client.footprint(str(one.get("id", ""))) != one:
                return Text(DIFFERS, key=str(one.get("id", ""))[:100])
        return "" if self.found else NOTHING

    def sound(self) -> str | Text:
        wrong = [flaw for one in self.found for flaw in problems(one, self.client.login.version)]
        return Text(WRONG, count=len(wrong), first=f"{wrong[0]}") if wrong else "" if self.found else NOTHING

    def unknown(self) -> str | Text:
        return self._refused(f"footprints/{uuid.uuid4()}", frozenset({404}))

    def stranger(self) -> str | Text:
        login = self.client.login
        answer = self.client.http.send("GET", f"{login.base_url}/{login.version}/footprints", {})
        return "" if answer.status in (400, 401) else Text(ANSWERED, status=answer.status, said="")

    def bad_event(self) -> str | Text:
        return self._refused("events", frozenset(range(400, 500)), b'{"type": "none"}')

    def _refused(self, what: str, wanted: frozenset[int], body: bytes = b"") -> str | Text:
        """Ask for what has to be refused, with an error object."""
        answer = self.client.ask(what, body, events.MEDIA_TYPE if body else "")
        try:
            found = json.loads(answer.body)
        except ValueError:
            found = None
        is_object = isinstance(found, Mapping) and {"code", "message"} <= set(found)
        if answer.status in wanted and is_object:
            return ""
        return Text(ANSWERED, status=answer.status, said=answer.body[:80].decode("utf-8", "replace"))
