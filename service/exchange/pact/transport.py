"""How this program speaks to the hosts of partners: over TLS, to public addresses, in bounded time and size.

A name is looked up once, every address behind it has to be public, and the connection goes to the address that was
judged: a name that means something else a moment later leads nowhere inside. Hosts that the setting
``TANJI_PACT_PRIVATE_HOSTS`` names are taken as they are: another machine of the same house, a mock on this one. Only
those may be spoken to without TLS, and only on this machine.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from service import outside
from service.config import is_loopback
from service.errors import N_
from service.exchange.pact.errors import AddressRefused, PartnerUnreachable
from service.i18n import Text

SECONDS = 20.0
"""How long a partner may take for one answer, all of it."""

MOST_BYTES = 32 * 1024 * 1024
MOST_REDIRECTS = 3
CHUNK = 64 * 1024
PORTS = {"https": 443, "http": 80}
REDIRECTS = frozenset({301, 302, 303, 307, 308})

NOT_HTTPS = N_("only https is spoken")
NO_HOST = N_("it is no address of a host")
IS_PRIVATE = N_("%(address)s is not a public address")
OTHER_HOST = N_("the partner sends us on to another host")
UNKNOWN = N_("its name is not known")
TOO_LARGE = N_("its answer is larger than %(most)s bytes")
TOO_SLOW = N_("it took longer than %(seconds)s seconds")
ROUND_ABOUT = N_("it redirects more than %(most)s times")
NO_ANSWER = N_("no connection, or one that broke off (%(kind)s)")

Lookup = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Http:
    """Speaks to hosts; ``private`` are those that may be private, as ``name`` or ``name:port``."""

    private: frozenset[str] = frozenset()
    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES
    lookup: Lookup = field(default=looked_up)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Return the answer of a host; a GET follows it on to other addresses of the same host.

        Raises:
            AddressRefused: not https, not public, or another host.
            PartnerUnreachable: no answer, or one beyond the bounds.
        """
        deadline = time.monotonic() + self.seconds
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(method, url, headers, body, deadline)
            if method != "GET" or answer.status not in REDIRECTS:
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            if not same_origin(url, target):
                raise AddressRefused(url=shown(target), reason=Text(OTHER_HOST))
            url = target
        raise PartnerUnreachable(host=host_of(url), reason=Text(ROUND_ABOUT, most=MOST_REDIRECTS))

    def judged(self, url: str) -> tuple[SplitResult, int, str]:
        """Return the parts of an address, its port, and the one numeric address to connect to.

        Raises:
            AddressRefused: nothing may be sent there.
            PartnerUnreachable: nobody knows the name.
        """
        parts, port = _parts(url)
        host = parts.hostname or ""
        is_private = bool({host, f"{host}:{port}"} & self.private)
        if parts.scheme != "https" and not (is_private and is_loopback(host)):
            raise AddressRefused(url=shown(url), reason=Text(NOT_HTTPS))
        try:
            addresses = self.lookup(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise PartnerUnreachable(host=host, reason=Text(UNKNOWN))
        for one in addresses:
            if not is_private and not is_public(one):
                raise AddressRefused(url=shown(url), reason=Text(IS_PRIVATE, address=one))
        return parts, port, addresses[0]

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        parts, port, address = self.judged(url)
        host = parts.hostname or ""
        target = urllib3.util.Url(path=parts.path or "/", query=parts.query or None).url
        # An answer that is not compressed cannot grow beyond its bounds while it is unpacked.
        sent = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity", **headers}
        pool = self._pool(parts.scheme, host, address, port)
        try:
            response = pool.urlopen(
                method, target, body or None, sent, retries=False, redirect=False, preload_content=False,
                timeout=urllib3.Timeout(total=max(deadline - time.monotonic(), 0.001)),
            )  # fmt: skip
            try:
                content = self._read(response, host, deadline)
            finally:
                response.close()
        except (HTTPError, OSError) as error:
            raise PartnerUnreachable(host=host, reason=Text(NO_ANSWER, kind=type(error).__name__)) from error
        finally:
            pool.close()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, content)

    def _pool(self, scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port)
        return urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)

    def _read(self, response: urllib3.BaseHTTPResponse, host: str, deadline: float) -> bytes:
        content = bytearray()
        for chunk in response.stream(CHUNK, decode_content=False):
            content += chunk
            if len(content) > self.most_bytes:
                raise PartnerUnreachable(host=host, reason=Text(TOO_LARGE, most=self.most_bytes))
            if time.monotonic() > deadline:
                raise PartnerUnreachable(host=host, reason=Text(TOO_SLOW, seconds=self.seconds))
        return bytes(content)


def _parts(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    is_plain = not any(character <= " " or character == "\\" for character in url)
    if not parts.hostname or not port or parts.username is not None or not is_plain:
        raise AddressRefused(url=shown(url), reason=Text(NO_HOST))
    return parts, port


def is_public(address: str) -> bool:
    """Tell whether a numeric address is one of the internet; one inside another is judged for itself."""
    return outside.is_public(outside.unwrapped(ipaddress.ip_address(address.partition("%")[0])))


def same_origin(one: str, other: str) -> bool:
    """Tell whether two addresses are of the same scheme, host and port."""
    try:
        (first, port), (second, other_port) = _parts(one), _parts(other)
    except AddressRefused:
        return False
    return (first.scheme, first.hostname, port) == (second.scheme, second.hostname, other_port)


def host_of(url: str) -> str:
    """Return the host of an address, as it is told to a person."""
    return urlsplit(url).hostname or shown(url)


def shown(url: str) -> str:
    """Return an address without what may be secret in it: user, password, query."""
    return url.partition("?")[0].rpartition("@")[2][:200]
