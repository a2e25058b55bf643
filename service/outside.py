"""The one way out: a POST to an address that a customer wrote down, and to nowhere inside.

Whoever may write down an address may not make this service knock at its own doors. The name is resolved once, every
address it has is judged, and the connection goes to the very address that was judged: a name that points elsewhere
a moment later (DNS rebinding) leads nowhere. Redirects are not followed, proxies not asked; size and time are limited.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from urllib.parse import SplitResult, urlsplit

from service.errors import N_, InputInvalid, ServiceError, Wrong
from service.i18n import Text

SECONDS = 10.0  # for all of it: connection, handshake, answer
MOST_BYTES = 64 * 1024  # of an answer; nobody reads more of it
LONGEST_URL = 2_000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

# RFC 6052: what stands behind the prefix is an IPv4 address.
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# All that is given out of IPv6 for one receiver (RFC 4291, IANA).
UNICAST = ipaddress.IPv6Network("2000::/3")
PRINTABLE = re.compile(r"[\x21-\x7e]+")

NOT_AN_ADDRESS = N_("'%(url)s' is not an https address without user name and fragment")
NOT_OUTSIDE = N_("'%(host)s' leads to %(address)s, which is no public address")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: str  # its beginning


class Post(Protocol):
    """Something that hands over a body."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer.

        Raises:
            Unreachable: there is none.
        """


class Unreachable(ServiceError):
    """An address that gives no answer, or none that is asked for."""

    code: ClassVar[str] = "unreachable"
    message: ClassVar[str] = N_("'%(host)s' cannot be reached: %(reason)s")
    status: ClassVar[int] = 503

    def __init__(self, host: str, reason: object) -> None:
        super().__init__(host=host, reason=reason)


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Outside:
    """The way out. ``loopback`` lets it lead to this machine too, and there without TLS: for development alone."""

    loopback: bool = False
    resolve: Resolve = _resolved
    seconds: float = SECONDS

    def check(self, url: str) -> SplitResult:
        """Return an address taken apart, having made sure that it may be written down.

        A name is not looked up: it may lead elsewhere by the time something is sent.

        Raises:
            InputInvalid: it is none that anything is ever sent to.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _wrong(url) from None
        plain = PRINTABLE.fullmatch(url) and len(url) <= LONGEST_URL and "\\" not in url
        if not plain or not parts.hostname or "@" in parts.netloc or parts.fragment or port == 0:
            raise _wrong(url)
        if parts.scheme not in (("https", "http") if self.loopback else ("https",)):
            raise _wrong(url)
        literal = _literal(parts.hostname)
        if literal is not None and not self.allows(literal, parts.scheme):
            raise InputInvalid([Wrong("url", "not-outside", Text(NOT_OUTSIDE, host=parts.hostname, address=literal))])
        return parts

    def allows(self, address: Address, scheme: str = "https") -> bool:
        """Tell whether something may be sent to ``address``."""
        plain = unwrapped(address)
        if plain.is_loopback:
            return self.loopback
        return scheme == "https" and is_public(plain)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send ``body`` and return the answer, whatever its status; a redirect is an answer.

        Raises:
            InputInvalid: an address that nothing is sent to.
            Unreachable: no such name, an address inside, no answer in time, or not in TLS.
        """
        parts = self.check(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port, parts.scheme)
        connection = _To(address, host, port, self.seconds, tls=parts.scheme == "https")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with _at_most(self.seconds, connection):
                connection.request("POST", path, body, {**headers, "Connection": "close"})
                answer = connection.getresponse()
                return Answer(answer.status, answer.read(MOST_BYTES).decode(errors="replace"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(host, type(error).__name__) from error
        finally:
            connection.close()

    def _address(self, host: str, port: int, scheme: str) -> str:
        """Return the one address that is connected to; one bad address among several spoils the name."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(host, type(error).__name__) from error
        for one in found:
            if not self.allows(ipaddress.ip_address(one.partition("%")[0]), scheme):
                raise Unreachable(host, Text(NOT_OUTSIDE, host=host, address=one))
        if not found:
            raise Unreachable(host, "-")
        return found[0]


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), any other as it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (any(address in net for net in NAT64) or (int(address) >> 32 == 0 and int(address) > 1)):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the Internet: not to this machine, its network, a group or nobody."""
    if isinstance(address, ipaddress.IPv6Address) and (address not in UNICAST or address.teredo is not None):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> Address | None:
    """Return the address that a host is in itself, however it is spelled: 127.1, 2130706433 and 0x7f.1 too."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _wrong(url: str) -> InputInvalid:
    return InputInvalid([Wrong("url", "not-an-address", Text(NOT_AN_ADDRESS, url=url[:LONGEST_URL]))])


class _To(http.client.HTTPConnection):
    """A connection to an address that is known, speaking to the name it was found under."""

    def __init__(self, address: str, host: str, port: int, seconds: float, *, tls: bool) -> None:
        super().__init__(f"[{host}]" if ":" in host else host, port, timeout=seconds)
        self._address, self._name, self._tls = address, host, tls
        # How http.client writes the Host header: without the port that everybody expects.
        self.default_port = 443 if tls else 80

    def connect(self) -> None:
        """Connect to the address, and make sure by its certificate that it is who was meant."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._name)

    def hang_up(self) -> None:
        """End what is going on, from another thread."""
        if self.sock is not None:
            self.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _at_most(seconds: float, connection: _To) -> Iterator[None]:
    """End the block after ``seconds``: a limit for each read lets an answer drip in for hours.

    Raises:
        TimeoutError: what was read until then is only a part.
    """
    is_late = threading.Event()

    def late() -> None:
        is_late.set()
        with suppress(OSError):  # over already
            connection.hang_up()

    timer = threading.Timer(seconds, late)
    timer.daemon = True
    timer.start()
    try:
        yield
        if is_late.is_set():
            raise TimeoutError
    finally:
        timer.cancel()


@dataclass(slots=True)
class Nowhere:
    """The null twin: keeps what would have been sent, and answers as it is told to."""

    answers: list[Answer | Unreachable] = field(default_factory=list)
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Keep it, and give the next answer; 200 where none is left."""
        self.sent.append((url, body, dict(headers)))
        answer = self.answers.pop(0) if self.answers else Answer(200, "")
        if isinstance(answer, Unreachable):
            raise answer
        return answer
