"""Every setting, read from the environment once and checked at start.

=========================  =========================  =====================================================
variable                   default                    meaning
=========================  =========================  =====================================================
DATABASE_URL               SQLite file in TANJI_DATA  SQLAlchemy URL: ``sqlite:///…`` or ``postgresql://…``
TANJI_DATA                 ./var                      directory of database, evidence, reports, keys
TANJI_CACHE                ~/.cache/tanji             directory of the compiled factor library
TANJI_LANGUAGE             zh                         language of messages, ``zh`` or ``en``
TANJI_BIND                 127.0.0.1:8000             loopback address and port to serve at
TANJI_WORKERS              2                          web processes
TANJI_BASE_URL             http://127.0.0.1:8000      address under which this service is reached
TANJI_MAX_UPLOAD_MB        50                         largest file that is accepted
TANJI_SIGNING_KEY          (self-made)                PKCS#12 file that signs reports
TANJI_SIGNING_PASSWORD     (empty)                    its password
TANJI_SECRET_KEY           (made once)                signs cookies and links; all machines of one service share it
TANJI_BREACHED_PASSWORDS   (none)                     sorted file of SHA-1 digests of stolen passwords
TANJI_LOG_LEVEL            info                       ``debug``, ``info``, ``warning`` or ``error``
TANJI_PACT_PRIVATE_HOSTS   (none)                     partners' hosts that may have private addresses, with commas
DASK_SCHEDULER             (in process)               address of a Dask scheduler for portfolios, ``tcp://…``
REDIS_URL                  (file in TANJI_DATA)       queue that wakes the workers, ``redis://…``
TANJI_JOB_WORKERS          0                          worker processes that start and stop with the web server
TANJI_WEBHOOK_LOOPBACK     no                         ``yes``: webhooks may go to this machine, also by http
TANJI_SMTP_URL             (no mail)                  server that mail is sent by, ``smtp://`` or ``smtps://…``
TANJI_SMTP_AUTHORITY       (none)                     PEM file of the authority that certified that server
TANJI_MAIL_FROM            (none)                     address that mail is sent from
TANJI_OIDC_PROVIDERS       (none)                     YAML file of providers of single sign-on
TANJI_PROXIES              0, with https 1            proxies in front, each of which adds to ``X-Forwarded-For``
TANJI_LIMIT_KNOWN          1200/minute                requests of one person or one API client
TANJI_LIMIT_STRANGERS      300/minute                 requests from one address of somebody who is not signed in
TANJI_LIMIT_GUESSES        30/minute;300/hour         tries to sign in, tokens, letters, from one address
TANJI_LIMIT_COSTLY         30/minute                  verifications, reports, trials, of whoever asks; each by itself
=========================  =========================  =====================================================

A limit is ``NUMBER/second``, ``minute``, ``hour`` or ``day``, several with ``;``, or ``none``.
``DATABASE_URL``, ``REDIS_URL``, ``TANJI_SMTP_URL``, ``TANJI_SIGNING_PASSWORD`` and ``TANJI_SECRET_KEY`` may instead
name a file that holds the value, by the variable with ``_FILE`` behind it. Served is on loopback; a proxy that speaks
TLS stands in front.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from service.errors import ConfigurationInvalid
from service.i18n import N_, Text, normalise

# The umask of whatever writes: amounts, proofs and keys are nothing for the group and for others.
PRIVATE = 0o077
LOG_LEVELS = ("debug", "info", "warning", "error")
DATABASES = ("sqlite", "postgresql")
QUEUES = ("redis", "rediss", "unix")
KNOWN, STRANGERS, GUESSES, COSTLY = "1200/minute", "300/minute", "30/minute;300/hour", "30/minute"
"""How many requests there may be, see ``service.accounts.floods``."""

WRONG_LANGUAGE = N_("'%(value)s' is neither zh nor en")
WRONG_NUMBER = N_("'%(value)s' is not a whole number from %(low)s to %(high)s")
WRONG_CHOICE = N_("'%(value)s' is none of: %(choices)s")
WRONG_URL = N_("'%(value)s' is not an http or https address")
WRONG_SCHEDULER = N_("'%(value)s' is no address of a Dask scheduler, such as tcp://127.0.0.1:8786")
WRONG_QUEUE = N_("'%(value)s' is not the address of a Redis server, such as redis://127.0.0.1:6379/0")
WRONG_SMTP = N_("'%(value)s' is not the address of an SMTP server, such as smtp://user:password@mail.example:587")
WRONG_SENDER = N_("'%(value)s' is no e-mail address: mail needs one that it is sent from")
WRONG_DATABASE = N_("'%(value)s' is not a SQLAlchemy URL of SQLite or PostgreSQL")
TWO_USERS = N_("more than one '@': write the '@' of a user name or password as %%40")
WRONG_BIND = N_("'%(value)s' is not a loopback address with a port, such as 127.0.0.1:8000")
WRONG_HOST = N_("'%(value)s' is no host, such as pcf.intern or 127.0.0.1:4010")
WRONG_LIMIT = N_("'%(value)s' is no limit, such as 30/minute;300/hour, nor 'none'")
NO_FILE = N_("there is no file '%(value)s'")
NOT_A_DIRECTORY = N_("'%(value)s' is not a directory")
BOTH_GIVEN = N_("give either %(name)s or %(name)s_FILE, not both")

LIMIT = re.compile(r"[1-9]\d{0,8}/(second|minute|hour|day)(;[1-9]\d{0,8}/(second|minute|hour|day))*")
HOST = re.compile(r"(\[[0-9a-f:]+\]|[0-9a-z_.:-]+?)(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment said; see the table of this module."""

    data: Path
    cache: Path | None
    database_url: str = field(repr=False)  # may hold a password
    language: str
    bind: str
    workers: int
    base_url: str
    max_upload_mb: int
    signing_key: Path | None
    signing_password: str = field(repr=False)
    log_level: str
    dask_scheduler: str = ""
    pact_private_hosts: frozenset[str] = frozenset()
    secret_key: str = field(default="", repr=False)
    breached_passwords: Path | None = None
    redis_url: str = field(default="", repr=False)  # may hold a password
    job_workers: int = 0
    webhook_loopback: bool = False
    smtp_url: str = field(default="", repr=False)  # may hold a password
    mail_from: str = ""
    smtp_authority: Path | None = None
    oidc_providers: Path | None = None
    proxies: int = 0
    limit_known: str = KNOWN
    limit_strangers: str = STRANGERS
    limit_guesses: str = GUESSES
    limit_costly: str = COSTLY

    @property
    def evidence(self) -> Path:
        """Directory of evidence files, each named by its SHA-256."""
        return self.data / "evidence"

    @property
    def is_secure(self) -> bool:
        """Tell whether the service is reached by TLS."""
        return self.base_url.startswith("https:")

    @property
    def max_upload_bytes(self) -> int:
        """Largest accepted file in bytes (1 MB = 1024 × 1024 bytes)."""
        return self.max_upload_mb * 1024 * 1024


