"""How another program talks to a service: its address, a token, and what comes back.

``operations.Remote`` has a method for every operation of the API; this is what they share. Nothing of the service is
needed beside it: no database, no settings.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import urllib3

from service.errors import N_, ServiceError, Wrong

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NEXT = re.compile(r'<([^>]+)>; rel="next"')
TRIES = 3
TIMEOUT = urllib3.Timeout(connect=10, read=300)
JSON_TYPES = ("application/json", "application/problem+json")

SentFile = tuple[str, bytes]
"""Name and content."""


class ServerUnusable(ServiceError):
    """An address that no token is sent to."""

    code = "server-unusable"
    message = N_("'%(server)s' is no address of a service: https://…, or http://127.0.0.1 on this machine")


class ServerSilent(ServiceError):
    """A service that does not answer, or not as one."""

    code = "server-silent"
    message = N_("the service at %(server)s does not answer: %(reason)s")
    status = 503


class Refused(ServiceError):
    """A request that was refused; ``told`` is the problem as the service wrote it (RFC 9457)."""

    code = "refused"
    message = N_("the service refused it: %(detail)s (%(status)s %(code)s)")

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        errors = told.get("errors", ())
        wrong = [Wrong(one["field"], one["code"], one["message"]) for one in errors]
        super().__init__(wrong, detail=told.get("detail", ""), status=status, code=told.get("code", ""))
        self.answered = status
        self.told = dict(told)


class Caller:
    """A service at ``server``, asked by whoever's ``token`` it is."""

    def __init__(self, server: str, token: str, *, language: str = "en") -> None:
        parts = urlsplit(server)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not is_safe or not parts.hostname:
            raise ServerUnusable(server=server)
        self.server = server.rstrip("/")
        self._http = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        files: Mapping[str, SentFile] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask for something and return it: what JSON says, or bytes.

        A POST has a key of its own, so that one that got lost on the way can be sent again and is done once.

        Raises:
            Refused: the service says what is wrong.
            ServerSilent: nobody answers.
        """
        return _content(self._answer(method, path, query, body, files, headers))

    def rows(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Yield a whole list, part by part.

        Raises:
            As ``call``.
        """
        wanted, asked = path, query
        while wanted:
            answer = self._answer("GET", wanted, asked, None, None, None)
            yield from _content(answer)
            following = NEXT.search(answer.headers.get("Link", ""))
            wanted, asked = (following[1], None) if following else ("", None)

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: object,
        files: Mapping[str, SentFile] | None,
        headers: Mapping[str, str] | None,
    ) -> urllib3.BaseHTTPResponse:
        sent = {**self._headers, **({"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {})}
        sent |= {name: value for name, value in (headers or {}).items() if value}
        wanted = [(name, one) for name, value in (query or {}).items() for one in _texts(value)]
        address = urljoin(f"{self.server}/", path) + (f"?{urlencode(wanted)}" if wanted else "")
        given: dict[str, Any] = {"redirect": False, "headers": sent}
        if files:
            given["fields"] = dict(files)
        elif body is not None:
            given["body"] = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        return self._sent(method, address, given)

    def _sent(self, method: str, address: str, given: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
        reason = ""
        for _ in range(TRIES if method in ("GET", "POST") else 1):
            try:
                answer = self._http.request(method, address, **given)
            except urllib3.exceptions.HTTPError as error:
                reason = type(error).__name__
                continue
            if answer.status < 300:
                return answer
            told = _content(answer)
            if isinstance(told, dict) and "code" in told:
                raise Refused(answer.status, told)
            raise ServerSilent(server=self.server, reason=f"HTTP {answer.status}")
        raise ServerSilent(server=self.server, reason=reason)


def method_name(operation: str) -> str:
    """Return the method of ``operations.Remote`` for an operation: ``activities.put_site`` is activities_put_site."""
    return operation.replace(".", "_").replace("-", "_").rstrip("_")


def address(path: str, **values: object) -> str:
    """Return a path with its values in it."""
    return path.format_map({name: quote(str(value), safe="") for name, value in values.items()})


def _texts(value: object) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _content(answer: urllib3.BaseHTTPResponse) -> Any:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if not answer.data:
        return None
    return json.loads(answer.data) if kind in JSON_TYPES else answer.data
