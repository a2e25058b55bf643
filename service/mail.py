"""Mail: short messages to one person each, handed to one SMTP server; without one, to nobody.

``smtp://`` speaks TLS by STARTTLS, and to no other machine without it; ``smtps://`` speaks TLS from the first byte.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy.exc import SQLAlchemyError

from service import logs
from service.config import Settings, is_loopback

SECONDS = 10.0
PORTS = {"smtp": 587, "smtps": 465}
PLAIN = "the server offers no STARTTLS"

log = logs.get("tanji.mail")


class Mail(Protocol):
    """Something that takes messages."""

    @property
    def is_on(self) -> bool:
        """Tell whether messages reach anybody."""

    def send(self, to: str, subject: str, text: str) -> bool:
        """Hand a message over; tell whether it was taken."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """The twin that sends nothing."""

    is_on: bool = False

    def send(self, to: str, subject: str, text: str) -> bool:
        """Send nothing."""
        del to, subject, text
        return False


@dataclass(frozen=True, slots=True)
class Smtp:
    """One SMTP server."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    from_the_first: bool = False  # smtps
    may_be_plain: bool = False  # on this machine
    authority: Path | None = None  # whose certificates are trusted beside those that this machine trusts
    is_on: bool = True

    def send(self, to: str, subject: str, text: str) -> bool:
        """Hand a message over; what goes wrong is written down, without the message."""
        try:
            message = EmailMessage()
            message["From"], message["To"] = Address(addr_spec=self.sender), Address(addr_spec=to)
            message["Subject"] = subject
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(text)
            with self._connection() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException, MessageError, ValueError, IndexError) as error:
            log.warning("mail", server=self.host, error=type(error).__name__)
            return False
        return True

    def _connection(self) -> smtplib.SMTP:
        safe = ssl.create_default_context()
        if self.authority is not None:
            safe.load_verify_locations(self.authority)
        if self.from_the_first:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=safe)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls") and not self.may_be_plain:
                server.starttls(context=safe)
                server.ehlo()
            elif not self.may_be_plain:
                raise smtplib.SMTPNotSupportedError(PLAIN)
        except BaseException:
            server.close()
            raise
        return server


def of(settings: Settings) -> Mail:
    """Return the server that the settings name, or nobody."""
    if not settings.smtp_url:
        return Nobody()
    parts = urlsplit(settings.smtp_url)
    host = parts.hostname or ""
    return Smtp(
        host,
        parts.port or PORTS[parts.scheme],
        settings.mail_from,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        from_the_first=parts.scheme == "smtps",
        may_be_plain=is_loopback(host) and settings.smtp_authority is None,
        authority=settings.smtp_authority,
    )


def soon(call: Callable[[], object]) -> Future[None]:
    """Do ``call`` beside the request, whose answer then takes as long whatever there is to send."""
    return _beside().submit(_logged, call)


def _logged(call: Callable[[], object]) -> None:
    try:
        call()
    except SQLAlchemyError as error:
        log.warning("mail", error=type(error).__name__)


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
