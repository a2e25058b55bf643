"""Requests that are sent again: under one key what was asked for is done once, and answered again as it was.

After draft-ietf-httpapi-idempotency-key-header. An answer is kept in the transaction of what it tells, so that there is
never one without the other; what was refused is not kept and may be sent again under its key.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import delete
from sqlmodel import Session, col, select

from service.accounts.models import KeptAnswer
from service.errors import N_, InputInvalid, ServiceError, Wrong

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)
LONGEST, LARGEST = 200, 8 * 1024 * 1024
OWN_KEYS = frozenset({"jobs.hand_in", "long work.portfolio", "long work.monte_carlo", "long work.import_lci"})
"""Jobs know their keys for good, see ``jobs.actions.hand_in``."""

SECRETS = frozenset(
    {
        *("clients.create", "clients.rotate", "invitations.create", "webhooks.create"),
        *("suppliers.ask", "suppliers.renew"),
    }
)
"""What tells a secret, of which only a digest is kept."""

NOT_A_KEY = N_("a key has 1 to 200 printable ASCII characters without blanks")


class KeyOfOther(ServiceError):
    """A key under which something else was asked for."""

    code = "key-of-other"
    message = N_("the key '%(key)s' was used for another request within a day: choose another")


class KeyInUse(ServiceError):
    """A request that is being answered still."""

    code = "key-in-use"
    message = N_("a request under the key '%(key)s' was being answered meanwhile: send it again to get its answer")
    status = 409


class AnswerNotKept(ServiceError):
    """Something that was done, and whose answer is not to be had again."""

    code = "answer-not-kept"
    message = N_("what was asked for under the key '%(key)s' is done; its answer held a secret or was too large")
    status = 409


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request under a key."""

    holder: str
    key: str
    sha256: str


def of(request: flask.Request, holder: str) -> Repeatable | None:
    """Return the request with its key; None where it has none, or knows what to do with it by itself.

    Raises:
        InputInvalid: what is no key.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or request.endpoint in OWN_KEYS:
        return None
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable() and " " not in key):
        raise InputInvalid([Wrong(HEADER, "not-a-key", NOT_A_KEY)])
    return Repeatable(holder, key, _digest(request))


def _digest(request: flask.Request) -> str:
    digest = hashlib.sha256(f"{request.full_path}\n{request.mimetype}\n".encode())
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data())
        return digest.hexdigest()
    # The boundary between the parts is another one each time.
    for name, text in sorted(request.form.items(multi=True), key=str):
        digest.update(json.dumps([name, text]).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: str(pair[0])):
        content = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
        file.stream.seek(0)
        digest.update(json.dumps([name, file.filename, content]).encode())
    return digest.hexdigest()


def answered(session: Session, asked: Repeatable, now: datetime) -> flask.Response | None:
    """Return the answer that the request had, None where it is asked for the first time.

    Raises:
        KeyOfOther: another request had this key.
        AnswerNotKept: it was done, and its answer cannot be given again.
    """
    condition = (KeptAnswer.holder == asked.holder, KeptAnswer.key == asked.key, col(KeptAnswer.created) > now - KEPT)
    held = session.exec(select(KeptAnswer).where(*condition)).first()
    if held is None:
        return None
    if held.request_sha256 != asked.sha256:
        raise KeyOfOther(key=asked.key)
    if held.body is None:
        raise AnswerNotKept(key=asked.key)
    headers: dict[str, Any] = json.loads(held.headers)
    return flask.Response(zlib.decompress(held.body), held.status, headers)


def keep(session: Session, asked: Repeatable, endpoint: str, response: flask.Response, now: datetime) -> None:
    """Keep an answer for a day; what is older is forgotten.

    Raises:
        IntegrityError: the same was answered meanwhile.
    """
    session.execute(delete(KeptAnswer).where(col(KeptAnswer.created) <= now - KEPT))
    content = None if endpoint in SECRETS else _content(response)
    kept = {name: response.headers[name] for name in ("Content-Type", "Location", "ETag") if name in response.headers}
    session.add(
        KeptAnswer(
            holder=asked.holder, key=asked.key, request_sha256=asked.sha256, status=response.status_code,
            headers=json.dumps(kept), body=content, created=now,
        )
    )  # fmt: skip
    session.flush()


def _content(response: flask.Response) -> bytes | None:
    response.direct_passthrough = False
    content: bytes = response.get_data()
    return zlib.compress(content, 1) if len(content) <= LARGEST else None