VARIABLES = (
    "DATABASE_URL",
    "TANJI_DATA",
    "TANJI_CACHE",
    "TANJI_LANGUAGE",
    "TANJI_BIND",
    "TANJI_WORKERS",
    "TANJI_BASE_URL",
    "TANJI_MAX_UPLOAD_MB",
    "TANJI_SIGNING_KEY",
    "TANJI_SIGNING_PASSWORD",
    "TANJI_SECRET_KEY",
    "TANJI_BREACHED_PASSWORDS",
    "TANJI_LOG_LEVEL",
    "TANJI_PACT_PRIVATE_HOSTS",
    "DASK_SCHEDULER",
    "REDIS_URL",
    "TANJI_JOB_WORKERS",
    "TANJI_WEBHOOK_LOOPBACK",
    "TANJI_SMTP_URL",
    "TANJI_SMTP_AUTHORITY",
    "TANJI_MAIL_FROM",
    "TANJI_OIDC_PROVIDERS",
    "TANJI_PROXIES",
    "TANJI_LIMIT_KNOWN",
    "TANJI_LIMIT_STRANGERS",
    "TANJI_LIMIT_GUESSES",
    "TANJI_LIMIT_COSTLY",
)


class _Reader:
    """Reads variables one by one and remembers everything wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[tuple[str, Text]] = []

    def wrong(self, variable: str, message: str, **params: object) -> None:
        self.problems.append((variable, Text(message, **params)))

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def secret(self, name: str) -> str:
        """Read a value given directly or as the content of the file that ``NAME_FILE`` names."""
        file = self.environ.get(f"{name}_FILE", "").strip()
        if not file:
            return self.environ.get(name, "")
        if self.environ.get(name):
            self.wrong(name, BOTH_GIVEN, name=name)
        if not Path(file).is_file():
            self.wrong(f"{name}_FILE", NO_FILE, value=file)
            return ""
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")

    def language(self, name: str) -> str:
        value = self.text(name, "zh")
        try:
            return normalise(value)
        except ValueError:
            self.wrong(name, WRONG_LANGUAGE, value=value)
            return "en"

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self.wrong(name, WRONG_NUMBER, value=value, low=low, high=high)
        return default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in choices:
            self.wrong(name, WRONG_CHOICE, value=value, choices=", ".join(choices))
        return value

    def address(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.wrong(name, WRONG_URL, value=value)
        return value

    def scheduler(self, name: str) -> str:
        value = self.text(name, "")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("tcp", "tls") or not parts.hostname):
            self.wrong(name, WRONG_SCHEDULER, value=value)
        return value

    def queue(self, name: str) -> str:
        value = self.secret(name).strip()
        scheme, found, _ = value.partition("://")
        if value and (not found or scheme not in QUEUES):
            # The value may hold a password: only its scheme is repeated.
            self.wrong(name, WRONG_QUEUE, value=f"{scheme if found else ''}://…")
        return value

    def hosts(self, name: str) -> frozenset[str]:
        """Read names of hosts, each with its port or without."""
        found = frozenset(part for one in self.text(name, "").split(",") if (part := one.strip().lower()))
        for one in sorted(found):
            if not HOST.fullmatch(one):
                self.wrong(name, WRONG_HOST, value=one)
        return found

    def smtp(self, name: str) -> str:
        value = self.secret(name).strip()
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is none
            is_good = False
        if value and not is_good:
            # The value may hold a password: only its scheme is repeated.
            self.wrong(name, WRONG_SMTP, value=f"{value.partition(':')[0] if '://' in value else ''}://…")
        return value

    def sender(self, name: str, server: str) -> str:
        value = self.text(name, "")
        if (server or value) and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
            self.wrong(name, WRONG_SENDER, value=value)
        return value

    def limit(self, name: str, default: str) -> str:
        """Read how many requests there may be; '' for as many as anybody likes."""
        value = self.text(name, default).lower().replace(" ", "")
        if value == "none":
            return ""
        if not LIMIT.fullmatch(value):
            self.wrong(name, WRONG_LIMIT, value=value)
        return value

    def bind(self, name: str, default: str) -> str:
        value = self.text(name, default)
        host, _, port = value.rpartition(":")
        if not (is_loopback(host) and port.isascii() and port.isdigit() and int(port) < 65536):
            self.wrong(name, WRONG_BIND, value=value)
        return value

    def directory(self, name: str, default: str) -> Path:
        path = Path(self.text(name, default)).expanduser().absolute()
        if path.exists() and not path.is_dir():
            self.wrong(name, NOT_A_DIRECTORY, value=path)
        return path

    def file(self, name: str) -> Path | None:
        value = self.text(name, "")
        if not value:
            return None
        path = Path(value).expanduser().absolute()
        if not path.is_file():
            self.wrong(name, NO_FILE, value=path)
        return path

    def database(self, name: str, data: Path) -> str:
        value = self.secret(name).strip()
        if not value:
            return f"sqlite:///{data / 'tanji.sqlite3'}"
        scheme, found, rest = value.partition("://")
        if not found or scheme.partition("+")[0] not in DATABASES:
            # The value may hold a password: only its scheme is repeated.
            self.wrong(name, WRONG_DATABASE, value=f"{scheme if found else ''}://…")
        elif not scheme.startswith("sqlite") and rest.count("@") > 1:
            # Half of the password would be taken for the name of the server, and told to everyone.
            self.wrong(name, TWO_USERS)
        return value


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this machine and no other."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (the process environment by default).

    Raises:
        ConfigurationInvalid: values that cannot be; every wrong variable is named.
    """
    read = _Reader(os.environ if environ is None else environ)
    data = read.directory("TANJI_DATA", "./var")
    smtp_url = read.smtp("TANJI_SMTP_URL")
    base_url = read.address("TANJI_BASE_URL", "http://127.0.0.1:8000")
    settings = Settings(
        data=data,
        cache=read.directory("TANJI_CACHE", "") if read.text("TANJI_CACHE", "") else None,
        database_url=read.database("DATABASE_URL", data),
        language=read.language("TANJI_LANGUAGE"),
        bind=read.bind("TANJI_BIND", "127.0.0.1:8000"),
        workers=read.number("TANJI_WORKERS", 2, 1, 64),
        base_url=base_url,
        max_upload_mb=read.number("TANJI_MAX_UPLOAD_MB", 50, 1, 2048),
        signing_key=read.file("TANJI_SIGNING_KEY"),
        signing_password=read.secret("TANJI_SIGNING_PASSWORD"),
        log_level=read.choice("TANJI_LOG_LEVEL", "info", LOG_LEVELS),
        dask_scheduler=read.scheduler("DASK_SCHEDULER"),
        pact_private_hosts=read.hosts("TANJI_PACT_PRIVATE_HOSTS"),
        secret_key=read.secret("TANJI_SECRET_KEY"),
        breached_passwords=read.file("TANJI_BREACHED_PASSWORDS"),
        redis_url=read.queue("REDIS_URL"),
        job_workers=read.number("TANJI_JOB_WORKERS", 0, 0, 64),
        webhook_loopback=read.choice("TANJI_WEBHOOK_LOOPBACK", "no", ("yes", "no")) == "yes",
        smtp_url=smtp_url,
        mail_from=read.sender("TANJI_MAIL_FROM", smtp_url),
        smtp_authority=read.file("TANJI_SMTP_AUTHORITY"),
        oidc_providers=read.file("TANJI_OIDC_PROVIDERS"),
        proxies=read.number("TANJI_PROXIES", 1 if base_url.startswith("https:") else 0, 0, 8),
        limit_known=read.limit("TANJI_LIMIT_KNOWN", KNOWN),
        limit_strangers=read.limit("TANJI_LIMIT_STRANGERS", STRANGERS),
        limit_guesses=read.limit("TANJI_LIMIT_GUESSES", GUESSES),
        limit_costly=read.limit("TANJI_LIMIT_COSTLY", COSTLY),
    )
    if read.problems:
        raise ConfigurationInvalid(read.problems)
    return settings
